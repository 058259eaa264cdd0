"""A table's rows as what they are (data, totals, hidden) and its columns with their kinds.

A table of a document that goes on over sheets is one for rows, and one for each sheet here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from qwen_batch.job.facts.currencies import to_code
from qwen_batch.job.nothing import is_placeholder
from qwen_batch.job.rows.tables import Cell, Table, TableRow
from qwen_batch.job.workbook.kinds import Column, column_of
from qwen_batch.job.workbook.numbers import numbers_of
from qwen_batch.records import Behind

RowKind = Literal["data", "total", "title", "hidden"]
TOTAL = re.compile(
    r"\W*(?:(?:grand|sub)[\s-]*)?(?:totals?|sum)\b|.*\b(?:sub)?total\W*$|\W*(?:合计|总计|小计|共计|总额)|.*(?:合计|总计|小计)\W*$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:(.*)!)?([A-Z]{1,3})(\d+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row: what it is, its number in the sheet, and its cells by their column; a hidden one has no row."""

    kind: RowKind
    number: int
    cells: tuple[str, ...]
    row: TableRow | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table with its name: `columns` have a value for each of the rows of data, `letters` name them in addresses.

    `prefix` stands before each address. `in_sheet` says that these are of a workbook; else they count in the table.
    """

    name: str
    rows: tuple[SheetRow, ...]
    columns: tuple[Column, ...]
    letters: tuple[str, ...]
    prefix: str
    in_sheet: bool
    page: int

    @property
    def data(self) -> tuple[SheetRow, ...]:
        """The rows of data that are shown."""
        return tuple(row for row in self.rows if row.kind == "data")

    def address(self, column: int, number: int) -> str:
        """The address of a cell."""
        return f"{self.prefix}{self.letters[column]}{number}"

    def cells(self, column: int, numbers: Sequence[int]) -> str:
        """Addresses of the cells of a column in these rows, neighbours as one range."""
        return self.prefix + ",".join(_ranges(self.letters[column], sorted(numbers)))


def tables_to_sheets(tables: Sequence[Table], behind: Sequence[Behind] = ()) -> tuple[Sheet, ...]:
    """The sheets of a document: each table, those that go on over sheets taken apart."""
    hidden = _hidden(behind)
    sheets: list[Sheet] = []
    for table in tables:
        for name, rows in groupby(table.rows, key=_sheet_name):
            own = list(rows)
            if len(own[0].cells) > 1:
                sheets.append(_sheet(table.head, own, name, hidden, len(sheets) + 1))
    return tuple(sheets)


def currency_column(sheet: Sheet) -> int | None:
    """The column that says of each row which currency its sums are in, if more than one stands there."""
    for at, column in enumerate(sheet.columns):
        said = column.distinct
        if column.kind == "category" and len(said) > 1 and all(map(to_code, said)):
            return at
    return None


def mixed_currencies(sheet: Sheet, at: int) -> tuple[str, ...]:
    """The currencies of a column whose numbers therefore do not add up; none where they do.

    Beside a column of currencies every column of numbers with decimals is taken for money.
    """
    column = sheet.columns[at]
    if len(column.currencies) > 1:
        return column.currencies
    money = currency_column(sheet)
    return sheet.columns[money].distinct if money is not None and column.decimals else ()


def ranges_of(letter: str, numbers: Sequence[int]) -> list[str]:
    """Rows of a column as ranges: C5:C9, C12."""
    return list(_ranges(letter, sorted(numbers)))


def _sheet(
    head: Sequence[str],
    rows: Sequence[TableRow],
    name: str | None,
    hidden: Mapping[str, Mapping[int, Mapping[str, str]]],
    place: int,
) -> Sheet:
    width = len(head)
    in_sheet = name is not None
    letters = _letters(rows, width) if in_sheet else tuple(_letter(at) for at in range(width))
    counted = [
        (int(found[3]) if in_sheet and (found := _ADDRESS.fullmatch(row.addresses[0])) else at, row)
        for at, row in enumerate(rows, start=2)
    ]
    every = [SheetRow("data", at, _texts(row, width), row) for at, row in counted if row.filled]
    first, last = min(row.number for row in every), max(row.number for row in every)
    for number, cells in hidden.get(name or "", {}).items():
        if in_sheet and first - 1 <= number <= last + 1:
            every.append(SheetRow("hidden", number, tuple(cells.get(letter, "") for letter in letters)))
    every.sort(key=lambda row: row.number)
    kinded = tuple(replace(row, kind=_kind(row)) for row in every)
    data = [row for row in kinded if row.kind == "data"]
    columns = tuple(
        column_of(_named(title, at), [row.cells[at] for row in data], title) for at, title in enumerate(_unique(head))
    )
    title = name or f"table {place}"
    prefix = f"{title}!" if name or not in_sheet else ""
    return Sheet(title, kinded, columns, letters, prefix, in_sheet, rows[0].page)


def _kind(row: SheetRow) -> RowKind:
    """What a row is by its cells: one label and numbers beside it is a total, one cell alone a title."""
    if row.kind == "hidden":
        return "hidden"
    filled = [cell for cell in row.cells if cell and not is_placeholder(cell)]
    if len(filled) == 1 and len(row.cells) > 1:
        return "title"
    if not any(map(TOTAL.match, filled)):
        return "data"
    words = [cell for cell, number in zip(filled, numbers_of(filled), strict=True) if number is None]
    return "total" if len(words) == 1 and TOTAL.match(words[0]) else "data"


def _hidden(behind: Sequence[Behind]) -> dict[str, dict[int, dict[str, str]]]:
    """The texts of hidden rows by sheet, row and column."""
    found: dict[str, dict[int, dict[str, str]]] = {}
    for one in behind:
        place = _ADDRESS.fullmatch(one.cell)
        if one.hidden and place:
            found.setdefault(place[1] or "", {}).setdefault(int(place[3]), {})[place[2]] = one.hidden
    return found


def _sheet_name(row: TableRow) -> str | None:
    found = _ADDRESS.fullmatch(row.addresses[0]) if row.addresses else None
    return (found[1] or "") if found else None


def _letters(rows: Sequence[TableRow], width: int) -> tuple[str, ...]:
    widest = max(rows, key=lambda row: len(row.addresses))
    named = [found[2] for one in widest.addresses if (found := _ADDRESS.fullmatch(one))]
    return tuple(named[at] if at < len(named) else _letter(at) for at in range(width))


def _letter(at: int) -> str:
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _texts(row: TableRow, width: int) -> tuple[str, ...]:
    empty = Cell("", 0, 0)
    return tuple((row.cells[at] if at < len(row.cells) else empty).text for at in range(width))


def _unique(head: Sequence[str]) -> list[str]:
    """The names of columns, each different and none empty."""
    names: list[str] = []
    for number, name in enumerate(head, 1):
        words = " ".join(name.split()) or f"column {number}"
        names.append(words if words not in names else f"{words} (column {number})")
    return names


def _named(title: str, at: int) -> str:
    return title or f"column {at + 1}"


def _ranges(letter: str, numbers: Sequence[int]) -> Iterator[str]:
    start = before = None
    for number in (*numbers, None):
        if start is not None and (number is None or number != (before or 0) + 1):
            yield f"{letter}{start}" if start == before else f"{letter}{start}:{letter}{before}"
            start = number
        elif start is None:
            start = number
        before = number
