"""Rows of a table as Markdown lines; the one place that says how a table looks in the clean text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qwen_batch.records import Box, Line

NO_BOX = Box(0, 0, 0, 0)
"""The box of a line whose format has no positions."""
MIN_COLUMNS_BELOW_TITLE = 2


def row_text(cells: Iterable[str]) -> str:
    """One row; line breaks and runs of white space become one space, a bar in a cell is escaped."""
    return "| " + " | ".join(" ".join(cell.split()).replace("|", r"\|") for cell in cells) + " |"


def rule_text(columns: int) -> str:
    """The line below the header row."""
    return "|" + " --- |" * columns


def rows_to_lines(rows: Sequence[Sequence[str]]) -> list[Line]:
    """The lines of a table without positions: the first row is its header, short rows are filled up.

    Rows and columns without any text are left out; a table without text has no lines.
    """
    width = max(map(len, rows), default=0)
    used = [index for index in range(width) if any(index < len(row) and row[index].strip() for row in rows)]
    filled = [[row[index] if index < len(row) else "" for index in used] for row in rows if any(map(str.strip, row))]
    lines = [Line(row_text(cells), NO_BOX, kind="table") for cells in filled]
    if lines:
        lines.insert(1, Line(rule_text(len(used)), NO_BOX, kind="table"))
    return lines


def titles_and_table(rows: Sequence[Sequence[str]]) -> tuple[list[str], list[Sequence[str]]]:
    """Parts the titles above a table of several columns, rows with one cell alone, from its rows."""
    filled = [row for row in rows if any(map(str.strip, row))]
    cells = [[cell for cell in row if cell.strip()] for row in filled]
    if max(map(len, cells), default=0) < MIN_COLUMNS_BELOW_TITLE:
        return [], filled
    titles = next(index for index, row in enumerate(cells) if len(row) > 1)
    return [row[0] for row in cells[:titles]], filled[titles:]
