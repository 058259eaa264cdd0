"""Dates as documents write them, in English, Chinese and digits, with the days that they may mean."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from qwen_batch.job.facts.numerals import chinese_to_number, has_numeral

_ALL_MONTHS = "january february march april may june july august september october november december"
_MONTHS = re.findall(r"\w+", _ALL_MONTHS)
_MONTH = rf"(?P<month>{'|'.join(rf'{name[:3]}(?:{name[3:]})?' for name in _MONTHS)}|sept)\.?"
_DAY = r"(?P<day>\d{1,2})\s*(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"
_ZH = "[〇○零一二三四五六七八九十廿\\d]"
_NAMED = [
    re.compile(rf"\b{_MONTH}\s*{_DAY}\s*,?\s*{_YEAR}\b", re.IGNORECASE),
    re.compile(rf"\b{_DAY}\s*(?:day\s+)?(?:of\s+)?{_MONTH}\s*,?\s*{_YEAR}\b", re.IGNORECASE),
]
_NUMBERED = [
    re.compile(r"(?<![\d.])(?P<year>\d{4})\s*[-/.]\s*(?P<month>\d{1,2})\s*[-/.]\s*(?P<day>\d{1,2})(?!\d)"),
    re.compile(rf"(?P<year>{_ZH}{{2,4}})\s*年\s*(?P<month>{_ZH}{{1,3}})\s*月\s*(?P<day>{_ZH}{{1,3}})\s*[日号]?"),
]
_EITHER_ORDER = re.compile(r"(?<![\d.])(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})(?!\d)")
_SPAN = re.compile(
    r"(?P<count>[^\W_]+)[)\]\s-]*(?:(?:calendar|business|full|consecutive|further|additional)\s+)?"
    r"(?:days?|weeks?|months?|quarters?|years?|anniversar(?:y|ies))\b"
    rf"|(?P<zh>{_ZH})\s*(?:个\s*月|年|月|天|日|周)(?![\d{_ZH[1:-1]}])",
    re.IGNORECASE,
)
_ORDINALS = frozenset({"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"})
_CENTURY = 100
_PIVOT = 70  # 24 is 2024, 98 is 1998


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """Characters [start, end) of a text, and the days that they may mean: 03/04/2024 may be two."""

    start: int
    end: int
    days: frozenset[dt.date]


def dates_in(text: str) -> list[WrittenDate]:
    """The dates that a text writes out with day, month and year, in their order."""
    return sorted((*_named(text), *_numbered(text), *_either_order(text)), key=lambda found: found.start)


def original_of(day: dt.date, text: str) -> str | None:
    """How a text writes a day; None where it does not write it out."""
    return next((text[found.start : found.end].strip() for found in dates_in(text) if day in found.days), None)


def iso_day(text: str) -> dt.date | None:
    """The day that a text is in ISO 8601, as results have them; None where it is none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def month_is_named(month: int, text: str) -> bool:
    """Whether a text names a month in English words."""
    return bool(re.search(rf"\b{_MONTHS[month - 1][:3]}", text, re.IGNORECASE))


def names_time_span(text: str) -> bool:
    """Whether a text counts days, weeks, months or years, from which a day can be computed: `two (2) years`, `30天`."""
    return any(
        found["zh"] or has_numeral(found["count"]) or found["count"].lower() in _ORDINALS
        for found in _SPAN.finditer(text)
    )


def _named(text: str) -> Iterator[WrittenDate]:
    for pattern in _NAMED:
        for found in pattern.finditer(text):
            month = [name[:3] for name in _MONTHS].index(found["month"].lower()[:3]) + 1
            yield from _written(found, [(int(found["year"]), month, int(found["day"]))])


def _numbered(text: str) -> Iterator[WrittenDate]:
    for pattern in _NUMBERED:
        for found in pattern.finditer(text):
            parts = [_number(found[part]) for part in ("year", "month", "day")]
            yield from _written(found, [(parts[0], parts[1], parts[2])])


def _either_order(text: str) -> Iterator[WrittenDate]:
    for found in _EITHER_ORDER.finditer(text):
        first, second, year = (int(part) for part in found.groups())
        yield from _written(found, [(_full_year(year), first, second), (_full_year(year), second, first)])


def _written(found: re.Match[str], readings: list[tuple[int, int, int]]) -> Iterator[WrittenDate]:
    days = frozenset(day for reading in readings if (day := to_day(*reading)) is not None)
    if days:
        yield WrittenDate(found.start(), found.end(), days)


def to_day(year: int, month: int, day: int) -> dt.date | None:
    """The day with these numbers; None where the calendar has none."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _number(written: str) -> int:
    return int(written) if written.isdigit() and written.isascii() else int(chinese_to_number(written) or 0)


def _full_year(year: int) -> int:
    return year if year >= _CENTURY else year + (1900 if year >= _PIVOT else 2000)
