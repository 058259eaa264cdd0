"""The time stamps of log lines: how they are written, what they say, and which of two comes first.

A stamp may lack its year, its day or its zone. What it lacks is not made up: without a year it is written as ISO 8601
writes it, `--03-14T09:26:53`. Knows text, nothing of documents.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LAST_MONTH = 12
SEARCHED_CHARS = 200
"""Of a line so many characters are searched for its stamp."""
_MONTH = "(?P<mon>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?"
_ZONE = r"(?:\s?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)(?![\w:]))?"
STYLES = {
    "iso": re.compile(rf"(?<!\d)(?P<year>\d{{4}})[-/.](?P<month>\d\d)[-/.](?P<day>\d\d)[T _:,]\s?{_TIME}{_ZONE}"),
    "compact": re.compile(
        r"(?<!\d)(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)[T -]?(?P<hour>\d\d):?(?P<minute>\d\d):?(?P<second>\d\d)"
        rf"(?:[.,](?P<fraction>\d{{1,9}}))?(?!\d){_ZONE}"
    ),
    "chinese": re.compile(
        r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日\s*(?P<hour>\d{1,2})[:：时](?P<minute>\d\d)[:：分]"
        r"(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?秒?"
    ),
    "clf": re.compile(rf"(?P<day>\d{{1,2}})[/ -]{_MONTH}[/ -](?P<year>\d{{4}})[: ]\s?{_TIME}{_ZONE}"),
    "ctime": re.compile(rf"{_MONTH}\s+(?P<day>\d{{1,2}})\s+{_TIME}{_ZONE}\s+(?P<year>\d{{4}})\b"),
    "numbers": re.compile(
        r"(?<!\d)(?P<first>\d{1,2})[/.](?P<other>\d{1,2})[/.](?P<year>\d{4})[ T,]+"
        rf"{_TIME}(?:\s?(?P<half>[AP]M))?{_ZONE}"
    ),
    "syslog": re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})\s+{_TIME}{_ZONE}"),
    "klog": re.compile(rf"(?<!\w)[IWEF](?P<month>\d\d)(?P<day>\d\d)\s+{_TIME}"),
    "epoch": re.compile(r"(?<![\w.])(?P<epoch>1\d{9})(?:\.?(?P<fraction>\d{1,9}))?(?![\w.])"),
    "time": re.compile(rf"^\W?{_TIME}{_ZONE}"),
}
"""Ways to write a stamp; of those that find one the first counts."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as a line writes it; a part that is None is not written. `offset` are minutes east of UTC."""

    year: int | None
    month: int | None
    day: int | None
    time: dt.time
    offset: int | None = None

    def text(self) -> str:
        """As ISO 8601 writes it, without what the line does not say."""
        time = self.time.isoformat("milliseconds" if self.time.microsecond else "seconds")
        if self.month is None or self.day is None:
            day = ""
        elif self.year is None:
            day = f"--{self.month:02}-{self.day:02}T"
        else:
            day = f"{self.year:04}-{self.month:02}-{self.day:02}T"
        if self.offset is None:
            return f"{day}{time}"
        sign, minutes = "-" if self.offset < 0 else "+", abs(self.offset)
        return f"{day}{time}" + ("Z" if minutes == 0 else f"{sign}{minutes // 60:02}:{minutes % 60:02}")

    def order(self) -> tuple[dt.datetime, ...]:
        """What stamps are sorted by: the moment in UTC; one without a zone as if it were in UTC."""
        year = 1 if self.year is None else self.year
        year = 4 if (self.year, self.month, self.day) == (None, 2, 29) else year
        day = dt.datetime.combine(dt.date(year, self.month or 1, self.day or 1), self.time)
        try:
            return (day - dt.timedelta(minutes=self.offset or 0),)
        except OverflowError:
            return (day,)


@dataclass(frozen=True, slots=True)
class FoundStamp:
    """A stamp's characters [start, end) of a text, and where its time of the day begins."""

    start: int
    end: int
    time_at: int


def styles_of(lines: list[str]) -> tuple[str, ...]:
    """The ways in which stamps are written in these lines, the most frequent first; rare ones are left out."""
    counts = dict.fromkeys(STYLES, 0)
    for line in lines:
        name = next((name for name, style in STYLES.items() if style.search(line, 0, SEARCHED_CHARS)), None)
        if name is not None:
            counts[name] += 1
    least = sum(counts.values()) / 20
    return tuple(name for name in sorted(counts, key=counts.__getitem__, reverse=True) if counts[name] > least)


def is_day_first(lines: list[str]) -> bool | None:
    """Whether 03/04/2026 is a day of April in these lines; None where none of them tells."""
    pairs = [
        (int(found["first"]), int(found["other"]))
        for line in lines
        if (found := STYLES["numbers"].search(line, 0, SEARCHED_CHARS))
    ]
    day_first = any(first > LAST_MONTH >= other for first, other in pairs)
    month_first = any(other > LAST_MONTH >= first for first, other in pairs)
    return day_first if day_first is not month_first else None


def stamp_of(found: re.Match[str], day_first: bool | None = None) -> Stamp | None:
    """What a match of one of the styles says; None for what the calendar or the clock does not have."""
    parts = found.groupdict()
    try:
        if parts.get("epoch"):
            return _epoch(parts["epoch"], parts.get("fraction") or "")
        month, day = _month_and_day(parts, day_first)
        hour = int(found["hour"])
        if half := parts.get("half"):
            hour = hour % 12 + (12 if half == "PM" else 0)
        micro = int((parts.get("fraction") or "0").ljust(6, "0")[:6])
        time = dt.time(hour, int(found["minute"]), min(int(found["second"]), 59), micro)  # a leap second is 59
        year = parts.get("year")
        stamp = Stamp(int(year) if year else None, month, day, time, _offset(parts.get("zone")))
        stamp.order()
    except ValueError:
        return None
    return stamp


def text_to_stamp(text: str) -> Stamp | None:
    """What `Stamp.text` wrote."""
    for pattern in (STYLES["iso"], _YEARLESS, STYLES["time"]):
        if found := pattern.match(text):
            return stamp_of(found)
    return None


def with_year(stamp: Stamp, year: int | None) -> Stamp:
    """The stamp in this year, where it says none and the year has its day."""
    if year is None or stamp.year is not None or stamp.month is None:
        return stamp
    dated = replace(stamp, year=year)
    try:
        dated.order()
    except ValueError:
        return stamp
    return dated


_YEARLESS = re.compile(rf"--(?P<month>\d\d)-(?P<day>\d\d)T{_TIME}{_ZONE}")
_MILLISECONDS = 3


def _epoch(seconds: str, fraction: str) -> Stamp:
    at = dt.datetime.fromtimestamp(int(seconds), dt.UTC)
    micro = int(fraction.ljust(6, "0")[:6]) if fraction else 0
    return Stamp(at.year, at.month, at.day, at.time().replace(microsecond=micro), 0)


def _month_and_day(parts: dict[str, str | None], day_first: bool | None) -> tuple[int | None, int | None]:
    if first := parts.get("first"):
        pair = int(first), int(parts.get("other") or 0)
        if day_first is None and pair[0] <= LAST_MONTH and pair[0] != pair[1]:
            raise ValueError("either may be the month")
        return (pair[1], pair[0]) if day_first else pair
    name = parts.get("mon")
    day, number = parts.get("day"), parts.get("month")
    month = MONTHS.index(name[:3].lower()) + 1 if name else int(number) if number else None
    return month, int(day) if day else None


def _offset(zone: str | None) -> int | None:
    if not zone:
        return None
    if zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if zone[0] == "-" else minutes
