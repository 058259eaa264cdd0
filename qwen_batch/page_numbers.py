"""Reads the numbers in a line of text: "Page 3 of 12", "- iv -", "第3页 共12页".

Knows nothing of pages; whether such a line really is a page number is for `furniture` to decide.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

ROMAN_SHIFT = 1000

_NUMERAL = r"(\d{1,4}|[ivxlc]{1,7})"
_BARE = re.compile(rf"[-–—\[(|.\s]*(?:[a-z]{{1,2}}[-–.]|\d{{1,2}}[-–])?{_NUMERAL}[-–—\])|.\s]*")
_NAMED = re.compile(rf"[-–—\[(|\s]*(?:page|pg\.?|p\.)\s*{_NUMERAL}(?:\s*(?:of|/)\s*(\d{{1,4}}))?[-–—\])|.\s]*")
_OF = re.compile(rf"[-–—\[(|\s]*{_NUMERAL}\s*(?:of|/)\s*(\d{{1,4}})[-–—\])|.\s]*")
_CHINESE = re.compile(rf"[-–—\s]*第\s*{_NUMERAL}\s*页(?:\s*[,，/]?\s*[共总]\s*(\d{{1,4}})\s*页)?[-–—\s]*")
_ROMAN = re.compile(r"c{0,3}(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_NUMBER = re.compile(r"\d+|\b(?:[ivx]|[ivxlc]{2,7})\b")


@dataclass(frozen=True, slots=True)
class PageLabel:
    """A line that may be a page number: "Page 3 of 12" has the number 3, the total 12 and is named."""

    number: int
    total: int | None = None
    named: bool = False


def page_label(text: str) -> PageLabel | None:
    """What a line says as a page number, None if it says anything else."""
    plain = plain_text(text)
    if (match := _NAMED.fullmatch(plain)) or (match := _CHINESE.fullmatch(plain)) or (match := _OF.fullmatch(plain)):
        number = _value(match[1])
        return PageLabel(number, int(match[2]) if match[2] else None, named=True) if number is not None else None
    if match := _BARE.fullmatch(plain):
        number = _value(match[1])
        return PageLabel(number) if number is not None else None
    return None


def _value(numeral: str) -> int | None:
    if numeral.isdigit():
        return int(numeral)
    if not _ROMAN.fullmatch(numeral):
        return None
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < following else value for value, following in pairs)


def plain_text(text: str) -> str:
    """A text in one spelling: NFKC, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def number_key(plain: str) -> str:
    """A plain text with every number as "#" and without spaces."""
    return _NUMBER.sub(lambda match: match[0] if _value(match[0]) is None else "#", plain).replace(" ", "")


def numbers_in(plain: str) -> tuple[int, ...]:
    """The numbers of a plain text; roman ones come below all others, as the pages of a preface before page 1."""
    values = ((text, _value(text)) for text in _NUMBER.findall(plain))
    return tuple(value if text.isdigit() else value - ROMAN_SHIFT for text, value in values if value is not None)
