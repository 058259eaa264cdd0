"""Reads the numbers in a line of text: "Page 3 of 12", "- iv -", "第3页 共12页".

Knows nothing of pages; whether such a line really is a page number is for `furniture` to decide.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

ROMAN_SHIFT = 1000

MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|januar|februar|märz|mai|juni|juli|oktober|dezember"
    "|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
)

_NUMERAL = r"(\d{1,4}|[ivxlc]{1,7})"
_EDGE = r"(?:[-–—~|*\[\]()._\s/]|(?:initials?|initialen|initiales|iniciales|paraphes?|parafen?)\b[.:]?)*"
"""What may stand around a page number: dashes, brackets, places for initials."""
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
_LABELLED = re.compile(
    r"(?:\b(?:no|nos|nr|number|numbers|order|invoice|ref|reference|article|section|exhibit|schedule|annex|appendix|part|lot"
    r"|form|table|figure|fig|version|item|clause|lease|policy|account|case|file|claim|contract|box|suite|room|route|parcel"
    r"|plot|unit|certificate|deed|statement|payslip|employee|customer|client|ticket|receipt|voucher|batch|serial|id|code|week"
    r"|day|month|year|quarter|period|phase|stage|step|lesson|chapter|volume|vol|issue|release|revision|rev|amendment|addendum"
    r"|task|job|project|total|sum|amount|balance|fee|price|qty|quantity|due|paid|forward|eur|usd|gbp|chf|nok|sek|euros?"
    r"|dollars?|level|floor|block|building|house|apartment|zone|district|street|road|until|since|by|metres|meters"
    r"|nummer|rechnung|auftrag|kapitel|teil|numéro|número|numero|factura|facture|commande|pedido"
    rf"|{MONTHS})\W*|[#№$€£¥°=]\s*)$"
)
"""What makes the number behind it one of the text's own."""
_MEASURED = re.compile(
    rf"\s*(?:%|[$€£¥°]|(?:{MONTHS}|days?|weeks?|months?|years?|pcs|pieces|units?|kg|km|mm|cm|eur|usd|gbp|chf|nok)\b)"
)
"""What makes the number before it one of the text's own."""
_NAMED_BEFORE = re.compile(rf"(?:^|[^\w]){_PAGE}\s*$|第\s*$")
_NAMED_BEHIND = re.compile(r"\s*[|–—-]?\s*(?:pages?\b(?!\s*\d)|[页頁])")
_GLUED_BEFORE = re.compile(r"[\w%][-–./,:'’]$|[\w$€£#-]$")
_SECTION_BEFORE = re.compile(r"(?:^|\s)(?:[a-z]|\d{1,2})[-–.]$")
_GLUED_BEHIND = re.compile(r"[-–.,:'’]?\w|[-–./,:]\d")
_BARRED_BEFORE = re.compile(r"[|•·–—]\s*$")
_BARRED_BEHIND = re.compile(r"\s*[|•·–—]")
_TOTAL_BEHIND = re.compile(rf"\s*{_OF_TOTAL}{_EDGE}$")
_ALL_EDGE = re.compile(_EDGE)
_NAMED_PART = re.compile(
    rf"(?:^|[\W_]+)(?:{_PAGE}\s*\d{{1,4}}(?:\s*{_OF_TOTAL})?|第?\s*\d{{1,4}}\s*[页頁](?:\s*[,，/]?\s*[共总總]\s*\d{{1,4}}\s*[页頁])?)"
    r"(?:[\W_]+|$)",
    re.IGNORECASE,
)
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


def counting_places(plain: str, least_words: int = 2) -> tuple[bool, ...]:
    """For each of `numbers_in` whether it stands where a page number may: named, or alone at an end of the line.

    "Annual report 12" has one at its end; the numbers of "Order WO-5510", "Parcel 3" and "3 March" are the text's own.
    A number at the end of a line has so many words beside it, at least, or none.
    """
    numbers = [match for match in _NUMBER.finditer(plain) if _value(match[0]) is not None]
    return tuple(_may_count(plain, match, least_words) for match in numbers)


def _may_count(plain: str, number: re.Match[str], least_words: int) -> bool:
    before, behind = plain[: number.start()], plain[number.end() :]
    if _NAMED_BEFORE.search(before) or _NAMED_BEHIND.match(behind):
        return True
    glued = _GLUED_BEFORE.search(before) and not _SECTION_BEFORE.search(before)
    total = _TOTAL_BEHIND.match(behind)
    if glued or (not total and _GLUED_BEHIND.match(behind)) or _LABELLED.search(before) or _MEASURED.match(behind):
        return False
    first = _ALL_EDGE.fullmatch(before) or _SECTION_BEFORE.fullmatch(before)
    last = total or _ALL_EDGE.fullmatch(behind)
    if not first and not last:
        return bool(_BARRED_BEFORE.search(before) and _BARRED_BEHIND.match(behind))
    words = re.findall(r"[^\W\d_]{2,}", before + behind if total is None else before)
    return bool(first and last) or len(words) >= least_words


def without_page_number(text: str, number: int | None = None) -> str:
    """A line without the page number at one of its ends: a named one, or `number` where it stands there alone."""
    for match in _NAMED_PART.finditer(text):
        if match.start() == 0:
            return text[match.end() :]
        if match.end() == len(text):
            return text[: match.start()]
    if number is not None:
        sign = r"[\s|•·–—-]"
        if outer := re.fullmatch(rf"(.*\S){sign}+0*{number}{sign}*|{sign}*0*{number}{sign}+(.*)", text):
            return outer[1] or outer[2] or ""
    return text


def without_named_number(text: str) -> str:
    """A text without any "Page 3 of 12" in it."""
    return _NAMED_PART.sub(" ", text)
