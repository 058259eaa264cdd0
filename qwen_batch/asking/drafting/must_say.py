"""What a text has to say of its document, as short phrases in their order: told to the model beside the question.

A number stands with its unit, a day with its month, a name with the rest of it: a small model puts such phrases into a
sentence, and loses a figure that it has to find.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qwen_batch.asking.drafting.kept import names_in
from qwen_batch.asking.drafting.wording import terms_of
from qwen_batch.cjk import CJK
from qwen_batch.job.drafting.limits import FieldLimits
from qwen_batch.job.facts.dates import dates_in

MAX_PHRASES = 12
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_DAY = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTHS})[a-z]*|\b(?:{_MONTHS})[a-z]*\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\b"
    r"|\d{1,2}\s*月\s*\d{1,2}\s*[日号]"
)
_NUMBER = re.compile(
    rf"[$€£¥]?\d+(?:[.,:]\d+)*(?:\s?(?:%|°C|[€$£¥])|[万千亿]?[{CJK}]|\s?[ap]\.?m\b|\s(?!and\b|or\b|to\b|in\b|at\b|with\b)[a-z]+)?"
)
_GAP = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class _Phrase:
    start: int
    end: int
    text: str


def must_say(source: str, limits: Sequence[FieldLimits]) -> tuple[str, ...]:
    """The phrases of a document that the texts of a job have to keep; none for one that keeps its whole shape."""
    kept = {fact for one in limits for fact in one.keeps if not one.shape}
    taken: list[_Phrase] = []
    if "dates" in kept:
        taken += [_Phrase(one.start, one.end, source[one.start : one.end].strip()) for one in dates_in(source)]
    if "numbers" in kept:
        taken += _free(_found(_DAY, source), taken)
        taken += _free(_found(_NUMBER, source), taken)
    if "names" in kept:
        taken += _free(_names(source), taken)
    terms = [said for one in limits if not one.shape for _, said in terms_of(one.terms, source)]
    phrases = [one.text for one in sorted(taken, key=lambda one: one.start)]
    inside = [one for one in phrases if not any(one in term for term in terms)]
    return tuple(dict.fromkeys([*inside, *terms]))[:MAX_PHRASES]


def _found(pattern: re.Pattern[str], source: str) -> Iterator[_Phrase]:
    for found in pattern.finditer(source):
        yield _Phrase(found.start(), found.end(), _GAP.sub(" ", found[0]).strip())


def _free(phrases: Iterator[_Phrase], taken: Sequence[_Phrase]) -> list[_Phrase]:
    """Those that stand in none of the phrases before."""
    return [one for one in phrases if not any(one.start < other.end and other.start < one.end for other in taken)]


def _names(source: str) -> Iterator[_Phrase]:
    """The names, those that stand beside each other as one."""
    at = [
        (found.start(), found.end())
        for name in names_in(source)
        for found in re.finditer(rf"(?<![^\W_{CJK}]){re.escape(name)}(?![^\W_{CJK}])", source)
    ]
    start = end = -1
    for first, last in [*sorted(at), (len(source) + 2, len(source) + 2)]:
        if start >= 0 and first - end <= 1 and source[end:first] in {"", " "}:
            end = last
            continue
        if start >= 0:
            yield _Phrase(start, end, source[start:end])
        start, end = first, last
