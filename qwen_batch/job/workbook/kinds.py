"""What a column holds, by its name and its cells: numbers that may be added, those that may not, days, categories."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from qwen_batch.job.nothing import is_placeholder
from qwen_batch.job.rows.marks import Target
from qwen_batch.job.rows.values import column_for
from qwen_batch.job.workbook.numbers import Number, numbers_of

ColumnKind = Literal["number", "ratio", "day", "category", "text"]
MIN_SHARE = 0.9
"""Share of the filled cells that must read as a kind."""
MAX_CATEGORIES = 60
SAMPLE_CELLS = 40
"""Where most of the first cells are no days the others are not looked at."""
_RATIO = re.compile(
    r"(?:^|\b)(?:unit\s)?(?:price|rate|ratio|avg|average|mean|share|margin|roi|roas|cp[acm]|ctr|cvr|score|age|year)s?\b"
    r"|\bunit\scosts?\b|\bcosts?\s(?:per|each|an?)\b|\bper\b|%|单价|均价|均值|平均|率|占比|比例|单位成本|年份|年龄",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?:^|\W)(?:no|nr|id|code|number|sku|zip|#)\W*$|编号|编码|代码|货号|序号|号码|年份|^year$", re.IGNORECASE
)
_DAY = Target("", (), "", {"type": "string", "format": "date"}, required=False)
_PERIODS = (
    re.compile(r"(?P<year>\d{4})\s*[-/.年]\s*(?P<part>\d{1,2})\s*月?(?:份)?"),
    re.compile(r"Q(?P<part>[1-4])[\s/-]*(?P<year>\d{4})", re.IGNORECASE),
    re.compile(r"(?P<year>\d{4})[\s/-]*年?\s*(?:Q|第)(?P<part>[1-4])(?:季度)?", re.IGNORECASE),
    re.compile(r"(?P<part>[a-z]{3})[a-z]*\.?\s+(?P<year>\d{4})", re.IGNORECASE),
    re.compile(r"(?P<part>\d{1,2})\s*月(?:份)?"),
    re.compile(r"(?:W|KW|week\s*)(?P<part>\d{1,2})", re.IGNORECASE),
    re.compile(r"Q(?P<part>[1-4])|第?(?P<other>[1-4一二三四])季度", re.IGNORECASE),
    re.compile(r"(?P<part>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?", re.IGNORECASE),
    re.compile(r"(?P<year>\d{4})\s*年?"),
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its kind, and for each row of data the value and what the cell shows, None for a blank.

    A number is as stored, `percent` if it is shown as such; `currencies` are the codes that stand in its cells.
    """

    name: str
    kind: ColumnKind
    values: tuple[Decimal | dt.date | str | None, ...]
    decimals: int = 0
    percent: bool = False
    currencies: tuple[str, ...] = ()
    distinct: tuple[str, ...] = field(init=False)
    """Its different values as text, in order of appearance."""

    def __post_init__(self) -> None:
        found = dict.fromkeys(str(value) for value in self.values if value is not None)
        object.__setattr__(self, "distinct", tuple(found))

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers."""
        return self.kind in ("number", "ratio")


def column_of(name: str, cells: Sequence[str], title: str) -> Column:
    """A column by its cells, those of totals left out."""
    filled = [cell for cell in cells if not is_placeholder(cell)]
    numbers = numbers_of(cells)
    is_code = bool(_CODE.search(title))
    is_period = bool(filled) and all(period_of(one) is not None and not one.strip().isdigit() for one in filled)
    if filled and not is_code and not is_period and sum(one is not None for one in numbers) >= MIN_SHARE * len(filled):
        return _of_numbers(name, numbers, title)
    days = _days(cells, title)
    if filled and sum(day is not None for day in days) >= MIN_SHARE * len(filled):
        return Column(name, "day", tuple(days))
    values = tuple(None if is_placeholder(cell) else " ".join(cell.split()) for cell in cells)
    few = len({value for value in values if value}) <= MAX_CATEGORIES
    return Column(name, "category" if few and filled else "text", values)


def _of_numbers(name: str, numbers: Sequence[Number | None], title: str) -> Column:
    there = [one for one in numbers if one is not None]
    percent = sum(one.percent for one in there) * 2 > len(there)
    return Column(
        name,
        "ratio" if percent or _RATIO.search(title) else "number",
        tuple(None if one is None else one.value for one in numbers),
        max((one.decimals for one in there), default=0),
        percent,
        tuple(dict.fromkeys(one.currency for one in there if one.currency)),
    )


def _days(cells: Sequence[str], title: str) -> list[dt.date | None]:
    filled = [cell for cell in cells if cell]
    column = column_for(_DAY, title, filled, {})
    sample = filled[:SAMPLE_CELLS]
    if sum(column.convert(cell) is not None for cell in sample) * 2 < len(sample):
        return [None] * len(cells)
    said = [column.convert(cell) if cell else None for cell in cells]
    return [dt.date.fromisoformat(day) if day else None for day in said]


def period_of(text: str) -> tuple[int, int] | None:
    """Year and part of it that a text is, such as "2026-07", "Q3 2026", 7月 ((0, 7) without a year). None for none."""
    for pattern in _PERIODS:
        found = pattern.fullmatch(text.strip())
        if found:
            groups = found.groupdict()
            part = groups.get("part") or groups.get("other") or "0"
            return int(groups.get("year") or 0), _part(part)
    return None


def _part(part: str) -> int:
    if part.isdigit():
        return int(part)
    if part[:3].lower() in _MONTHS:
        return _MONTHS.index(part[:3].lower()) + 1
    return "一二三四".find(part) + 1
