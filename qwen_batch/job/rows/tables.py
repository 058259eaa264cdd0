"""A table of a document as rows of cells that say where they stand: plain values, without behaviour of their own."""

from __future__ import annotations

from dataclasses import dataclass

from qwen_batch.records import Box


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's words, and the characters [start, end) of the clean text that hold them; an empty one holds none."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its cells, the page and the box of its line, and where its cells stand in a sheet, such as "B12"."""

    cells: tuple[Cell, ...]
    page: int
    box: Box
    addresses: tuple[str, ...] = ()

    @property
    def filled(self) -> int:
        """How many cells hold something."""
        return sum(bool(cell.text) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """A table, also over several pages: the names of its columns and its rows, in order.

    `heads` counts its head rows, repetitions among them: they are none of `rows`. `first` is the row that the head was
    taken from, which on a later page may be none.
    """

    head: tuple[str, ...]
    rows: tuple[TableRow, ...]
    heads: int = 1
    first: TableRow | None = None

    def column(self, number: int) -> list[str]:
        """What the cells of a column say that say anything."""
        return [row.cells[number].text for row in self.rows if number < len(row.cells) and row.cells[number].text]
