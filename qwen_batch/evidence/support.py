"""Whether a value is said where its quote stands: its numbers, its date, its names, its words.

A model may quote one sentence and state another fact. How much of a value stands in its quote, or around it, is a
number between 0 and 1; a paraphrase without names or numbers is never called worse than half supported.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from qwen_batch.cjk import is_cjk
from qwen_batch.evidence.folding import fold
from qwen_batch.job.facts.currencies import CODES, is_named
from qwen_batch.job.facts.dates import dates_in, iso_day, month_is_named, names_time_span
from qwen_batch.job.facts.numerals import numbers_in

AROUND = 0.8  # support by the text around the quote instead of by the quote
PARAPHRASE = 0.5  # the least for words that are neither names nor numbers
PIECES = 0.6  # the most for a date whose year, month and day stand apart
MAX_NAME_PAIRS = 20  # Chinese text up to this long counts as a name
MAX_NAME_WORDS = 4  # a longer text is a sentence
STEM_CHARS = 6  # letters that two forms of a word share
TOPIC_STEM_CHARS = 5  # "expiration" and "expires" have no more in common
_PATH_WORD = re.compile(r"[^\W\d_]{3,}")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A quote, and the text around the place where it stands; the quote alone where it was not found."""

    quote: str
    around: str


def value_support(value: Any, near: Surroundings) -> float:
    """How much of a value its surroundings say: 1 all in the quote, 0 nothing anywhere near."""
    if isinstance(value, bool):
        return 1.0
    in_quote = _support(value, near.quote)
    return in_quote if in_quote >= AROUND else max(in_quote, AROUND * _support(value, f"{near.quote}\n{near.around}"))


def topic_words(path: str, near: Surroundings) -> int:
    """How many words of a field's name stand near its quote: of `governing_law` two in "is governed by the laws of"."""
    there = fold(f"{near.quote}\n{near.around}")
    return sum(fold(word)[:TOPIC_STEM_CHARS] in there for word in set(_PATH_WORD.findall(path)))


def day_may_be_meant(day: dt.date, quote: str) -> bool:
    """Whether a quote can be about a day: it counts a span of time, or names two of its day, month and year."""
    return names_time_span(quote) or _date_support(day.isoformat(), quote) >= PIECES * 2 / 3


def _support(value: Any, text: str) -> float:
    if isinstance(value, int | float):
        return float(_number_is_in(float(value), text))
    words = str(value).strip()
    if _ISO_DATE.fullmatch(words):
        return _date_support(words, text)
    if words in CODES:
        return float(is_named(words, text))
    return _text_support(words, text)


def _number_is_in(number: float, text: str) -> bool:
    there = numbers_in(text)
    return bool({abs(number), round(abs(number) * 100, 6)} & there)  # 0.05 is 5 %


def _date_support(iso: str, text: str) -> float:
    day = iso_day(iso)
    if day is None:
        return 0.0
    if any(day in found.days for found in dates_in(text)):
        return 1.0
    numbers = numbers_in(text)
    month = day.month in numbers or month_is_named(day.month, text)
    return PIECES * (sum((day.year in numbers, month, day.day in numbers)) / 3)


def _name_is_in(name: str, text: str, folded: str) -> bool:
    return is_named(name, text) if name in CODES else fold(name)[:STEM_CHARS] in folded


def _text_support(words: str, text: str) -> float:
    there = fold(text)
    parts = [word for word in _WORD.findall(words) if not is_cjk(word[0])]
    sentence = len(parts) > MAX_NAME_WORDS  # its first word is large because it is the first
    names = [word for at, word in enumerate(parts) if word[0].isupper() and not (sentence and at == 0)]
    pairs = [words[at : at + 2] for at in range(len(words) - 1) if is_cjk(words[at]) and is_cjk(words[at + 1])]
    wanted = numbers_in(words)
    said = numbers_in(text) if wanted else set()
    strict = [_name_is_in(name, text, there) for name in names] + [number in said for number in wanted]
    loose = [fold(word)[:STEM_CHARS] in there for word in parts if word not in names]
    (strict if len(pairs) < MAX_NAME_PAIRS else loose).extend(fold(pair) in there for pair in pairs)
    if strict:
        return sum(strict) / len(strict)
    return max(PARAPHRASE, sum(loose) / len(loose)) if loose else 1.0
