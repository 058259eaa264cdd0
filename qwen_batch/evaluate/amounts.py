"""A figure with its currency, as people write it: `USD 1,234.50`, `1.234,50 €`, `$1.2 million`, `¥ 3.5万元`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from qwen_batch.job.facts.currencies import meanings

GROUP_DIGITS = 3
_SCALES = {
    "thousand": 1e3,
    "k": 1e3,
    "千": 1e3,
    "万": 1e4,
    "萬": 1e4,
    "million": 1e6,
    "mn": 1e6,
    "m": 1e6,
    "百万": 1e6,
    "千万": 1e7,
    "亿": 1e8,
    "億": 1e8,
    "billion": 1e9,
    "bn": 1e9,
    "trillion": 1e12,
}
_UNITS = meanings() | {"%": frozenset({"%"})}
_GROUPED = r"\d{1,3}(?:(?P<group>[.,'’ ])\d{3})(?:(?P=group)\d{3})*(?!\d)"
_NUMBER = re.compile(rf"(?:{_GROUPED}|\d+)(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure, and the currencies that its sign or code may mean; none if there is none."""

    number: float
    currencies: frozenset[str]


@lru_cache(maxsize=16_384)
def text_to_amount(text: str) -> Amount | None:
    """The first figure with a currency, else the first figure; None if there is no figure.

    A comma or point before the last one or two digits, or the last of both kinds, is decimal; every other one groups.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    found = [_amount_at(plain, match) for match in _NUMBER.finditer(plain)]
    return next((amount for amount in found if amount.currencies), found[0] if found else None)


def _amount_at(text: str, match: re.Match[str]) -> Amount:
    before, after = text[: match.start()].rstrip(), text[match.end() :].lstrip()
    scale = _leading(after, _SCALES)
    after = after.removeprefix(scale).lstrip()
    sign = before.removesuffix("-").removesuffix("−").removesuffix("(").rstrip()
    unit = _trailing(sign, _UNITS) or _leading(after, _UNITS)
    front = sign.removesuffix(_trailing(sign, _UNITS)).rstrip()
    negative = any(part.endswith(("-", "−")) for part in (before, front)) and not front.rstrip("-−")[-1:].isalnum()
    negative = negative or (after.startswith(")") and (before.endswith("(") or front.endswith("(")) and bool(unit))
    number = _figure(match.group()) * _SCALES.get(scale, 1.0)
    return Amount(-number if negative else number, _UNITS.get(unit, frozenset()))


def _figure(digits: str) -> float:
    """`1,234.50`, `1.234,50`, `1 234`, `12,5` as a number."""
    digits = re.sub(r"['’ ]", "", digits)
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return float(digits)
    mark, decimals = digits[last], digits[last + 1 :]
    only_kind = {".", ","}.isdisjoint(digits.replace(mark, ""))
    groups = only_kind and len(decimals) == GROUP_DIGITS and (mark == "," or digits.count(mark) > 1)
    whole = re.sub(r"[.,]", "", digits[:last])
    return float(whole + decimals) if groups else float(f"{whole}.{decimals}")


def _leading(text: str, words: Iterable[str]) -> str:
    """The longest of the words that a text begins with, as a whole word; else an empty text."""
    fits = [word for word in words if text.startswith(word) and not _joined(word, text[len(word) : len(word) + 1])]
    return max(fits, key=len, default="")


def _trailing(text: str, words: Iterable[str]) -> str:
    fits = [word for word in words if text.endswith(word) and not _joined(text[: -len(word)][-1:], word)]
    return max(fits, key=len, default="")


def _joined(left: str, right: str) -> bool:
    """Whether two pieces of text make one Latin word, such as the m of 5 members."""
    return all(piece.isascii() and piece.isalpha() for piece in (left[-1:], right[:1]))
