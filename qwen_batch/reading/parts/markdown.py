"""Rows of a table as Markdown lines; the one place that says how a table looks in the clean text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qwen_batch.records import Box, Line

NO_BOX = Box(0, 0, 0, 0)
"""The box of a line whose format has no positions."""
MIN_COLUMNS_BELOW_TITLE = 2
MAX_PLAIN_CHARS = 1500
"""A larger cell is rich: it is paragraphs rather than a value."""
MAX_RICH_CHARS = 8000
"""No row of data has a larger cell."""
MIN_ROWS_OF_DATA = 2


@dataclass(frozen=True, slots=True)
class CellSize:
    """How much stands in a cell; `rich` if it holds a table or many paragraphs."""

    chars: int
    rich: bool = False

    @property
    def is_rich(self) -> bool:
        """Whether it is no plain value."""
        return self.rich or self.chars > MAX_PLAIN_CHARS


def row_text(cells: Iterable[str]) -> str:
    """One row; line breaks and runs of white space become one space, a bar in a cell is escaped."""
    return "| " + " | ".join(" ".join(cell.split()).replace("|", r"\|") for cell in cells) + " |"


def rule_text(columns: int) -> str:
    """The line below the header row."""
    return "|" + " --- |" * columns


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the cells of a table stand in a sheet: the name of the sheet, and by place the names of rows and columns.

    Without a name the sheet is the only one, as in a csv file.
    """

    sheet: str
    rows: Sequence[int]
    columns: Sequence[str]

    def place(self, row: int, columns: Sequence[int]) -> str:
        """The place of some of a row's cells, as `Line.place` has it."""
        mark = f"{self.sheet}!" if self.sheet else ""
        return f"{mark}{self.rows[row]}:{','.join(self.columns[column] for column in columns)}"


def column_letters(column: int) -> str:
    """The name of a column that counts from 0: "A", "AA"."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def rows_to_lines(rows: Sequence[Sequence[str]], origin: Origin | None = None) -> list[Line]:
    """The lines of a table without positions: the first row is its header, short rows are filled up.

    Rows and columns without any text are left out; a table without text has no lines.
    """
    width = max(map(len, rows), default=0)
    used = [index for index in range(width) if any(index < len(row) and row[index].strip() for row in rows)]
    lines = [
        Line(
            row_text(row[index] if index < len(row) else "" for index in used),
            NO_BOX,
            kind="table",
            place=origin.place(at, used) if origin else "",
        )
        for at, row in enumerate(rows)
        if any(map(str.strip, row))
    ]
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


def holds_data(rows: Sequence[Sequence[CellSize]]) -> bool:
    """Whether the cells of a table belong together by rows; else it is a frame that lays out paragraphs.

    One rich cell beside plain ones does not take a row apart; a frame has rich cells beside each other, or one row.
    """
    cells = [cell for row in rows for cell in row]
    if not any(cell.is_rich for cell in cells):
        return True
    if any(cell.chars > MAX_RICH_CHARS for cell in cells):
        return False
    filled = [row for row in ([cell for cell in row if cell.chars or cell.rich] for row in rows) if len(row) > 1]
    mixed = sum(any(not cell.is_rich for cell in row) and sum(cell.is_rich for cell in row) <= 1 for row in filled)
    return mixed >= MIN_ROWS_OF_DATA and mixed * 2 > len(filled)
