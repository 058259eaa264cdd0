"""Days and times as a section of a number format shows them; whole dates in ISO 8601, which nobody can misread.

A date of which the format shows a part alone stands beside that part: `May-24 (2024-05-17)`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from qwen_batch.reading.parts.number_format.sections import Section, Token

DAY_S, HOUR_S, MINUTE_S = 86_400, 3600, 60
LEAP_DAY = 60
"""Excel's 29 February 1900, which never was: serials after it are a day ahead."""
LAST_SERIAL = 2_958_465
FIRST_YEAR_OF_DAYS = 367
"""Smaller values in a format that shows a time alone are sums of hours rather than days of 1900."""
NOT_SHOWN = "####"
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT_NAME, LETTER_ALONE, LONG_YEAR = 3, 5, 3
HALF_DAY_H = 12


@dataclass(frozen=True, slots=True)
class Moment:
    """A serial number as a calendar reads it: `day` is None for a day that no calendar has."""

    day: dt.date | None
    iso_day: str
    seconds: Decimal
    """Since midnight."""


def date_shown(section: Section, value: Decimal, *, date1904: bool) -> str:
    """A serial number by a section with dates, times or elapsed times in it."""
    if section.has("elapsed"):
        return _elapsed(section, value)
    letters = {token.text[0] for token in section.tokens if token.kind == "date"}
    places = max((token.text.count("0") for token in section.tokens if token.kind == "date"), default=0)
    has_time = bool(letters & set("hsa上오.")) or _minutes_alone(letters)
    has_date = bool(letters & set("ydegb")) or ("m" in letters and not has_time)
    moment = _moment(value, places, date1904=date1904)
    if moment is None:
        return NOT_SHOWN
    if not has_date:
        if value >= FIRST_YEAR_OF_DAYS:
            return f"{moment.iso_day} {_clock(moment.seconds, places)}"
        clock = _clock(moment.seconds, places)
        return clock if value < 1 else f"{clock} ({_clock(value * DAY_S, places)})"
    iso = moment.iso_day
    if moment.seconds:
        iso = f"{iso} {_clock(moment.seconds, places)}" if value >= 1 or date1904 else _clock(moment.seconds, places)
    if moment.day is None or (letters & set("yeb") and "m" in letters and _shows_day(section)):
        return iso
    return f"{_by_tokens(section, moment)} ({iso})"


def _minutes_alone(letters: set[str]) -> bool:
    return letters == {"m", "."}


def _shows_day(section: Section) -> bool:
    return any(token.kind == "date" and token.text in {"d", "dd"} for token in section.tokens)


def _moment(value: Decimal, places: int, *, date1904: bool) -> Moment | None:
    if not 0 <= value < LAST_SERIAL + 1:
        return None
    unit = Decimal(1).scaleb(-places)
    total = (value * DAY_S).quantize(unit, ROUND_HALF_UP)
    serial, seconds = int(total // DAY_S), total % DAY_S
    if date1904:
        day = dt.date(1904, 1, 1) + dt.timedelta(days=serial)
    elif serial == 0:
        return Moment(None, "1900-01-00", seconds)
    elif serial == LEAP_DAY:
        return Moment(None, "1900-02-29", seconds)
    else:
        day = dt.date(1899, 12, 31 if serial < LEAP_DAY else 30) + dt.timedelta(days=serial)
    return Moment(day, day.isoformat(), seconds)


def _clock(seconds: Decimal, places: int = 0) -> str:
    hours, rest = divmod(abs(seconds), HOUR_S)
    minutes, last = divmod(rest, MINUTE_S)
    tail = f"{last:0{3 + places}.{places}f}" if places else f"{int(last):02}"
    return f"{'-' if seconds < 0 else ''}{int(hours):02}:{int(minutes):02}:{tail}"


def _elapsed(section: Section, value: Decimal) -> str:
    """A length of time: the unit in brackets takes all of it, smaller units the rest."""
    places = max((token.text.count("0") for token in section.tokens if token.kind == "date"), default=0)
    total = abs(value * DAY_S).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    parts = ["-" if value < 0 and total else ""]
    units = {"h": HOUR_S, "m": MINUTE_S, "s": 1}
    for index, token in enumerate(section.tokens):
        unit = units.get(token.text[:1])
        if token.kind == "elapsed" and unit:
            parts.append(f"{int(total // unit):0{len(token.text)}}")
        elif token.kind == "date" and token.text.startswith("."):
            parts.append(f"{total % 1:.{places}f}"[1:])
        elif token.kind == "date" and unit:
            upper = HALF_DAY_H * 2 if unit == HOUR_S else MINUTE_S
            parts.append(f"{int(total // unit) % upper:0{len(token.text)}}")
        elif token.kind != "date":
            parts.append(section.tokens[index].text)
    return "".join(parts).strip()


def _by_tokens(section: Section, moment: Moment) -> str:
    dates = [(index, token) for index, token in enumerate(section.tokens) if token.kind == "date"]
    half_day = any(token.text[0] in "a上오" for _, token in dates)
    parts = []
    for index, token in enumerate(section.tokens):
        if token.kind == "date":
            at = next(place for place, (where, _) in enumerate(dates) if where == index)
            before = dates[at - 1][1].text[0] if at else ""
            after = dates[at + 1][1].text[0] if at + 1 < len(dates) else ""
            minutes = token.text[0] == "m" and (before == "h" or after == "s")
            parts.append(_piece(token, moment, minutes=minutes, half_day=half_day))
        else:
            parts.append(token.text)
    return " ".join("".join(parts).split())


def _piece(token: Token, moment: Moment, *, minutes: bool, half_day: bool) -> str:
    letter, size, day = token.text[0], len(token.text), moment.day
    hour = int(moment.seconds // HOUR_S)
    if letter in "a上오":
        return "AM" if hour < HALF_DAY_H else "PM"
    if letter == "h":
        return f"{(hour % HALF_DAY_H or HALF_DAY_H) if half_day else hour:0{min(size, 2)}}"
    if minutes:
        return f"{int(moment.seconds % HOUR_S // MINUTE_S):0{min(size, 2)}}"
    if letter == "s":
        return f"{int(moment.seconds % MINUTE_S):0{min(size, 2)}}"
    if letter == ".":
        return f"{moment.seconds % 1:.{size - 1}f}"[1:]
    if day is None or letter == "g":
        return ""
    if letter in "yeb":
        return f"{day.year}" if size >= LONG_YEAR or letter == "e" else f"{day.year % 100:02}"
    number, names = (day.month, MONTHS) if letter == "m" else (day.day, DAYS)
    if size < SHORT_NAME:
        return f"{number:0{size}}"
    name = names[day.month - 1] if letter == "m" else names[day.weekday()]
    return name[:1] if size == LETTER_ALONE else name if size > SHORT_NAME else name[:SHORT_NAME]
