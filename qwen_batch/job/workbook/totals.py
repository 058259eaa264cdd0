"""Totals of a sheet, proven or contradicted: each against the rows that it may add up.

A total adds up what its formula says, the rows since the total before, all rows, those whose category its label names,
or the totals above it; hidden rows count in or not. What none of these gives is wrong, unless it is no sum at all: an
average, or a quotient of two totals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from qwen_batch.job.workbook.facts import Fact, Figure
from qwen_batch.job.workbook.kinds import Column
from qwen_batch.job.workbook.numbers import Number, numbers_of, written
from qwen_batch.job.workbook.sheets import TOTAL, Sheet, SheetRow

MAX_TOTALS = 200
"""Totals of a sheet that are held against its rows."""
MAX_TOLERANCE = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class _Sum:
    """What some rows of a column add up to; `hidden` counts those of them that nobody sees."""

    rows: tuple[SheetRow, ...]
    value: Decimal
    hidden: int


def totals_of(sheet: Sheet) -> Iterator[Fact]:
    """A fact for each number of a total row."""
    totals = [row for row in sheet.rows if row.kind == "total"][:MAX_TOTALS]
    for at, column in enumerate(sheet.columns):
        if not column.is_number:
            continue
        cells = _Cells(sheet, at)
        for row in totals:
            said = cells.number(row)
            if said is not None:
                yield from _held(cells, row, said, column)


class _Cells:
    """The numbers of one column by row, hidden rows and totals among them."""

    def __init__(self, sheet: Sheet, at: int) -> None:
        self.sheet = sheet
        self.at = at
        self.places = {row.number: place for place, row in enumerate(sheet.rows)}
        texts = [row.cells[at] for row in sheet.rows]
        self._numbers = dict(zip((row.number for row in sheet.rows), numbers_of(texts), strict=True))

    def number(self, row: SheetRow) -> Number | None:
        return self._numbers[row.number]

    def total(self, rows: Sequence[SheetRow], kinds: tuple[str, ...]) -> _Sum | None:
        """The sum of those rows that are of some kinds and have a number."""
        used = [(row, found) for row in rows if row.kind in kinds and (found := self.number(row)) is not None]
        if not used:
            return None
        hidden = sum(row.kind == "hidden" for row, _ in used)
        return _Sum(tuple(row for row, _ in used), sum((one.value for _, one in used), Decimal(0)), hidden)


def _held(cells: _Cells, row: SheetRow, said: Number, column: Column) -> Iterator[Fact]:
    tolerance = min(MAX_TOLERANCE, Decimal(5).scaleb(-said.decimals - 1))
    sums = []
    for one in _candidates(cells, row):
        if one is not None and abs(one.value - said.value) <= tolerance:
            yield _fact(cells, row, said, one, column)
            return
        sums += [one] if one is not None else []
    if sums and column.kind == "number" and not _is_no_sum(cells, row, said, sums, tolerance):
        yield _wrong(cells, row, said, sums[0], column)


def _candidates(cells: _Cells, row: SheetRow) -> Iterator[_Sum | None]:
    """What a total may add up, the likeliest first."""
    rows = cells.sheet.rows
    at = cells.places[row.number]
    above = rows[:at]
    before = max((place for place, one in enumerate(above) if one.kind == "total"), default=-1)
    block = above[before + 1 :]
    has_block = any(one.kind == "data" for one in block)
    parts = [_named_rows(cells.sheet, row), block if has_block else (), above]
    if not any(one.kind == "data" for one in above):
        parts.append(rows[at + 1 :])
    if _is_grand(row) or not has_block:
        parts = [parts[0], parts[2], parts[1], *parts[3:]]
    for part in parts:
        yield cells.total(part, ("data", "hidden"))
        yield cells.total(part, ("data",))
    yield cells.total(above, ("total",))


def _is_grand(row: SheetRow) -> bool:
    label = next((cell for cell in row.cells if TOTAL.match(cell)), "").casefold()
    return label.strip(" :：") in {"total", "totals", "grand total", "sum", "合计", "总计", "共计", "总额"}


def _named_rows(sheet: Sheet, row: SheetRow) -> Sequence[SheetRow]:
    """The rows with a category that the label of a total names, as in "Total EUR"; of the longest such name."""
    label = next((cell for cell in row.cells if TOTAL.match(cell)), "").casefold()
    names = [
        (name, at)
        for at, column in enumerate(sheet.columns)
        if column.kind == "category"
        for name in column.distinct
        if name.casefold() in label
    ]
    if not names:
        return ()
    name, at = max(names, key=lambda one: len(one[0]))
    return [one for one in sheet.rows if one.kind in ("data", "hidden") and one.cells[at] == name]


def _is_no_sum(cells: _Cells, row: SheetRow, said: Number, sums: Sequence[_Sum], tolerance: Decimal) -> bool:
    """Whether a number of a total row is an average, or a quotient of two others of its row."""
    if any(abs(one.value / len(one.rows) - said.value) <= tolerance for one in sums):
        return True
    others = [one.value for at, one in enumerate(numbers_of(row.cells)) if one is not None and at != cells.at]
    return any(
        abs(one / other - said.value) <= tolerance for one in others for other in others if other and one is not other
    )


def _fact(cells: _Cells, row: SheetRow, said: Number, right: _Sum, column: Column) -> Fact:
    sheet, at = cells.sheet, cells.at
    rest = sheet.cells(at, [one.number for one in right.rows])
    seen = f", {right.hidden} hidden rows among them" if right.hidden else ""
    address = sheet.address(at, row.number)
    words = f"{address} {_label(row)!r} {_said(said, column)}: proven, the sum of {column.name} in {rest}{seen}"
    return Fact("total", words, (Figure(said.value, f"{address},{rest}"),), sheet.page, in_sheet=sheet.in_sheet)


def _wrong(cells: _Cells, row: SheetRow, said: Number, expected: _Sum, column: Column) -> Fact:
    sheet, at = cells.sheet, cells.at
    rest = sheet.cells(at, [one.number for one in expected.rows])
    address = sheet.address(at, row.number)
    off = said.value - expected.value
    words = (
        f"{address} {_label(row)!r} says {_said(said, column)}, but {column.name} in {rest} "
        f"adds up to {written(expected.value, column.decimals)}: wrong by {written(off, column.decimals)}"
    )
    figures = (
        Figure(expected.value, rest),
        Figure(said.value, address),
        Figure(off, f"{address},{rest}"),
    )
    return Fact("wrong", words, figures, sheet.page, f"total does not hold: {words}", sheet.in_sheet)


def _said(said: Number, column: Column) -> str:
    return written(said.value, max(column.decimals, said.decimals))


def _label(row: SheetRow) -> str:
    return next((cell for cell in row.cells if TOTAL.match(cell)), "")
