"""Sheets as rows of texts, for tests of what is computed of them."""

from __future__ import annotations

from collections.abc import Sequence

from qwen_batch.job.rows.tables import Cell, Table, TableRow
from qwen_batch.job.workbook.sheets import Sheet, tables_to_sheets
from qwen_batch.records import Behind, Box


def table(head: Sequence[str], rows: Sequence[Sequence[str]], name: str = "S", first: int = 2) -> Table:
    """A table of a sheet whose first row of data stands in a row."""
    return Table(
        tuple(head),
        tuple(
            TableRow(
                tuple(Cell(cell, 0, len(cell)) for cell in row),
                1,
                Box(0, 0, 0, 0),
                tuple(f"{name}!{chr(ord('A') + column)}{at}" for column in range(len(row))),
            )
            for at, row in enumerate(rows, first)
        ),
    )


def sheet(head: Sequence[str], rows: Sequence[Sequence[str]], behind: Sequence[Behind] = ()) -> Sheet:
    """The sheet S with these rows from row 2 on."""
    (made,) = tables_to_sheets([table(head, rows)], behind)
    return made
