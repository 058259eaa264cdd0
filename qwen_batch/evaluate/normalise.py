"""When two values say the same: one comparison for each kind of value. Knows nothing of fields or documents.

A comparison never raises: a date that is none, or an amount without a figure, is compared as text.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

from qwen_batch.cjk import CJK
from qwen_batch.evaluate.amounts import Amount, text_to_amount
from qwen_batch.evaluate.paths import Scalar
from qwen_batch.job.facts.dates import to_day

MIN_TOKEN_F1 = 0.5
"""From this on free text counts as right."""
MIN_CONTAINED_TOKENS = 3
"""A text that stands in the other as a whole is right from so many content tokens on."""
MIN_NAME_RATIO = 0.9
"""Likeness of two names, without their legal form, that allows for a slip of OCR; their digits must be equal."""
NUMBER_TOLERANCE = 1e-6

_FUNCTION_WORDS = (
    "a an the of in on at to by for from with and or as is are be was were shall will may such this that its"
)
_FORMS = (
    "inc incorporated corp corporation co company ltd limited llc lp llp plc ag gmbh kg kgaa se sa sas sarl spa srl"
    " bv nv ab as oy oyj aps kk pty pte pvt sdn bhd berhad tbk pt"
)
_STOP_WORDS, _LEGAL_FORMS = frozenset(_FUNCTION_WORDS.split()), frozenset(_FORMS.split())
_CHINESE_FORM = re.compile(r"(股份有限公司|有限责任公司|有限公司|集团公司|公司)$")
_PLACE_WORDS = frozenset({"state", "commonwealth", "province", "republic", "law", "laws", "country", "federal"})
_PLACES = (
    (re.compile(r"\bunited states(?: of america)?\b|\bamerica\b|\busa?\b|美国"), " usa "),
    (re.compile(r"\bunited kingdom\b|\buk\b|英国"), " uk "),
    (re.compile(r"\bpeople ?s republic of china\b|\bprc\b|中华人民共和国|中国"), " china "),
)
_ALIAS = re.compile(r"\((?=[^)]*[\"'“”‘’「]|the |hereinafter |以下)[^)]*\)?")
_TOKEN = re.compile(rf"\d+(?:[.,]\d+)*|[{CJK}]|(?:(?![\d{CJK}])[^\W_])+")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?")
_ORDINAL = re.compile(r"(?<=\d)\s*(?:s\s?t|n\s?d|r\s?d|t\s?h)\b", re.IGNORECASE)
_FILLERS = re.compile(r"\b(?:day|of|the|in|year|dated?|as|on)\b|[()]", re.IGNORECASE)
_DEFAULTS = (dt.datetime(2000, 1, 1), dt.datetime(2001, 2, 2))  # noqa: DTZ001  what differs in both was not in the text


@dataclass(frozen=True, slots=True)
class Closeness:
    """How two values compare: whether that counts as right, and how near they are, from 0 to 1."""

    right: bool
    score: float


SAME = Closeness(right=True, score=1.0)


def compare(kind: str, gold: Scalar, value: Scalar) -> Closeness:
    """Compares a value with the gold one; `kind` is a key of KINDS. What is spelt the same is the same."""
    return SAME if _same_exactly(gold, value).right else KINDS[kind](gold, value)


@lru_cache(maxsize=16_384)
def text_to_date(text: str, day_first: bool = False) -> dt.date | None:
    """The one day a text names, None if it is none or leaves open the day, the month or the year.

    ISO, `2024年3月1日`, with slashes (month first unless that cannot be), and written in English.
    """
    plain = unicodedata.normalize("NFKC", text).strip(" .,;:")
    if found := _ISO_DATE.fullmatch(plain) or _YEAR_FIRST.fullmatch(plain):
        return to_day(*map(int, found.groups()))
    return _written_date(" ".join(_FILLERS.sub(" ", _ORDINAL.sub("", plain)).split()), day_first)


@lru_cache(maxsize=16_384)
def text_to_name(text: str) -> str:
    """A name without case, punctuation, legal form and alias; `Beta GmbH & Co. KG (the "Buyer")` gives `beta`."""
    plain = fold(text)
    plain = _ALIAS.sub(" ", plain).strip() or plain
    words = " ".join(re.sub(r"[^\w\s]|_", " ", re.sub(r"[.'’&]", "", plain)).split())
    words = _CHINESE_FORM.sub("", words) or words
    kept = words.split()
    while len(kept) > 1 and kept[-1] in _LEGAL_FORMS:
        kept.pop()
    return " ".join(kept[1:] if len(kept) > 1 and kept[0] == "the" else kept)


@lru_cache(maxsize=16_384)
def text_to_tokens(text: str) -> tuple[str, ...]:
    """Content tokens: figures, words without English function words, each Chinese, Japanese or Korean character."""
    tokens = tuple(token.replace(",", "") for token in _TOKEN.findall(fold(text)))
    return tuple(token for token in tokens if token not in _STOP_WORDS) or tokens


def fold(text: str) -> str:
    """NFKC, case folded, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _same_exactly(gold: Scalar, value: Scalar) -> Closeness:
    same = "".join(fold(str(gold)).split()) == "".join(fold(str(value)).split())
    return Closeness(same, float(same))


def _same_boolean(gold: Scalar, value: Scalar) -> Closeness:
    truths = [{"yes": "true", "no": "false", "1": "true", "0": "false"}.get(t, t) for t in map(_lower, (gold, value))]
    return Closeness(truths[0] == truths[1], float(truths[0] == truths[1]))


def _same_date(gold: Scalar, value: Scalar, day_first: bool = False) -> Closeness:
    wanted, given = text_to_date(str(gold), day_first), text_to_date(str(value), day_first)
    if wanted is None or given is None:
        return _same_exactly(gold, value)
    return Closeness(wanted == given, float(wanted == given))


def _same_number(gold: Scalar, value: Scalar) -> Closeness:
    wanted, given = _amount(gold), _amount(value)
    if wanted is None or given is None:
        return _same_exactly(gold, value)
    same = math.isclose(wanted.number, given.number, rel_tol=NUMBER_TOLERANCE, abs_tol=NUMBER_TOLERANCE)
    return Closeness(same, float(same))


def _same_amount(gold: Scalar, value: Scalar) -> Closeness:
    wanted, given = _amount(gold), _amount(value)
    number = _same_number(gold, value)
    if wanted is None or given is None or not (wanted.currencies and given.currencies):
        return number
    same = bool(wanted.currencies & given.currencies)
    return Closeness(number.right and same, (number.score + same) / 2)


def _same_name(gold: Scalar, value: Scalar) -> Closeness:
    from rapidfuzz import fuzz

    wanted, given = text_to_name(str(gold)), text_to_name(str(value))
    score = fuzz.ratio(wanted.replace(" ", ""), given.replace(" ", "")) / 100
    return Closeness(score >= MIN_NAME_RATIO and _DIGITS.findall(wanted) == _DIGITS.findall(given), score)


def _same_place(gold: Scalar, value: Scalar) -> Closeness:
    """Right if one holds all words of the other: "California" is "Santa Clara County, State of California"."""
    wanted, given = _place_words(str(gold)), _place_words(str(value))
    common = len(wanted & given)
    right = bool(common) and common == min(len(wanted), len(given))
    return Closeness(right, common / max(len(wanted | given), 1))


def _same_text(gold: Scalar, value: Scalar) -> Closeness:
    """Token F1, or one in the other; texts with figures, none of them in common, are not the same."""
    wanted, given = text_to_tokens(str(gold)), text_to_tokens(str(value))
    common = sum((Counter(wanted) & Counter(given)).values())
    score = 2 * common / (len(wanted) + len(given)) if common else float(_same_exactly(gold, value).right)
    figures = [set(_DIGITS.findall(" ".join(tokens))) for tokens in (wanted, given)]
    if all(figures) and not figures[0] & figures[1]:
        return Closeness(False, score / 2)
    short, long = sorted((wanted, given), key=len)
    contained = len(short) >= MIN_CONTAINED_TOKENS and f" {' '.join(short)} " in f" {' '.join(long)} "
    return Closeness(score >= MIN_TOKEN_F1 or contained, max(score, MIN_TOKEN_F1 if contained else 0.0))


def _lower(value: Scalar) -> str:
    return str(value).strip().casefold()


def _place_words(text: str) -> frozenset[str]:
    plain = re.sub(r"[.'’]", "", fold(text))
    for pattern, name in _PLACES:
        plain = pattern.sub(name, plain)
    words = frozenset(text_to_tokens(plain))
    return words - _PLACE_WORDS or words


def _amount(value: Scalar) -> Amount | None:
    """The amount that a value is; of a truth value none."""
    if isinstance(value, bool):
        return None
    return Amount(float(value), frozenset()) if isinstance(value, int | float) else text_to_amount(value)


def _written_date(text: str, day_first: bool) -> dt.date | None:
    from dateutil import parser

    try:
        first, second = (parser.parse(text, dayfirst=day_first, default=default).date() for default in _DEFAULTS)
    except (ValueError, OverflowError):
        return None
    return first if first == second else None


KINDS: dict[str, Callable[[Scalar, Scalar], Closeness]] = {
    "exact": _same_exactly,
    "boolean": _same_boolean,
    "number": _same_number,
    "amount": _same_amount,
    "date": _same_date,
    "date_day_first": partial(_same_date, day_first=True),
    "name": _same_name,
    "place": _same_place,
    "text": _same_text,
}
"""The comparison for each kind of value, by the name that gold and reports use."""
