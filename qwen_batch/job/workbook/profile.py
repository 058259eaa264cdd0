"""The computed profile of a document's sheets: what their columns hold, sums by category, changes over time, totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice, pairwise
from typing import Any

from qwen_batch.job.workbook.database import ROW, Database, Statement, column_name, table_name
from qwen_batch.job.workbook.facts import ORDER, Fact, Figure, Profile
from qwen_batch.job.workbook.formulas import formulas_of
from qwen_batch.job.workbook.kinds import Column, period_of
from qwen_batch.job.workbook.numbers import PERCENT, written
from qwen_batch.job.workbook.sheets import Sheet, currency_column, mixed_currencies
from qwen_batch.job.workbook.totals import totals_of
from qwen_batch.records import Behind

PROFILE_VERSION = 1  # part of the fingerprint of every job that is shown a profile: raise it when facts change
MAX_SHEETS = 40
MAX_GROUPS = 12
"""Groups of a category that a fact lists, the largest first."""
MAX_BY = 4
MAX_NUMBERS = 6
"""Category columns and number columns of a sheet that are put together."""
MAX_PERIODS = 24
MAX_FACTS = 400
MONTH_CHARS = 7


def sheets_to_profile(sheets: Sequence[Sheet], behind: Sequence[Behind] = ()) -> Profile:
    """All facts of these sheets, in the order in which they are shown."""
    taken = tuple(sheets[:MAX_SHEETS])
    with Database(taken) as database:
        facts = [fact for at, sheet in enumerate(taken) if sheet.data for fact in _facts(database, at, sheet)]
    facts += formulas_of(taken, behind)
    found = {fact.words: fact for fact in sorted(facts, key=lambda fact: ORDER.index(fact.kind))}
    return Profile(taken, tuple(islice(found.values(), MAX_FACTS)))


def _facts(database: Database, at: int, sheet: Sheet) -> Iterator[Fact]:
    one = _OneSheet(database, at, sheet)
    yield one.rows()
    yield from one.hidden()
    yield from totals_of(sheet)
    numbers = [place for place, column in enumerate(sheet.columns) if column.is_number]
    for place in numbers:
        yield one.column(place)
    summed = [place for place in numbers if one.is_summed(place)][:MAX_NUMBERS]
    times = [place for place, column in enumerate(sheet.columns) if _is_time(column)]
    by = [place for place, column in enumerate(sheet.columns) if _is_grouped(column) and place not in times][:MAX_BY]
    money = currency_column(sheet)
    if money is not None:
        yield from (one.groups(place, money, shares=False) for place in numbers if mixed_currencies(sheet, place))
    for place in summed:
        for time in times[:1]:
            yield from one.trend(place, time)
        for group in by:
            yield one.groups(place, group)
            for time in times[:1]:
                yield from one.changes(place, group, time)


def _is_time(column: Column) -> bool:
    if column.kind == "day":
        return True
    said = column.distinct
    return column.kind == "category" and len(said) > 1 and all(period_of(one) is not None for one in said)


def _is_grouped(column: Column) -> bool:
    count = len(column.distinct)
    return column.kind == "category" and 1 < count < sum(value is not None for value in column.values)


class _OneSheet:
    """The facts of one sheet that SQL counts."""

    def __init__(self, database: Database, at: int, sheet: Sheet) -> None:
        self._database = database
        self._table = table_name(at)
        self._sheet = sheet

    def is_summed(self, place: int) -> bool:
        """Whether the numbers of a column may be added up."""
        return self._sheet.columns[place].kind == "number" and not mixed_currencies(self._sheet, place)

    def rows(self) -> Fact:
        """How many rows of data there are, and what the columns hold."""
        sheet = self._sheet
        said = "; ".join(f"{sheet.letters[at]} {_described(column)}" for at, column in enumerate(sheet.columns))
        words = f"{sheet.name}: {len(sheet.data)} rows of data; columns {said}"
        counts = [Decimal(len(sheet.data)), *(Decimal(len(column.distinct)) for column in sheet.columns)]
        return self._fact("rows", words, [Figure(count, sheet.name) for count in counts])

    def hidden(self) -> Iterator[Fact]:
        """The hidden rows: in no number but the totals that count them."""
        numbers = [row.number for row in self._sheet.rows if row.kind == "hidden"]
        if numbers:
            rows = ", ".join(map(str, numbers[:MAX_GROUPS]))
            words = f"{self._sheet.name}: {len(numbers)} hidden rows ({rows}) are in no sum here"
            yield self._fact("hidden", words, [Figure(Decimal(len(numbers)), self._sheet.name)], warning=words)

    def column(self, place: int) -> Fact:
        """Sum, mean, least and greatest of a column, and how many numbers it has."""
        column, name = self._sheet.columns[place], column_name(place)
        sql = (
            f"SELECT count({name}), count(*) - count({name}), count(DISTINCT {name}), sum({name}), min({name}), "  # noqa: S608  names of our own
            f"max({name}), arg_min({ROW}, {name}), arg_max({ROW}, {name}) FROM {self._table}"
        )
        (count, blank, distinct, total, least, most, least_at, most_at), *_ = self._database.rows(Statement(sql))
        cells = self._all(place)
        figures = [Figure(Decimal(one), cells) for one in (count, blank, distinct)]
        said = []
        if self.is_summed(place):
            said.append(f"sum {self._written(total, place)}")
            figures.append(Figure(total, cells))
        elif column.kind == "number":
            said.append(f"no sum: its currencies are {', '.join(mixed_currencies(self._sheet, place))}")
        mean = total / count
        said.append(f"mean {self._written(mean, place, more=2)}")
        figures.append(Figure(mean, cells, column.percent))
        for word, value, at in (("least", least, least_at), ("greatest", most, most_at)):
            said.append(f"{word} {self._written(value, place)} ({self._sheet.address(place, at)})")
            figures.append(Figure(value, self._sheet.address(place, at), column.percent))
        said.append(f"{count} numbers, {distinct} different, {blank} blank")
        return self._fact("column", f"{column.name} ({cells}): {', '.join(said)}", figures)

    def groups(self, place: int, by: int, *, shares: bool = True) -> Fact:
        """The sums of a column by the values of another, the largest first; with their `shares` of all."""
        found = self._sums(place, column_name(by))
        found.sort(key=lambda one: -abs(one[1]))
        total = sum((value for _, value, _ in found), Decimal(0))
        said, figures = [], []
        for name, value, numbers in found:
            cells = self._sheet.cells(place, numbers)
            share = value / total if total and shares else None
            figures.append(Figure(value, cells))
            if share is not None:
                figures.append(Figure(share, f"{cells},{self._all(place)}", percent=True))
            told = f" ({written(share, 3, percent=True)})" if share is not None else ""
            said.append(f"{name} {self._written(value, place)}{told}")
        more = f"; and {len(said) - MAX_GROUPS} more" if len(said) > MAX_GROUPS else ""
        words = f"{self._name(place)} by {self._name(by)}: {'; '.join(said[:MAX_GROUPS])}{more}"
        return self._fact("groups", words, figures)

    def trend(self, place: int, time: int) -> Iterator[Fact]:
        """The sums of a column by period, each with the change from the one before."""
        found = _in_time(self._sums(place, self._period(time)))[-MAX_PERIODS:]
        if len(found) < 2:  # noqa: PLR2004  one period is no trend
            return
        said, figures = [], []
        for at, (name, value, numbers) in enumerate(found):
            cells = self._sheet.cells(place, numbers)
            figures.append(Figure(value, cells))
            told = f"{name} {self._written(value, place)}"
            if at:
                before = found[at - 1][1]
                change = value - before
                figures.append(Figure(change, cells))
                told += f" ({change:+,.{min(self._sheet.columns[place].decimals, 4)}f}"
                if before:
                    figures.append(Figure(change / before, cells, percent=True))
                    told += f", {change / before * PERCENT:+.1f} %"
                told += ")"
            said.append(told)
        yield self._fact("trend", f"{self._name(place)} over {self._name(time)}: {'; '.join(said)}", figures)

    def changes(self, place: int, by: int, time: int) -> Iterator[Fact]:
        """The change of a column from the last period but one to the last by the values of another, and its shares."""
        periods = [name for name, _, _ in _in_time(self._sums(place, self._period(time)))]
        if len(periods) < 2:  # noqa: PLR2004  one period has no change
            return
        before, now = list(pairwise(periods))[-1]
        was = {name: value for name, value, _ in self._sums(place, column_name(by), self._where(time, before))}
        found = {
            name: (value, rows) for name, value, rows in self._sums(place, column_name(by), self._where(time, now))
        }
        names = list(dict.fromkeys((*found, *was)))
        change = {name: found.get(name, (Decimal(0), []))[0] - was.get(name, Decimal(0)) for name in names}
        total = sum(change.values(), Decimal(0))
        said, figures = [], []
        for name in sorted(names, key=lambda one: -abs(change[one])):
            cells = self._sheet.cells(place, found.get(name, (None, []))[1])
            figures.append(Figure(change[name], cells))
            told = f"{name} {change[name]:+,.{min(self._sheet.columns[place].decimals, 4)}f}"
            if total:
                figures.append(Figure(change[name] / total, cells, percent=True))
                told += f" ({written(change[name] / total, 3, percent=True)} of the change)"
            said.append(told)
        words = f"{self._name(place)} by {self._name(by)}, change {before} to {now}: {'; '.join(said[:MAX_GROUPS])}"
        yield self._fact("change", words, figures)

    def _sums(self, place: int, key: str, where: Statement | None = None) -> list[tuple[str, Decimal, list[int]]]:
        """A name, the sum of a column and its rows for each value of a key."""
        name = column_name(place)
        condition = f"AND {where.sql}" if where else ""
        sql = (
            f"SELECT CAST({key} AS VARCHAR), sum({name}), list({ROW} ORDER BY {ROW}) FROM {self._table} "  # noqa: S608  names of our own
            f"WHERE {name} IS NOT NULL AND {key} IS NOT NULL {condition} GROUP BY 1 ORDER BY min({ROW})"
        )
        return [
            (str(one), total, rows)
            for one, total, rows in self._database.rows(Statement(sql, where.values if where else ()))
        ]

    def _period(self, time: int) -> str:
        name = column_name(time)
        return f"strftime({name}, '%Y-%m')" if self._sheet.columns[time].kind == "day" else name

    def _where(self, time: int, period: str) -> Statement:
        return Statement(f"{self._period(time)} = ?", (period,))

    def _written(self, value: Decimal, place: int, more: int = 0) -> str:
        column = self._sheet.columns[place]
        return written(value, column.decimals + more, percent=column.percent)

    def _name(self, place: int) -> str:
        return f"{self._sheet.columns[place].name} ({self._all(place)})"

    def _all(self, place: int) -> str:
        numbers = [row.number for row in self._sheet.data]
        letter = self._sheet.letters[place]
        return f"{self._sheet.prefix}{letter}{numbers[0]}:{letter}{numbers[-1]}"

    def _fact(self, kind: Any, words: str, figures: Sequence[Figure], warning: str = "") -> Fact:
        return Fact(kind, words, tuple(figures), self._sheet.page, warning, self._sheet.in_sheet)


def _in_time(found: list[tuple[str, Decimal, list[int]]]) -> list[tuple[str, Decimal, list[int]]]:
    """The groups in the order of their periods; as they come where one is no period."""
    periods = {name: period_of(name) for name, _, _ in found}
    if any(period is None for period in periods.values()):
        return found
    return sorted(found, key=lambda one: periods[one[0]] or (0, 0))


def _described(column: Column) -> str:
    kinds = {"number": "numbers", "ratio": "numbers that are not added", "day": "days", "text": "words"}
    if column.kind != "category":
        return f"{column.name} ({kinds[column.kind]})"
    values = column.distinct
    if len(values) > MAX_GROUPS:
        return f"{column.name} ({len(values)} different values)"
    return f"{column.name} ({', '.join(values)})"
