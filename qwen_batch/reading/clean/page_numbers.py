"""Reads the numbers in a line of text: "Page 3 of 12", "- iv -", "第3页 共12页".

Knows nothing of pages; whether such a line really is a page number is for `furniture` to decide.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

ROMAN_SHIFT = 1000

_NUMERAL = r"(\d{1,4}|[ivxlc]{1,7})"
_EDGE = r"[-–—~|*\[\]().\s]*"
_PAGE = r"(?:page|pg|p(?=[.:\s])|seite|página|pagina|pág|strona|sayfa|стр|страница)(?:\s*no)?\s*[.:|#–—-]*"
_OF_TOTAL = r"(?:of|/|von|sur|de|di|van|из|z)\s*(\d{1,4})(?:\s*pages)?"
_BARE = re.compile(rf"{_EDGE}(?:[a-z]{{1,2}}[-–.]|\d{{1,2}}[-–])?{_NUMERAL}{_EDGE}")
_NAMED = re.compile(rf"{_EDGE}{_PAGE}\s*{_NUMERAL}(?:\s*{_OF_TOTAL})?{_EDGE}")
_NAMED_AFTER = re.compile(rf"{_EDGE}{_NUMERAL}\s*[|–—-]?\s*pages?{_EDGE}")
_OF = re.compile(rf"{_EDGE}{_NUMERAL}\s*{_OF_TOTAL}{_EDGE}")
_CHINESE = re.compile(rf"{_EDGE}第?\s*{_NUMERAL}\s*[页頁](?:\s*[,，/]?\s*[共总總]\s*(\d{{1,4}})\s*[页頁])?{_EDGE}")
_ITEM = re.compile(r"\([ivxlc]+\)|[ivxlc]+[.)]|[clx]")
"""Roman numerals as items of a list have them, and letters that seldom number a page."""
_ROMAN = re.compile(r"c{0,3}(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_OUTER = re.compile(r"(?P<first>\d{1,4})\s+[^\W\d].*|.*[^\W\d]\S*\s+(?P<last>\d{1,4})")
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
    for form in (_NAMED, _CHINESE, _OF, _NAMED_AFTER):
        if match := form.fullmatch(plain):
            number, total = _value(match[1]), match[2] if match.re.groups > 1 else None
            return PageLabel(number, int(total) if total else None, named=True) if number is not None else None
    if (match := _BARE.fullmatch(plain)) and not _ITEM.fullmatch(plain):
        number = _value(match[1])
        return PageLabel(number) if number is not None else None
    return None


def outer_number(plain: str) -> int | None:
    """The number with which a plain text begins or ends, beside other words; None without one."""
    match = _OUTER.fullmatch(plain)
    return int(match["first"] or match["last"]) if match else None


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
