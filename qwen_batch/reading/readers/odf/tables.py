"""The rows and cells of an OpenDocument table that are shown, by columns (ODF 1.3 part 3, 9.1)."""

from __future__ import annotations

from collections.abc import Iterator

from qwen_batch.reading.parts.markdown import CellSize
from qwen_batch.reading.parts.ooxml import attribute, descendants, local
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.odf.styles import words_of

MAX_REPEATED = 100
MAX_CELL_PARAGRAPHS = 6


def table_rows(table: Element, writer: PageWriter) -> Iterator[Element]:
    """The rows of a table that are shown."""
    for item in table:
        if local(item) in {"table-header-rows", "table-rows", "table-row-group"}:
            yield from table_rows(item, writer)
        elif local(item) == "table-row":
            if attribute(item, "visibility") in {"collapse", "filter"}:
                writer.hide("row", " ".join(words_of(cell) for cell in item))
            else:
                yield item


def shown_cells(table: Element, writer: PageWriter) -> Iterator[Iterator[Element | None]]:
    """The rows of a table that are shown, each as the cells of its shown columns."""
    hidden = {at for at, is_hidden in enumerate(_columns(table)) if is_hidden}
    for row in table_rows(table, writer):
        cells = list(row_cells(row))
        for at in hidden:
            if at < len(cells) and cells[at] is not None:
                writer.hide("column", words_of(cells[at]))
        yield (cell for at, cell in enumerate(cells) if at not in hidden)


def _columns(table: Element) -> Iterator[bool]:
    """Whether each column is hidden."""
    for item in table:
        if local(item) in {"table-columns", "table-header-columns", "table-column-group"}:
            yield from _columns(item)
        elif local(item) == "table-column":
            count = min(whole_number(attribute(item, "number-columns-repeated")) or 1, MAX_REPEATED)
            yield from [attribute(item, "visibility") in {"collapse", "filter"}] * count


def row_cells(row: Element) -> Iterator[Element | None]:
    """A row's cells by columns, None where another cell reaches into the column."""
    for cell in row:
        if local(cell) in {"table-cell", "covered-table-cell"}:
            count = min(whole_number(attribute(cell, "number-columns-repeated")) or 1, MAX_REPEATED)
            yield cell if local(cell) == "table-cell" else None
            yield from [None] * (count - 1)


def cell_size(cell: Element | None) -> CellSize:
    """How much stands in a cell."""
    if cell is None:
        return CellSize(0)
    paragraphs = sum(1 for _ in descendants(cell, "p"))
    return CellSize(
        len(words_of(cell)), rich=paragraphs > MAX_CELL_PARAGRAPHS or next(descendants(cell, "table"), None) is not None
    )


def whole_number(value: str | None) -> int | None:
    """The number in an attribute, None if there is none."""
    return int(value) if value and value.isascii() and value.isdigit() else None
