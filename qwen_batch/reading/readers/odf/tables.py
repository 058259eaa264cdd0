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
