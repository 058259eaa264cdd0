"""What a cell of OpenDocument shows of its value, with the value beside it where digits are lost.

Dates and times read as in Excel's formats, whatever language they are shown in (ODF 1.3 part 3, 19.367 to 19.389).
"""

from __future__ import annotations

import re
from decimal import Decimal

from qwen_batch.reading.parts.number_format import number, number_format
from qwen_batch.reading.parts.number_format.figures import general

_DURATION = re.compile(r"(-?)P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:([\d.,]+)S)?")
_FIGURES = re.compile(r"\d[\d.,'\u00a0\u202f ]*")


def time_shown(told: str) -> str | None:
    """A length of time as hours, minutes and seconds; None for what is none."""
    match = _DURATION.fullmatch(told)
    if match is None:
        return None
    sign, days, hours, minutes, seconds = match.groups()
    whole = round(float((seconds or "0").replace(",", ".")))
    total = (int(days or 0) * 24 + int(hours or 0)) * 3600 + int(minutes or 0) * 60 + whole
    return f"{sign}{total // 3600:02}:{total // 60 % 60:02}:{total % 60:02}"


def number_shown(kind: str, raw: str, currency: str, text: str) -> str:
    """What a cell shows of a number, with the number beside it where digits are lost."""
    value = number(raw)
    if value is None:
        return text
    if not text:
        if kind == "percentage":
            return number_format("0.##########%").shown(raw)
        return f"{general(value)} {currency}".strip()
    scaled = value * 100 if "%" in text or kind == "percentage" else value
    return text if _tells(text, abs(scaled)) else f"{text} ({general(value)})"


def _tells(text: str, value: Decimal) -> bool:
    """Whether the figures of some text are a value's, be the decimal sign a point or a comma."""
    found = _FIGURES.search(text)
    if found is None or re.search(r"\d[Ee][+-]?\d", text) or "/" in text:
        return not value if found is None else False
    figures = re.sub(r"[\s'\u00a0\u202f]", "", found[0]).rstrip(".,")
    readings = {figures.replace(",", ""), figures.replace(".", "").replace(",", "."), figures.replace(",", ".")}
    return any(number(reading) == value for reading in readings)


def date_shown(day: str, text: str) -> str:
    """A date in ISO 8601, behind what is shown where that is a part of it, such as a month's name."""
    iso = day.replace("T00:00:00", "").replace("T", " ").partition(".")[0]
    year, _, rest = iso.lstrip("-").partition("-")
    numbers = {int(piece) for piece in re.findall(r"\d+", text)}
    whole = {int(piece) for piece in re.findall(r"\d+", rest)[1:2]} <= numbers
    tells_year = bool(year.isdigit() and {int(year), int(year) % 100} & numbers)
    return iso if not text or (whole and tells_year) else f"{text} ({iso})"
