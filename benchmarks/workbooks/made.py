"""Workbooks as files: sheets with titles, subtotals, hidden rows, currencies and percent, and wrong totals.

Knows nothing of reading. What a workbook holds is in `families`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

Function = Literal["sum", "average", "min", "max", "count", "distinct"]
Value = str | int | Decimal | dt.date
Row = tuple[Value, ...]
DAY = "yyyy-mm-dd"


@dataclass(frozen=True, slots=True)
class Slots:
    """A question as slots: a function of a column of a sheet, of the rows where all of `where` holds, by a column."""

    function: Function
    column: str
    where: tuple[tuple[str, str, str], ...] = ()
    group_by: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question in words, with the sheet and the slots that answer it."""

    words: str
    sheet: str
    slots: Slots


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of a sheet that are added up by a subtotal of their own, where `label` says something."""

    rows: tuple[Row, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """What stands in a sheet. `summed` are the columns that totals add up, `formats` number formats by column.

    `hidden` are rows by their number among all rows of data; `calculated` are columns with a formula, such as
    "{C}*{D}" of the same row. A total counts hidden rows in, as SUM does.
    """

    name: str
    head: tuple[str, ...]
    blocks: tuple[Block, ...]
    summed: tuple[str, ...] = ()
    total: str = ""
    title: str = ""
    formats: Mapping[str, str] = field(default_factory=dict)
    calculated: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()

    @property
    def rows(self) -> list[Row]:
        """All rows of data."""
        return [row for block in self.blocks for row in block.rows]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A total that is wrong: in which column of a sheet, in its total or the subtotal of a block, and by how much."""

    sheet: str
    column: str
    block: int | None
    by: Decimal
    is_formula: bool


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook with what is asked of it, and the total in it that is wrong, if one is."""

    name: str
    sheets: tuple[SheetSpec, ...]
    questions: tuple[Question, ...]
    wrong: Wrong | None = None
    notes: tuple[str, ...] = ()


def write_workbook(book: Workbook, folder: Path) -> Planted:
    """Writes the workbook, and says where its wrong total stands."""
    import xlsxwriter

    path = folder / f"{book.name}.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": DAY}) as file:
        planted = [cell for sheet in book.sheets if (cell := _Writing(file, sheet, book.wrong).write())]
        if book.notes:
            notes = file.add_worksheet("Notes")
            for number, words in enumerate(book.notes):
                notes.write(number, 0, words)
    return Planted(path, planted[0] if planted else None)


@dataclass(frozen=True, slots=True)
class Planted:
    """The file, and the address of its wrong total, such as "Q1!D14"."""

    path: Path
    wrong: str | None


class _Writing:
    """Writes one sheet from top to bottom."""

    def __init__(self, file: Any, spec: SheetSpec, wrong: Wrong | None) -> None:
        self._spec = spec
        self._page = file.add_worksheet(spec.name)
        self._formats = {at: file.add_format({"num_format": code}) for at, code in self._codes()}
        self._bold = file.add_format({"bold": True})
        self._wrong = wrong if wrong is not None and wrong.sheet == spec.name else None
        self._at = 0
        self._planted: str | None = None

    def _codes(self) -> list[tuple[int, str]]:
        return [(self._spec.head.index(name), code) for name, code in self._spec.formats.items()]

    def write(self) -> str | None:
        """The address of the wrong total, where this sheet has it."""
        spec = self._spec
        if spec.title:
            self._page.write(0, 0, spec.title, self._bold)
            self._at = 2
        self._page.write_row(self._at, 0, spec.head, self._bold)
        self._at += 1
        ranges, number = [], 0
        for index, block in enumerate(spec.blocks):
            first = self._at
            for row in block.rows:
                self._row(row)
                if number in spec.hidden:
                    self._page.set_row(self._at, None, None, {"hidden": True})
                self._at += 1
                number += 1
            ranges.append((first, self._at - 1))
            if block.label:
                self._total(block.label, [ranges[-1]], block.rows, index)
        if spec.total:
            self._total(spec.total, ranges, spec.rows, None)
        return self._planted

    def _row(self, row: Sequence[Value]) -> None:
        for column, value in enumerate(row):
            name = self._spec.head[column]
            if name in self._spec.calculated:
                letters = {chr(ord("A") + at): f"{chr(ord('A') + at)}{self._at + 1}" for at in range(len(row))}
                formula = self._spec.calculated[name].format(**letters)
                self._page.write_formula(self._at, column, f"={formula}", self._formats.get(column), _plain(value))
            elif isinstance(value, dt.date):
                self._page.write_datetime(self._at, column, dt.datetime.combine(value, dt.time()))
            else:
                self._page.write(self._at, column, _plain(value), self._formats.get(column))

    def _total(self, label: str, ranges: Sequence[tuple[int, int]], rows: Sequence[Row], block: int | None) -> None:
        self._page.write(self._at, 0, label, self._bold)
        for name in self._spec.summed:
            column = self._spec.head.index(name)
            total = sum((Decimal(str(row[column])) for row in rows), Decimal(0))
            letter = chr(ord("A") + column)
            parts = ",".join(f"{letter}{first + 1}:{letter}{last + 1}" for first, last in ranges)
            wrong = self._wrong if self._is_wrong(name, block) else None
            if wrong is not None:
                total += wrong.by
                self._planted = f"{self._spec.name}!{letter}{self._at + 1}"
            look = self._formats.get(column)
            if wrong is None or wrong.is_formula:
                self._page.write_formula(self._at, column, f"=SUM({parts})", look, float(total))
            else:
                self._page.write(self._at, column, float(total), look)
        self._at += 1

    def _is_wrong(self, name: str, block: int | None) -> bool:
        return self._wrong is not None and self._wrong.column == name and self._wrong.block == block


def _plain(value: Value) -> Any:
    return float(value) if isinstance(value, Decimal) else value
