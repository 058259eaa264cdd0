"""Whether two answers say the same: without case, punctuation and space, a null agreeing with anything.

Knows JSON-like values, nothing of schemas.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from qwen_batch.job.nothing import is_absent

MIN_FUZZY_CHARS = 8
MIN_FUZZY_RATIO = 92.0  # of 100: one letter in thirteen


def is_same_value(first: Any, second: Any) -> bool:
    """Whether two values of one field agree. Of objects all but the quote counts, and one value must be in both."""
    if isinstance(first, dict) and isinstance(second, dict):
        keys = [key for key in first if key != "quote" and key in second]
        filled = [key for key in keys if not (is_absent(first[key]) or is_absent(second[key]))]
        if not filled:
            return plain_text(_without_quotes(first)) == plain_text(_without_quotes(second))
        return all(is_same_value(first[key], second[key]) for key in filled)
    if isinstance(first, str) and isinstance(second, str):
        return _texts_agree(_plain(first), _plain(second))
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(is_same_value, first, second))
    return bool(first == second)


def plain_text(value: Any) -> str:
    """A value as one text of letters and digits, for telling what is exactly the same fast."""
    if isinstance(value, dict):
        return "|".join(plain_text(item) for key, item in value.items() if key != "quote")
    if isinstance(value, list):
        return "|".join(map(plain_text, value))
    return _plain(value) if isinstance(value, str) else repr(value)


@lru_cache(maxsize=20_000)
def _plain(text: str) -> str:
    letters = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
    return letters or text.strip()


def _texts_agree(first: str, second: str) -> bool:
    if first == second:
        return True
    if min(len(first), len(second)) < MIN_FUZZY_CHARS or _digits(first) != _digits(second):
        return False
    from rapidfuzz import fuzz

    return fuzz.ratio(first, second, score_cutoff=MIN_FUZZY_RATIO) > 0


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _without_quotes(value: dict[str, Any]) -> dict[str, Any]:
    rest = {key: item for key, item in value.items() if key != "quote"}
    return rest or {"text": value.get("quote")}
