"""Questions as slots: which names a document has for them, and the number that code gives, by SQL with bound values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from qwen_batch.job.facts.dates import iso_day
from qwen_batch.job.workbook.asked import MAX_GROUPS
from qwen_batch.job.workbook.database import ROW, Database, Statement, column_name, table_name
from qwen_batch.job.workbook.kinds import Column
from qwen_batch.job.workbook.numbers import PERCENT
from qwen_batch.job.workbook.sheets import Sheet, currency_column, mixed_currencies

SLOTS_VERSION = 1  # part of the fingerprint of every job with such questions: raise it when a number changes
BY_MONTH, BY_YEAR = "{name} by month", "{name} by year"
_SQL = {"sum": "sum({0})", "average": "sum({0})", "min": "min({0})", "max": "max({0})"}
_SIGNS = frozenset({"=", "!=", "<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Group:
    """A number, and the cells that it rests on; of one group its name."""

    name: str
    value: Decimal
    cells: str


@dataclass(frozen=True, slots=True)
class SlotAnswer:
    """What code gives: a number a group, one without a name where all is one; `problem` says why there is none."""

    groups: tuple[Group, ...] = ()
    problem: str = ""
    page: int | None = None
    in_sheet: bool = True
    statement: Statement | None = None


class _Wrong(Exception):  # noqa: N818  never leaves this module
    """What the slots name is not there, or does not go together."""


def slots_to_answer(slots: Mapping[str, Any], sheets: Sequence[Sheet]) -> SlotAnswer:
    """The number that slots ask for."""
    at = next((at for at, one in enumerate(sheets) if one.name == slots.get("sheet")), None)
    if at is None:
        return SlotAnswer(problem=f"there is no sheet {slots.get('sheet')!r}")
    try:
        return _answered(slots, sheets[at])
    except _Wrong as wrong:
        return SlotAnswer(problem=str(wrong))


def group_names(column: Column) -> tuple[str, ...]:
    """What a question may go by of a column."""
    if column.kind == "day":
        return BY_MONTH.format(name=column.name), BY_YEAR.format(name=column.name)
    return (column.name,) if column.kind == "category" and len(column.distinct) > 1 else ()


def _answered(slots: Mapping[str, Any], sheet: Sheet) -> SlotAnswer:
    function, place = str(slots.get("function")), _place(sheet, slots.get("column"))
    column, name = sheet.columns[place], column_name(place)
    if function in _SQL and not column.is_number:
        raise _Wrong(f"the column {column.name!r} has no numbers for {function}")
    conditions = [_condition(sheet, one) for one in slots.get("where") or ()]
    key = _key(sheet, slots.get("group_by"))
    if function in _SQL:
        _check_currency(sheet, place, slots)
    counted = f"count(DISTINCT {name})" if function == "distinct" else _SQL.get(function, "count({0})").format(name)
    where = " AND ".join([f"{name} IS NOT NULL", *(one.sql for one in conditions)])
    sql = (
        f"SELECT {key}, {counted}, count({name}), list({ROW} ORDER BY {ROW}) FROM {table_name(0)} "  # noqa: S608  names of our own
        f"WHERE {where} GROUP BY 1 ORDER BY min({ROW})"
    )
    statement = Statement(sql, tuple(value for one in conditions for value in one.values))
    with Database([sheet]) as database:
        found = database.rows(statement)
    if not found and function not in ("count", "distinct", "sum"):
        raise _Wrong("no row meets the conditions")
    if not found and slots.get("group_by") is None:
        found = [(None, Decimal(0), 1, [])]
    groups = tuple(
        Group(
            "" if slots.get("group_by") is None else str(said),
            Decimal(value) / count if function == "average" else Decimal(value),
            sheet.cells(place, rows),
        )
        for said, value, count, rows in found
        if said is not None or slots.get("group_by") is None
    )
    if len(groups) > MAX_GROUPS:
        raise _Wrong(f"{slots.get('group_by')!r} has {len(groups)} values, more than {MAX_GROUPS}")
    return SlotAnswer(groups, page=sheet.page, in_sheet=sheet.in_sheet, statement=statement)


def _place(sheet: Sheet, name: Any) -> int:
    found = next((at for at, column in enumerate(sheet.columns) if column.name == name), None)
    if found is None:
        raise _Wrong(f"the sheet {sheet.name!r} has no column {name!r}")
    return found


def _key(sheet: Sheet, name: Any) -> str:
    if name is None:
        return "NULL"
    for at, column in enumerate(sheet.columns):
        if name in group_names(column):
            if column.kind != "day":
                return column_name(at)
            form = "%Y-%m" if name == BY_MONTH.format(name=column.name) else "%Y"
            return f"strftime({column_name(at)}, '{form}')"
    raise _Wrong(f"the sheet {sheet.name!r} has no column {name!r} to go by")


def _condition(sheet: Sheet, condition: Mapping[str, Any]) -> Statement:
    place = _place(sheet, condition.get("column"))
    column, sign, said = sheet.columns[place], condition.get("sign"), str(condition.get("value"))
    if sign not in _SIGNS:
        raise _Wrong(f"{sign!r} compares nothing")
    value: Any = said
    if column.is_number:
        value = _number(said, column)
    elif column.kind == "day":
        value = _day(said, column)
    elif sign not in ("=", "!="):
        raise _Wrong(f"the column {column.name!r} has words, which are not less or more")
    elif said not in column.distinct:
        value = next((one for one in column.distinct if one.casefold() == said.casefold()), None)
        if value is None:
            raise _Wrong(f"the column {column.name!r} has no {said!r}")
    return Statement(f"{column_name(place)} {sign} ?", (value,))


def _number(said: str, column: Column) -> Decimal:
    try:
        number = Decimal(said.rstrip("% ").replace(",", ""))
    except InvalidOperation:
        raise _Wrong(f"{said!r} is no number to compare {column.name!r} with") from None
    return number / PERCENT if said.endswith("%") else number


def _day(said: str, column: Column) -> dt.date:
    day = iso_day(said)
    if day is None:
        raise _Wrong(f"{said!r} is no day to compare {column.name!r} with")
    return day


def _check_currency(sheet: Sheet, place: int, slots: Mapping[str, Any]) -> None:
    """Raises for sums of several currencies: one must be chosen, or the question go by them."""
    mixed = mixed_currencies(sheet, place)
    money = currency_column(sheet)
    if not mixed:
        return
    if money is not None:
        name = sheet.columns[money].name
        chosen = any(one.get("column") == name and one.get("sign") == "=" for one in slots.get("where") or ())
        if chosen or slots.get("group_by") == name:
            return
    raise _Wrong(f"{sheet.columns[place].name!r} is in {' and '.join(mixed)}, which do not add up")
