"""What expressions count with: money, lengths of time, and the kinds of these. Exact: decimals, never binary fractions.

A length of months is none of days: the 31st of January and a month is the 28th or 29th of February.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal["number", "money", "day", "length", "text", "flag", "object", "list"]
LENGTH_UNITS = {"day": (0, 1), "week": (0, 7), "month": (1, 0), "quarter": (3, 0), "year": (12, 0)}
"""Months and days of a unit."""
CHINESE_UNITS = {
    "天": "day",
    "日": "day",
    "周": "week",
    "个月": "month",
    "月": "month",
    "季度": "quarter",
    "年": "year",
}
MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Money:
    """A sum of money; `currency` is None where nobody says it."""

    value: Decimal
    currency: str | None = None

    def __str__(self) -> str:
        return f"{self.value} {self.currency}" if self.currency else str(self.value)


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time in whole months and days."""

    months: int = 0
    days: int = 0

    def after(self, day: dt.date, sign: int = 1) -> dt.date | None:
        """The day so much later, or earlier; the month's last where it has no such day; None beyond the calendar."""
        month = day.year * MONTHS_A_YEAR + day.month - 1 + sign * self.months
        year, number = divmod(month, MONTHS_A_YEAR)
        if not dt.MINYEAR <= year <= dt.MAXYEAR:
            return None
        last = calendar.monthrange(year, number + 1)[1]
        try:
            return dt.date(year, number + 1, min(day.day, last)) + dt.timedelta(days=sign * self.days)
        except OverflowError:
            return None


def length_of(number: Decimal, unit: str) -> Length | None:
    """So many of a unit, in English or Chinese; None for a unit that is not known or a part of a month."""
    plain = unit.strip().lower()
    name = CHINESE_UNITS.get(plain) or plain.removesuffix("s")
    if name not in LENGTH_UNITS:
        return None
    months, days = (number * each for each in LENGTH_UNITS[name])
    if months != int(months) or days != int(days):
        return None
    return Length(int(months), int(days))
