"""Values as the benchmark compares them: dates, durations, names, words. Shares no code with what is judged."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any

from rapidfuzz import fuzz

MIN_TOKEN_F1 = 0.5
MIN_PARTIAL_RATIO = 85.0
MIN_PARTIAL_TOKENS = 3
MIN_NAME_RATIO = 90.0
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
CENTURY_PIVOT = 50  # a year of two digits from here on is of the last century
_MONTH = rf"({'|'.join(MONTHS)})[a-z]*\.?"
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMERIC = re.compile(r"\b(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4}|\d{2})\b")
_MONTH_FIRST = re.compile(rf"\b{_MONTH}\s*(\d{{1,2}})\s*(?:st|nd|rd|t\s?h)?\s*,?\s*(\d{{4}})", re.IGNORECASE)
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})\s*(?:st|nd|rd|t\s?h)?\s*(?:day\s*)?(?:of\s*)?{_MONTH}\s*,?\s*(?:in\s*)?(\d{{4}})", re.IGNORECASE
)
_ABSENT = re.compile(
    r"\W*|n/?a|none|nil|null|unknown|absent|not\s.*|no\s(?:specific|explicit|information|such).*|"
    r".*\bnot (?:specified|stated|mentioned|provided|applicable)\W*",
    re.IGNORECASE,
)
_NUMBERS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "eighteen": 18, "twenty": 20, "thirty": 30, "forty": 40,
    "forty-five": 45, "sixty": 60, "seventy-five": 75, "ninety": 90, "one hundred twenty": 120,
    "one hundred eighty": 180, "annual": 1, "annually": 1,
}  # fmt: skip
_COUNT = r"\d+|" + "|".join(sorted(_NUMBERS, key=len, reverse=True))
_DURATION = re.compile(
    rf"\b({_COUNT})\s*(?:\(\s*(\d+)\s*\)\s*)?[\s-]*(?:calendar|business|successive|additional|consecutive|full)?\s*"
    r"(day|week|month|year)",
    re.IGNORECASE,
)
_ANNUAL = re.compile(r"\b(?:annual|annually|yearly|year[- ]to[- ]year)\b", re.IGNORECASE)
_PERPETUAL = re.compile(r"\b(?:perpetual|perpetually|perpetuity|indefinite|indefinitely|evergreen)\b", re.IGNORECASE)
_LEGAL_FORMS = frozenset(
    [
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "ltd",
        "limited",
        "llc",
        "lp",
        "llp",
        "plc",
        "ag",
        "sa",
        "spa",
        "bv",
        "nv",
        "gmbh",
        "kg",
        "sdn",
        "bhd",
        "pty",
        "pte",
    ]
)


def texts_of(value: Any) -> list[str]:
    """The texts of a JSON value without quotes; none for null and for words that only say that there is nothing."""
    if value is None or isinstance(value, bool):
        return []
    if isinstance(value, dict):
        return [text for key, item in value.items() if key != "quote" for text in texts_of(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts_of(item)]
    text = str(value).strip()
    return [] if _ABSENT.fullmatch(text) else [text]


def dates_in(text: str, *, day_first: bool = False) -> frozenset[dt.date]:
    """Every date in a text: ISO, with slashes, and written in English."""
    found: set[dt.date | None] = set()
    for year, month, day in _ISO.findall(text):
        found.add(_date(year, month, day))
    for first, second, year in _NUMERIC.findall(_ISO.sub(" ", text)):
        found.add(_date(year, second, first) if day_first else _date(year, first, second))
    for month, day, year in _MONTH_FIRST.findall(text):
        found.add(_date(year, _month(month), day))
    for day, month, year in _DAY_FIRST.findall(text):
        found.add(_date(year, _month(month), day))
    return frozenset(date for date in found if date)


def _month(name: str) -> int:
    return MONTHS.index(name[:3].lower()) + 1


def _date(year: str, month: str | int, day: str | int) -> dt.date | None:
    full = int(year)
    if len(year) == 2:  # noqa: PLR2004  two digits
        full += 1900 if full >= CENTURY_PIVOT else 2000
    try:
        return dt.date(full, int(month), int(day))
    except ValueError:
        return None


def durations_in(text: str) -> frozenset[tuple[int, str]]:
    """Every length of time as number and unit; years as months, weeks as days; perpetual is (0, "perpetual")."""
    found = set()
    for count, in_digits, unit in _DURATION.findall(text):
        number = int(in_digits or (count if count.isdigit() else _NUMBERS[count.lower()]))
        factor, plain = {"year": (12, "month"), "week": (7, "day")}.get(unit.lower(), (1, unit.lower()))
        found.add((number * factor, plain))
    if _ANNUAL.search(text):
        found.add((12, "month"))
    if _PERPETUAL.search(text):
        found.add((0, "perpetual"))
    return frozenset(found)


def tokens(text: str) -> list[str]:
    """Words in lower case, without accents and punctuation; a Chinese character is a word."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return re.findall(r"[一-鿿]|[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))


def same_words(value: str, label: str) -> bool:
    """Free text: token F1 of one half and more; or one of three words and more stands nearly so in the other."""
    one, other = tokens(value), tokens(label)
    if not one or not other:
        return False
    common = (Counter(one) & Counter(other)).total()
    if 2 * common / (len(one) + len(other)) >= MIN_TOKEN_F1:
        return True
    if min(len(one), len(other)) < MIN_PARTIAL_TOKENS:
        return False
    return fuzz.partial_ratio(" ".join(one), " ".join(other)) >= MIN_PARTIAL_RATIO


def same_name(value: str, label: str) -> bool:
    """Names: the same but for legal forms, punctuation, case and small slips."""
    one, other = _core(value), _core(label)
    if not one or not other:
        return False
    return one == other or fuzz.ratio(one, other) >= MIN_NAME_RATIO


def has_legal_form(name: str) -> bool:
    """Whether a name says what kind of company it is."""
    return not _LEGAL_FORMS.isdisjoint(tokens(name.replace(".", "")))


def name_ratio(name: str, labels: Iterable[str]) -> float:
    """How near a name is to the nearest of some labels, 0 to 100."""
    return max((fuzz.ratio(_core(name), _core(label)) for label in labels), default=0.0)


def _core(name: str) -> str:
    words = [word for word in tokens(name.replace(".", "").replace("'", "")) if word != "the"]
    core = [word for word in words if word not in _LEGAL_FORMS]
    return " ".join(core or words)


def same_number(value: str, label: str) -> bool:
    """Amounts: the same number to the cent, whatever currency stands beside it."""
    one, other = _number(value), _number(label)
    return one is not None and other is not None and abs(one - other) < 0.005  # noqa: PLR2004  half a cent


def _number(text: str) -> float | None:
    found = re.search(r"-?\d[\d,]*(?:\.\d+)?", text)
    return float(found[0].replace(",", "")) if found else None
