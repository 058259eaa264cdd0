"""Facts that a document states twice in the same words and otherwise: "governed by the laws of Utah", and of Ohio.

Looks for the words before a value that stands, at other places, and takes what follows them there. Needs no model; what
is contradicted in other words is not found, nor in writing that has no blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from qwen_batch.evidence.folding import fold
from qwen_batch.evidence.ground import boxes_of, lines_between
from qwen_batch.job.facts.dates import dates_in, iso_day
from qwen_batch.outcomes import Evidence
from qwen_batch.records import CleanDocument

MIN_WORDS, MAX_WORDS = 5, 8
"""Words before a value that have to be the same; more of them where they stand in its sentence."""
MAX_VALUE_CHARS = 60
MAX_RIVALS = 3
_WORD = re.compile(r"\w+")
_SENTENCE_START = re.compile(r"[.!?;:]\s+|\n\s*\n")
_NAME = re.compile(r"[\s\"“'(]*((?:[A-Z][\w.&'’-]*)(?:\s+(?:of|and|the|de|du|la)?\s*[A-Z][\w&'’-]*){0,3})")


@dataclass(frozen=True, slots=True)
class _Rival:
    """Another value in the same words: characters [start, end) with the words before it."""

    value: str
    start: int
    end: int


def rivals_of(item: Evidence, clean: CleanDocument) -> tuple[Evidence, ...]:
    """The evidence of other values that the document states in the words in which it states this one."""
    at = _place_of_value(item, clean.text)
    if at is None:
        return ()
    found: dict[str, _Rival] = {}
    for rival in _in_same_words(item, clean.text, at):
        if not _is_alike(rival.value, item.value):
            found.setdefault(fold(rival.value), rival)
    return tuple(_evidence(item, rival, clean) for rival in list(found.values())[:MAX_RIVALS])


def _place_of_value(item: Evidence, text: str) -> int | None:
    """Where the value itself begins within its quote; None where the quote does not say it."""
    if item.start is None or item.end is None:
        return None
    quote = text[item.start : item.end]
    if day := iso_day(item.value):
        written = next((one for one in dates_in(quote) if day in one.days), None)
        return None if written is None else item.start + written.start
    place = quote.casefold().find(item.value.casefold())
    return None if place < 0 or not _NAME.match(quote, place) else item.start + place


def _in_same_words(item: Evidence, text: str, at: int) -> Iterator[_Rival]:
    low = max(0, at - MAX_WORDS * 20)
    low = max((found.end() for found in _SENTENCE_START.finditer(text, low, at)), default=low)
    words = [found[0] for found in _WORD.finditer(text, low, at)][-MAX_WORDS:]
    if len(words) < MIN_WORDS:
        return
    same = re.compile(r"\b" + r"\W+".join(map(re.escape, words)) + r"\b", re.IGNORECASE)
    is_day = iso_day(item.value) is not None
    for found in same.finditer(text):
        if found.end() <= at <= found.end() + MAX_VALUE_CHARS // 2:
            continue
        following = text[found.end() : found.end() + MAX_VALUE_CHARS]
        if is_day:
            written = next(iter(dates_in(following)), None)
            if written is not None and not following[: written.start].strip(" \n\"“'(,:"):
                (day, *others) = sorted(written.days)
                if not others:
                    yield _Rival(day.isoformat(), found.start(), found.end() + written.end)
        elif name := _NAME.match(following):
            yield _Rival(" ".join(name[1].split()).rstrip("."), found.start(), found.end() + name.end())


def _is_alike(one: str, other: str) -> bool:
    first, second = fold(one).strip(), fold(other).strip()
    return first in second or second in first


def _evidence(item: Evidence, rival: _Rival, clean: CleanDocument) -> Evidence:
    lines = lines_between(clean, rival.start, rival.end)
    found = replace(
        item,
        value=rival.value,
        quote=clean.text[rival.start : rival.end],
        page=lines[0].page if lines else None,
        start=rival.start,
        end=rival.end,
        boxes=(),
        match="exact",
        score=1.0,
        standing="conflict",
    )
    return replace(found, boxes=boxes_of(found, clean))
