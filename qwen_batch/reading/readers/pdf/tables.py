"""Puts ruled tables, as Markdown rows, in place of their text lines; asks pdfplumber where pdfium is unsure of cells.

The only importer of pdfplumber. It is some thirty times slower than pdfium, so the caller names the few pages
where what pdfium's paths show is unsure. A grid that is no table, or whose cells don't hold the same characters as
the lines it would replace, is left alone: text is never lost to a table.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qwen_batch.reading.parts.markdown import row_text, rule_text
from qwen_batch.reading.readers.pdf.layout.cells import GridText
from qwen_batch.records import Box, Line

MIN_ROWS = 2
MIN_COLUMNS = 2
MIN_FILLED_SHARE = 0.5
"""At least so many of a table's cells hold text; a form's empty frame has fewer."""
MAX_CELL_CHARS = 1500
"""A cell with more text is a frame around paragraphs."""
MIN_SAME_CHARS = 0.95
MAX_PAGE_CHARS = 30_000
EDGE_TOLERANCE_PT = 3.0
TABLE_SETTINGS = {"vertical_strategy": "lines", "horizontal_strategy": "lines"}
SLOW = "tables on this page were left as plain lines: finding tables took too long"
BROKEN = "tables on this page were left as plain lines: {error}"


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: the text of its cells, without line breaks, and its box in points of the page."""

    cells: tuple[str, ...]
    box: Box


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table; all rows have the same number of cells."""

    rows: tuple[TableRow, ...]
    box: Box


@dataclass(frozen=True, slots=True)
class PageTables:
    """What was found on one page; `warning` says why nothing was, if something went wrong."""

    tables: tuple[Table, ...] = ()
    warning: str | None = None


def tables_of(path: Path, page_numbers: Iterable[int], budget_s: float) -> dict[int, PageTables]:
    """The ruled tables of some pages; pages that come up after `budget_s` seconds get a warning instead."""
    import pdfplumber

    deadline = time.monotonic() + budget_s
    numbers = sorted(page_numbers)
    found: dict[int, PageTables] = {}
    try:
        with pdfplumber.open(path, pages=numbers) as pdf:
            for page in pdf.pages:
                found[page.page_number] = _page_tables(page) if time.monotonic() < deadline else PageTables((), SLOW)
                page.close()
    except Exception as error:  # noqa: BLE001 - pdfminer raises anything; the plain lines are good enough
        broken = BROKEN.format(error=type(error).__name__)
        found |= {number: PageTables((), broken) for number in numbers if number not in found}
    return found


def _page_tables(page: object) -> PageTables:
    from pdfplumber.page import Page

    if not isinstance(page, Page):
        raise TypeError("expected a page of pdfplumber")
    try:
        if len(page.chars) > MAX_PAGE_CHARS:
            return PageTables((), SLOW)
        left, top = float(page.cropbox[0]), float(page.cropbox[1])
        grids = [
            (
                [[(cell or "").strip() for cell in row] for row in table.extract()],
                [_shifted(row.bbox, left, top) for row in table.rows],
                _shifted(table.bbox, left, top),
            )
            for table in page.find_tables(TABLE_SETTINGS)
        ]
    except Exception as error:  # noqa: BLE001 - one page's oddity must not cost the others their tables
        return PageTables((), BROKEN.format(error=type(error).__name__))
    return PageTables(tuple(table for grid in grids if (table := _real_table(*grid))))


def _shifted(box: tuple[float, float, float, float], left: float, top: float) -> Box:
    return Box(box[0] - left, box[1] - top, box[2] - left, box[3] - top)


def ruled_tables(grids: Sequence[GridText]) -> PageTables:
    """The tables among what the cells of a page's grids say."""
    found = (_real_table(grid.rows, grid.boxes, grid.box) for grid in grids)
    return PageTables(tuple(table for table in found if table))


def _real_table(rows: Sequence[Sequence[str]], boxes: Sequence[Box], box: Box) -> Table | None:
    """The table without its empty rows and columns, None if what is left is no table."""
    columns = [index for index in range(len(rows[0])) if any(row[index] for row in rows)] if rows else []
    kept = [
        TableRow(tuple(" ".join(row[index].split()) for index in columns), row_box)
        for row, row_box in zip(rows, boxes, strict=True)
        if any(row)
    ]
    if len(kept) < MIN_ROWS or len(columns) < MIN_COLUMNS:
        return None
    cells = [cell for row in kept for cell in row.cells]
    filled = sum(map(bool, cells))
    if filled < MIN_FILLED_SHARE * len(cells) or max(map(len, cells)) > MAX_CELL_CHARS:
        return None
    return Table(tuple(kept), box)


def lines_with_tables(lines: Sequence[Line], tables: Sequence[Table]) -> tuple[Line, ...]:
    """The lines with those inside a table replaced by its Markdown rows, where the first of them stood."""
    result = list(lines)
    for table in tables:
        inside = [line for line in result if line.kind == "text" and _within(line.box, table.box)]
        if not inside or not _same_characters(inside, table):
            continue
        at = result.index(inside[0])
        gone = set(map(id, inside))
        rest = [line for line in result[at:] if id(line) not in gone]
        result[at:] = [*_markdown(table), *rest]
    return tuple(result)


def _within(inner: Box, outer: Box) -> bool:
    return (
        inner.x0 >= outer.x0 - EDGE_TOLERANCE_PT
        and inner.x1 <= outer.x1 + EDGE_TOLERANCE_PT
        and outer.y0 <= (inner.y0 + inner.y1) / 2 <= outer.y1
    )


def _same_characters(lines: Sequence[Line], table: Table) -> bool:
    """Whether the cells hold all characters of the lines, in whatever order, and few others."""
    ours = Counter("".join("".join(line.text.split()) for line in lines))
    theirs = Counter("".join("".join(cell.split()) for row in table.rows for cell in row.cells))
    both = (ours & theirs).total()
    return both == ours.total() and both >= MIN_SAME_CHARS * theirs.total()


def _markdown(table: Table) -> list[Line]:
    rows = [Line(row_text(row.cells), row.box, kind="table") for row in table.rows]
    head = table.rows[0]
    rule = Box(head.box.x0, head.box.y1, head.box.x1, head.box.y1)
    rows.insert(1, Line(rule_text(len(head.cells)), rule, kind="table"))
    return rows
