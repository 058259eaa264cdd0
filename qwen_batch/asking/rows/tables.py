"""The tables of a clean text: its rows of cells, those of a table that goes on over pages as one.

Rows of cells are what readers write of ruled tables, sheets and the tables of text formats. Tables without rules are
found by `gapped` in lines that have boxes of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from qwen_batch.asking.rows.gapped import gapped_tables
from qwen_batch.job.rows.names import plain_name
from qwen_batch.job.rows.tables import Cell, Table, TableRow
from qwen_batch.records import CleanDocument, LineSpan

_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\|?(?:\s*:?-{3,}:?\s*\|)+(?:\s*:?-{3,}:?\s*)?")
_DIGIT = re.compile(r"\d")
MIN_COLUMNS = 2
MIN_SAME_KINDS = 0.7
"""Share of the columns of a table's first row that must look as those of the table before, which it then goes on."""


def document_tables(clean: CleanDocument) -> tuple[Table, ...]:
    """The tables of a document in their order; what goes on is one."""
    return tuple(_continued([*_written_tables(clean), *gapped_tables(clean)]))


def _written_tables(clean: CleanDocument) -> Iterator[Table]:
    lines = (line for line in clean.lines if clean.facts_at is None or line.start < clean.facts_at)
    for is_row, group in groupby(lines, key=lambda line: _is_row(clean.text, line)):
        if is_row:
            for block in _blocks(clean.text, list(group)):
                yield from _block_to_table(clean.text, block)


def _is_row(text: str, line: LineSpan) -> bool:
    return text.startswith("|", line.start) and line.end - line.start > 1


def _blocks(text: str, lines: Sequence[LineSpan]) -> Iterator[list[LineSpan]]:
    """Rows with nothing between them but the end of a line."""
    block: list[LineSpan] = []
    for line in lines:
        if block and text[block[-1].end : line.start] != "\n":
            yield block
            block = []
        block.append(line)
    yield block


def _block_to_table(text: str, lines: Sequence[LineSpan]) -> Iterator[Table]:
    """The table of some rows; the row above the rule is its head. Without a rule it is none."""
    rule = next((at for at, line in enumerate(lines) if _RULE.fullmatch(text[line.start : line.end].strip())), None)
    if rule is None or rule == 0:
        return
    rows = [_line_to_row(text, line) for at, line in enumerate(lines) if at != rule]
    head = tuple(cell.text for cell in rows[rule - 1].cells)
    if len(head) >= MIN_COLUMNS:
        yield Table(head, tuple(_filled_up(row, len(head)) for row in rows[rule:]), 1, rows[rule - 1])


def _line_to_row(text: str, line: LineSpan) -> TableRow:
    edges = [line.start + found.start() for found in _BAR.finditer(text[line.start : line.end])]
    if text[edges[-1] + 1 : line.end].strip():
        edges.append(line.end)
    cells = tuple(_cell(text, left + 1, right) for left, right in pairwise(edges))
    return TableRow(cells, line.page, line.box, _addresses(line.place))


def _cell(text: str, start: int, end: int) -> Cell:
    written = text[start:end]
    start += len(written) - len(written.lstrip())
    stripped = written.strip()
    return Cell(stripped.replace(r"\|", "|"), start, start + len(stripped))


def _addresses(place: str) -> tuple[str, ...]:
    """The addresses of a row's cells: "Prices!12:A,C" gives Prices!A12 and Prices!C12."""
    if not place:
        return ()
    row, _, columns = place.rpartition(":")
    sheet, mark, number = row.rpartition("!")
    return tuple(f"{sheet}{mark}{column}{number}" for column in columns.split(","))


def _filled_up(row: TableRow, width: int) -> TableRow:
    if len(row.cells) >= width:
        return row
    end = row.cells[-1].end if row.cells else 0
    return replace(row, cells=(*row.cells, *(Cell("", end, end) for _ in range(width - len(row.cells)))))


def _continued(tables: Sequence[Table]) -> Iterator[Table]:
    """Tables as one where the next repeats the head, or begins with a row that looks like those before."""
    whole: Table | None = None
    for table in tables:
        if whole is not None and len(table.head) == len(whole.head):
            if same_head(table.head, whole.head):
                whole = replace(whole, rows=(*whole.rows, *table.rows), heads=whole.heads + table.heads)
                continue
            if table.rows and whole.rows and _goes_on(whole, table):
                whole = replace(whole, rows=(*whole.rows, *_with_head_as_row(table)), heads=whole.heads)
                continue
        if whole is not None:
            yield whole
        whole = table
    if whole is not None:
        yield whole


def same_head(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two head rows say the same."""
    return [plain_name(name) for name in one] == [plain_name(name) for name in other]


def _goes_on(before: Table, table: Table) -> bool:
    """Whether a table's head is no head: on the next page, its cells have figures where the rows before have them."""
    if table.rows[0].page - before.rows[-1].page not in (0, 1) or not any(map(_DIGIT.search, table.head)):
        return False
    above = [bool(_DIGIT.search(cell.text)) for cell in before.rows[-1].cells]
    same = sum(bool(_DIGIT.search(name)) == figure for name, figure in zip(table.head, above, strict=False))
    return any(above) and same >= MIN_SAME_KINDS * len(table.head)


def _with_head_as_row(table: Table) -> tuple[TableRow, ...]:
    return table.rows if table.first is None else (table.first, *table.rows)
