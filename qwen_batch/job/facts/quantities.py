"""Quantities as documents write them, and whether two say the same: 1.2 kg is 1,200 grams, ten years are 120 months.

Knows the units of everyday papers; what it does not know is compared as it is written.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from qwen_batch.job.facts.currencies import to_code
from qwen_batch.job.facts.numerals import GROUPING, numbers_in

TOLERANCE = 1e-6
_NUMBER = re.compile(
    r"(?P<sign>[-−–]|minus\s)?\s*(?P<digits>\d[\d,'’ ]*(?:\.\d+)?)(?:\s*(?P<scale>thousand|million|billion))?"
)
_SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
_UNIT = re.compile(r"\s*([^\W\d_]+(?:[-/·][^\W\d_]+)*|°\s?[CF]|%|[€$£¥])(?:\s(celsius))?", re.IGNORECASE)
_BEFORE = re.compile(r"([A-Z]{3}|[€$£¥])\s*$")
_NAMES: dict[str, dict[str, float]] = {
    "mass": {"mg milligram 毫克": 1e-3, "g gram gramme 克": 1, "kg kilogram kilo 千克 公斤": 1e3, "t tonne 吨": 1e6}
    | {"oz ounce": 28.349523125, "lb lbs pound": 453.59237},
    "length": {"mm millimetre millimeter 毫米": 1e-3, "cm centimetre centimeter 厘米": 1e-2, "m metre meter 米": 1}
    | {"km kilometre kilometer 千米 公里": 1e3, "in inch inches": 0.0254, "ft foot feet": 0.3048, "mile": 1609.344},
    "time": {"ms millisecond 毫秒": 1e-3, "s sec second 秒": 1, "min minute 分钟": 60, "h hr hour 小时": 3600}
    | {"d day 天": 86400, "week 周": 604800},
    "calendar": {"month 个月": 1, "y yr year 年": 12},
    "energy": {"wh watt-hour": 1, "kwh kilowatt-hour": 1e3, "mwh": 1e6},
    "power": {"mw milliwatt": 1e-3, "w watt 瓦": 1, "kw kilowatt 千瓦": 1e3},
    "voltage": {"mv millivolt": 1e-3, "v volt 伏": 1, "kv kilovolt": 1e3},
    "current": {"ma milliampere milliamp": 1e-3, "a amp ampere 安": 1},
    "charge": {"mah": 1e-3, "ah": 1},
    "frequency": {"hz hertz 赫兹": 1, "khz": 1e3, "mhz": 1e6, "ghz": 1e9},
    "volume": {"ml millilitre milliliter 毫升": 1e-3, "l litre liter 升": 1},
    "data": {"kb kilobyte": 1e3, "mb megabyte": 1e6, "gb gigabyte": 1e9, "tb terabyte": 1e12},
    "share": {"% percent 百分": 1},
    "temperature": {"°c ℃ celsius": 1},
    "loudness": {"db decibel": 1},
    "speed": {"km/h": 1, "m/s": 3.6},
    "turns": {"rpm": 1},
    "brightness": {"nit cd/m": 1},
}
_UNITS = {
    name: (kind, factor) for kind, units in _NAMES.items() for names, factor in units.items() for name in names.split()
}
_UNITS["mw"] = ("power", 1e6)  # written "MW": a milliwatt is rare, and told by its letters below
_CASED = {"mW": ("power", 1e-3)}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in the base unit of its kind; the kind is empty, and `words` are what stands beside it, for no unit."""

    value: float
    kind: str
    words: str = ""


@lru_cache(maxsize=20_000)
def quantity_of(text: str) -> Quantity | None:
    """The one quantity that a text states; None where it states none or several."""
    flat = unicodedata.normalize("NFKC", text).strip()
    found = list(_NUMBER.finditer(GROUPING.sub("", flat)))
    if len(found) == 1:
        flat = GROUPING.sub("", flat)
        one = found[0]
        digits = one["digits"].rstrip(",'’ ")
        number = float(digits.replace(" ", "").replace(",", ".")) if _is_number(digits) else None
        if number is None:
            return None
        number *= _SCALES.get((one["scale"] or "").lower(), 1)
        start = one.start()
        end = one.end("scale") if one["scale"] else one.start("digits") + len(digits)
        return _with_unit(-number if one["sign"] else number, flat[:start], flat[end:])
    if found:
        return None
    numbers = numbers_in(flat)
    if len(numbers) != 1:
        return None
    unit = next((known for word in re.findall(r"[^\W\d_]+", flat) if (known := _unit(word)) is not None), None)
    (number,) = numbers
    return Quantity(number * unit[1], unit[0]) if unit else Quantity(number, "", _without_numerals(flat))


def is_same_quantity(first: str, second: str) -> bool | None:
    """Whether two texts state the same quantity; None where that cannot be told by numbers.

    A number without a unit is the same as one with any: "2" and "two ports".
    """
    one, other = quantity_of(first), quantity_of(second)
    if one is None or other is None:
        return None
    if one.kind and other.kind:
        return one.kind == other.kind and _close(one.value, other.value)
    if one.kind or other.kind:
        return _close(one.value, other.value) or None
    if not _close(one.value, other.value):
        return False
    return True if one.words in other.words or other.words in one.words else None


def _without_numerals(text: str) -> str:
    return " ".join(word for word in text.casefold().split() if not numbers_in(word))


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _is_number(digits: str) -> bool:
    return re.fullmatch(r"\d+(?:[.,]\d+)?", digits.replace(" ", "")) is not None


def _with_unit(number: float, before: str, behind: str) -> Quantity:
    if (found := _UNIT.match(behind)) is not None:
        known = _unit(found[1])
        if known is not None:
            return Quantity(number * known[1], known[0])
        if code := to_code(found[1]) or to_code(found[1].removesuffix("s")):
            return Quantity(number, code)
    if (found := _BEFORE.search(before)) is not None and (code := to_code(found[1])):
        return Quantity(number, code)
    return Quantity(number, "", " ".join(f"{before} {behind}".casefold().split()))


def _unit(word: str) -> tuple[str, float] | None:
    if word in _CASED:
        return _CASED[word]
    name = word.replace(" ", "").casefold()
    if name in _UNITS:
        return _UNITS[name]
    if name.startswith("degree"):
        return _UNITS["°c"]
    return _UNITS.get(name.removesuffix("s"))
