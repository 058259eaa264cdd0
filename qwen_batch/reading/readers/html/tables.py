"""The tables of an HTML page: which hold data, and their cells by columns."""

from __future__ import annotations

from collections.abc import Callable

from qwen_batch.reading.parts.markdown import CellSize, holds_data
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.html.look import Looks
from qwen_batch.reading.readers.html.runs import InlineText

MAX_CELL_PARAGRAPHS = 3
"""A cell with more is rich."""
MAX_SPAN = 100
MIN_COLUMNS = 2


class Tables:
    """Reads tables of one page; `hide` is told of what nobody sees in them."""

    def __init__(self, looks: Looks, text: InlineText, hide: Callable[[Element], None]) -> None:
        self._looks = looks
        self._text = text
        self._hide = hide

    def is_data(self, table: Element) -> bool:
        """Whether a table holds data, not the layout of a page."""
        rows = self._rows(table)
        if max(map(len, rows), default=0) < MIN_COLUMNS or table.get("role") in {"presentation", "none"}:
            return False
        nested = next(table.iterdescendants("table"), None) is not None
        return holds_data([[self._size(cell, nested=nested) for cell in row] for row in rows])

    def rows(self, table: Element) -> list[list[str]]:
        """The cells' text row by row; a cell that spans others is followed, or stood under, by empty ones."""
        for element in table.iterdescendants():
            if isinstance(element.tag, str) and self._looks.hidden(element) is not None:
                self._hide(element)
        rows: list[list[str]] = []
        below: dict[int, int] = {}  # column -> rows that a cell above still reaches into
        for cells in self._rows(table):
            row: list[str] = []
            waiting = list(cells)
            while waiting or any(below.get(column, 0) for column in range(len(row), max(below, default=-1) + 1)):
                column = len(row)
                if below.get(column, 0):
                    below[column] -= 1
                    row.append("")
                elif waiting:
                    cell = waiting.pop(0)
                    width, height = _span(cell, "colspan"), _span(cell, "rowspan")
                    row += [self._text.line(cell), *[""] * (width - 1)]
                    below |= dict.fromkeys(range(column, column + width), height - 1)
                else:
                    row.append("")
            rows.append(row)
        return rows

    def _rows(self, table: Element) -> list[list[Element]]:
        rows = table.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr")
        hidden = self._looks.hidden
        return [
            [cell for cell in row.iterchildren("td", "th") if hidden(cell) is None]
            for row in rows
            if hidden(row) is None and (row.getparent() is table or hidden(row.getparent()) is None)
        ]

    def _size(self, cell: Element, *, nested: bool) -> CellSize:
        paragraphs = cell.xpath("./p | ./h1 | ./h2 | ./h3 | ./ul/li | ./ol/li")
        rich = len(paragraphs) > MAX_CELL_PARAGRAPHS or (
            nested and next(cell.iterdescendants("table"), None) is not None
        )
        return CellSize(len("".join(cell.itertext()).strip()), rich)


def _span(cell: Element, name: str) -> int:
    value = (cell.get(name) or "").strip()
    return min(max(int(value), 1), MAX_SPAN) if value.isascii() and value.isdigit() else 1
