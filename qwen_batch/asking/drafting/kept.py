"""Numbers, dates and names that a text keeps of its document, or makes up. Numbers compare by value in any language.

A number may be said in several ways: 3 pm is 15:00, 8折 is 20 % off, 1.2 million is 120万. A month's name is one.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qwen_batch.cjk import CJK
from qwen_batch.job.drafting.limits import Fact
from qwen_batch.job.facts.dates import dates_in, month_is_named
from qwen_batch.job.facts.numerals import GROUPING, numbers_in

MAX_NAMED = 8
"""So many of what is lacking or made up are named to the model."""
_MONTHS = range(1, 13)
_SCALES = {
    "thousand": 1e3, "million": 1e6, "billion": 1e9, "bn": 1e9,
    "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8, "千": 1e3, "百万": 1e6, "百萬": 1e6, "千万": 1e7, "千萬": 1e7,
}  # fmt: skip
_UNSURE_SCALES = {"m": 1e6, "k": 1e3}
"""May be metres and the like too."""
_NUMBER = re.compile(
    r"(?P<evening>下午|晚上|傍晚|中午|下晝|夜晚)?\s*(?P<number>\d+(?:\.\d+)?)"
    rf"(?:\s*(?P<scale>{'|'.join(sorted((*_SCALES, *_UNSURE_SCALES), key=len, reverse=True))})(?![a-z]))?"
    r"(?:(?=(?::[0-5]\d)?\s*(?P<pm>p\.?m\b))|\s*(?P<off>折))?",
    re.IGNORECASE,
)
_FULL_HOUR = re.compile(r"(?<=\d):00\b")
_DOTTED_CLOCK = re.compile(r"(?<=\d)\.(?=[0-5]\d\s*[ap]\.?m\b)", re.IGNORECASE)
_NOON = 12
_MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SHORT_MONTHS = [name[:3] for name in _MONTH_NAMES]
_MONTH = rf"(?P<month>{'|'.join(f'{name}|{name[:3]}' for name in _MONTH_NAMES)})"
_DAY_AND_MONTH = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b|\b{_MONTH.replace('month', 'first')}\.?\s+\d"
)
_WORD = re.compile(rf"[^\W\d_{CJK}][^\W_{CJK}]*(?:['’-][^\W_{CJK}]+)*")
_QUOTED = re.compile(r"[《「『]([^》」』\n]{1,40})[》」』]")
_BEGINS = re.compile(r"(?:^|[.!?:;。！？：；\n\"“”‘(|•#*–—…-])[\s\W]*$")
_BETWEEN_SCRIPTS = re.compile(
    rf"(?<=[{CJK}])(?=[A-Za-z])|(?<=[{CJK}])(?=\d+ ?[A-Za-z])|(?<=[A-Za-z]\s\d{{4}})(?=[{CJK}])"
)
_IS_CJK = re.compile(f"[{CJK}]")
_SHOUTED_SHARE = 0.5
"""Of words in capitals; in a text of more of them they say nothing."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A number as a text writes it, and the values that it may mean."""

    written: str
    values: frozenset[float]


@dataclass(frozen=True, slots=True)
class Differences:
    """What a text lacks of its document, and what it has beyond it, as they write it."""

    lacking: tuple[str, ...] = ()
    made_up: tuple[str, ...] = ()


def differences(source: str, text: str, facts: Sequence[Fact]) -> Differences:
    """What of these kinds differs between a document and a text that says it anew."""
    lacking: list[str] = []
    made_up: list[str] = []
    if "dates" in facts:
        lacking += _dates_lacking(source, text)
        made_up += _dates_lacking(text, source) if any(dates_in(source)) else []
    if "numbers" in facts:
        lacking += [one for one in numbers_lacking(source, text) if not any(one in date for date in lacking)]
        made_up += [one for one in numbers_lacking(text, source) if not any(one in date for date in made_up)]
    if "names" in facts:
        lacking += names_lacking(source, text)
    return Differences(tuple(dict.fromkeys(lacking)), tuple(dict.fromkeys(made_up)))


def numbers_lacking(source: str, text: str) -> list[str]:
    """The numbers that a source writes in digits and a text says in no way."""
    said = numbers_said(text)
    return list(dict.fromkeys(one.written for one in stated_numbers(source) if said.isdisjoint(one.values)))


def stated_numbers(text: str) -> list[Stated]:
    """The numbers that a text writes in digits, then the months that it names beside a day."""
    flat = _FULL_HOUR.sub("", _DOTTED_CLOCK.sub(":", _flat(text)))
    months = [found["month"] or found["first"] for found in _DAY_AND_MONTH.finditer(_apart(flat))]
    return [
        *(Stated(found["number"], frozenset(_values(found))) for found in _NUMBER.finditer(flat)),
        *(Stated(name, frozenset({_number_of(name)})) for name in months),
    ]


def numbers_said(text: str) -> set[float]:
    """The values of all numbers that a text may be said to name, in digits or words."""
    said = {value for one in stated_numbers(text) for value in one.values} | numbers_in(text)
    return said | {float(month) for month in _MONTHS if month_is_named(month, _apart(text))}


def names_lacking(source: str, text: str) -> list[str]:
    """The names of a source that a text does not have, in any case."""
    there = _flat(text).casefold()
    return [name for name in names_in(source) if _flat(name).casefold() not in there]


def names_in(text: str) -> list[str]:
    """Words that begin with a capital within a sentence, words of Latin letters among Chinese, titles in brackets."""
    flat = _flat(text)
    words = list(_WORD.finditer(flat))
    shouted = sum(_is_shouted(found[0]) for found in words) > _SHOUTED_SHARE * len(words)
    chinese = len(_IS_CJK.findall(flat)) > len(words)
    names = [found[1] for found in _QUOTED.finditer(flat)]
    for found in words:
        word = found[0]
        if chinese:
            is_name = len(word) > 1 and not word.islower()
        else:
            begins = _BEGINS.search(flat, 0, found.start()) is not None or found.start() == 0
            is_name = word[0].isupper() and word != "I" and not begins and not (shouted and _is_shouted(word))
        if is_name and not (word in _MONTH_NAMES or word in _SHORT_MONTHS):
            names.append(word)
    return list(dict.fromkeys(names))


def _number_of(month: str) -> float:
    return 1.0 + _SHORT_MONTHS.index(month[:3])


def _is_shouted(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _dates_lacking(source: str, text: str) -> Iterator[str]:
    there: set[dt.date] = {day for one in (_flat(text), _apart(text)) for found in dates_in(one) for day in found.days}
    flat = _apart(source)
    for found in dates_in(flat):
        if there.isdisjoint(found.days):
            yield flat[found.start : found.end].strip()


def _values(found: re.Match[str]) -> Iterator[float]:
    number, scale = float(found["number"]), (found["scale"] or "").lower()
    if scale in _SCALES:
        yield number * _SCALES[scale]
        return
    yield number
    if scale:
        yield number * _UNSURE_SCALES[scale]
    if (found["pm"] or found["evening"]) and number < _NOON:
        yield number + _NOON
    if found["off"]:  # 8折 and 85折 are what is left to pay
        yield (100 - 10 * number) if number < 10 else 100 - number  # noqa: PLR2004


def _apart(text: str) -> str:
    """A text with a space between Chinese and what is not: 在22 September has no border of words."""
    return _BETWEEN_SCRIPTS.sub(" ", _flat(text))


def _flat(text: str) -> str:
    return GROUPING.sub("", unicodedata.normalize("NFKC", text))
