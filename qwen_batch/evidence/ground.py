"""Evidence for the values of an answer: the model quotes, the code locates.

Finds each quote in the document (`locate`), chooses among several places, and lowers the score of a value that its
own quote does not say. Knows documents and answers, nothing of jobs.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qwen_batch.evidence.locate import NO_MATCH, Match, TextIndex, locate_quote, places_of, text_to_index
from qwen_batch.evidence.support import AROUND, Surroundings, day_may_be_meant, topic_words, value_support
from qwen_batch.geometry import outline
from qwen_batch.job.facts.dates import dates_in, iso_day
from qwen_batch.job.facts.numerals import numbers_in
from qwen_batch.job.looking import FieldLook
from qwen_batch.job.terms import phrase_share
from qwen_batch.outcomes import Evidence
from qwen_batch.records import Answer, Box, Chunk, CleanDocument, LineSpan
from qwen_batch.value_paths import key_path, nodes, outer_list, top_field

__all__ = ["answer_to_evidence", "boxes_of", "lines_between", "text_to_index", "words_confidence"]

AROUND_CHARS = 200  # of text on each side of a quote that may say what the quote does not
UNSUPPORTED_SHARE = 0.5  # of its score that an evidence keeps when its quote says nothing of the value
MIN_VALUE_CHARS = 12  # a shorter value, such as the name of a state, stands in many places that do not say it
VALUE_ALONE = 0.8  # the score of a place that was found by the value, because its quote stands nowhere
_SENTENCE = re.compile(r"\S(?:(?![.;!?]\s|[。！？；])[\s\S]){10,400}?(?:[.;!?](?=\s)|[。！？；]|\Z)")
MAX_COMPARED = 20  # places of one quote that are compared by what stands around them


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a fact stands, and the words that say it there: the model's, or the document's own."""

    match: Match
    quote: str


@dataclass(frozen=True, slots=True)
class _Fact:
    """An object of the result that has a quote: its path, the quote, the values beside it, and its field's phrases."""

    path: str
    quote: str
    values: dict[str, Any]
    phrases: tuple[str, ...] = ()


def answer_to_evidence(
    answer: Answer, clean: CleanDocument, index: TextIndex, looks: Sequence[FieldLook] = ()
) -> tuple[Evidence, ...]:
    """One evidence for every value that stands beside a quote in an answer.

    Its score is that of the match, down to half of it where neither the quote nor the text around it says the value.
    Of several places of a quote that one counts which has the most words by which its field is looked for.
    """
    phrases = {look.field: look.phrases for look in looks}
    facts = list(_facts(answer.result, phrases))
    places = [
        _read_first(places_of(fact.quote, index, answer.chunk.start, answer.chunk.end), answer.chunk) for fact in facts
    ]
    anchors: dict[str, list[int]] = {}
    for fact, found in zip(facts, places, strict=True):
        if len(found) == 1:
            anchors.setdefault(outer_list(fact.path), []).append(found[0].start or 0)
    evidence: list[Evidence] = []
    for fact, found in zip(facts, places, strict=True):
        place = _choose(fact, found, answer.chunk, index, anchors.get(outer_list(fact.path), []))
        if _is_invented(fact, place.quote, index):
            place = _Place(NO_MATCH, fact.quote)
        evidence += _fact_to_evidence(fact, place, clean)
    return tuple(evidence)


def _read_first(places: list[Match], chunk: Chunk) -> list[Match]:
    """Of several places of a quote those that the prompt showed; all of them if it showed none."""
    return [one for one in places if chunk.shows(one.start or 0, one.end or 0)] or places


def _choose(fact: _Fact, found: list[Match], chunk: Chunk, index: TextIndex, anchors: list[int]) -> _Place:
    """The place of a quote, the best of several.

    Best is where the text around says the values too, then what is next to its neighbours in a list, then where the
    text around has more words of the field's phrases or of its name.
    """
    if not found:
        match = locate_quote(fact.quote, index, chunk.start, chunk.end, anchors)
        return _Place(match, fact.quote) if match.kind != "none" else _locate_value(fact, chunk, index)

    def preference(match: Match) -> tuple[float, int, float, int, int]:
        at = match.start or 0
        near = _surroundings(fact.quote, match, index.text)
        distance = min((abs(at - other) for other in anchors), default=0)
        worded = _worded(fact, (at, match.end or at), index)
        return -sum(_support(fact, near)), distance, -worded, -topic_words(fact.path, near), at

    best = _Place(min(found[:MAX_COMPARED], key=preference), fact.quote)
    if max(_support(fact, _surroundings(fact.quote, best.match, index.text)), default=1.0) > AROUND:
        return best
    itself = _locate_value(fact, chunk, index, best.match.start or 0)
    return best if itself.match.kind == "none" else itself


def _worded(fact: _Fact, place: tuple[int, int], index: TextIndex) -> float:
    """How much of its field's best phrase stands around a place."""
    around = index.text[max(0, place[0] - AROUND_CHARS) : place[1] + AROUND_CHARS]
    return phrase_share(fact.phrases, around) or 0.0


def _support(fact: _Fact, near: Surroundings) -> list[float]:
    return [value_support(value, near) for value in fact.values.values()]


def _locate_value(fact: _Fact, chunk: Chunk, index: TextIndex, near: int = 0) -> _Place:
    """The place of a fact whose quote stands nowhere or does not say it: where its day, or a long value, stands.

    A small model writes a day as "2015-08-14" also where it should copy "August 14, 2015", and quotes "the date above",
    a short name or a signature. The document's own words are then the quote; of several places the nearest to `near`.
    """
    for value in fact.values.values():
        if not isinstance(value, str):
            continue
        if day := iso_day(value):
            written = (one for one in dates_in(index.text[chunk.start : chunk.end]) if day in one.days)
            places = [(chunk.start + one.start, chunk.start + one.end) for one in written]
        elif len(value) >= MIN_VALUE_CHARS:
            said = places_of(value, index, chunk.start, chunk.end)
            places = [(one.start, one.end) for one in said if one.start is not None and one.end is not None]
        else:
            continue
        if places:
            found = min(
                places[:MAX_COMPARED],
                key=lambda at: (not chunk.shows(*at), -_worded(fact, at, index), abs(at[0] - near)),
            )
            return _Place(Match("normalised", *found, VALUE_ALONE), index.text[slice(*found)])
    return _locate_in_passages(fact, chunk, index)


def _locate_in_passages(fact: _Fact, chunk: Chunk, index: TextIndex) -> _Place:
    """The sentence that says all of a fact's values, in the passages that were chosen for its field.

    A small model copies the field's description for a quote, and states what the passage says all the same. A value
    without a number or a day proves nothing, nor does a sentence that the prompt did not show.
    """
    values = list(fact.values.values())
    if not any(_is_telling(value) for value in values):
        return _Place(NO_MATCH, fact.quote)
    sentences = [
        (one.start + found.start(), one.start + found.end())
        for one in chunk.passages
        if top_field(fact.path) in one.fields
        for found in _SENTENCE.finditer(index.text[one.start : one.end])
        if not any(
            first < one.start + found.end() and one.start + found.start() < last for first, last in chunk.withheld
        )
    ]
    saying = [
        (start, end)
        for start, end in sentences
        if all(value_support(value, Surroundings(index.text[start:end], "")) == 1 for value in values)
    ]
    if not saying:
        return _Place(NO_MATCH, fact.quote)
    best = max(saying, key=lambda place: topic_words(fact.path, Surroundings(index.text[slice(*place)], "")))
    return _Place(Match("normalised", *best, VALUE_ALONE), index.text[slice(*best)])


def _is_telling(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) or bool(numbers_in(str(value))) or iso_day(str(value)) is not None


def _is_invented(fact: _Fact, quote: str, index: TextIndex) -> bool:
    """Whether a fact is a day that the document writes nowhere and that its quote cannot be about.

    Of a form with "this ____ day of ____" a small model quotes just that, and makes up the day.
    """
    days = [day for value in fact.values.values() if isinstance(value, str) and (day := iso_day(value))]
    doubtful = [day for day in days if not day_may_be_meant(day, quote)]
    return bool(doubtful) and not any(day in one.days for day in doubtful for one in dates_in(index.text))


def _fact_to_evidence(fact: _Fact, place: _Place, clean: CleanDocument) -> Iterator[Evidence]:
    match = place.match
    lines = _lines_of(clean, match)
    page = lines[0][0] if lines else None
    boxes = tuple(box for number, box in lines if number == page)
    near = _surroundings(place.quote, match, clean.text)
    for key, value in fact.values.items():
        support = UNSUPPORTED_SHARE + (1 - UNSUPPORTED_SHARE) * value_support(value, near)
        field = key_path(fact.path, key)
        score = match.score * support
        yield Evidence(field, str(value), place.quote, page, match.start, match.end, boxes, match.kind, score)


def _surroundings(quote: str, match: Match, text: str) -> Surroundings:
    if match.start is None or match.end is None:
        return Surroundings(quote, "")
    return Surroundings(quote, text[max(0, match.start - AROUND_CHARS) : match.end + AROUND_CHARS])


def words_confidence(evidence: Evidence, clean: CleanDocument) -> float | None:
    """Mean OCR confidence of the words behind an evidence; None for text that was never an image."""
    if evidence.start is None or evidence.end is None:
        return None
    scores = [
        word.confidence
        for line in lines_between(clean, evidence.start, evidence.end)
        for word in _words_of(clean, line, evidence.start, evidence.end) or line.words
        if word.confidence is not None
    ]
    return sum(scores) / len(scores) if scores else None


def boxes_of(evidence: Evidence, clean: CleanDocument) -> tuple[Box, ...]:
    """The boxes of an evidence on its page, one a line: around its words where the lines have them."""
    match = Match(evidence.match, evidence.start, evidence.end, evidence.score)
    return tuple(box for number, box in _lines_of(clean, match) if number == evidence.page)


def _facts(result: dict[str, Any], phrases: Mapping[str, tuple[str, ...]]) -> Iterator[_Fact]:
    for node in nodes(result):
        if isinstance(node.value, dict) and isinstance(node.value.get("quote"), str):
            values = {
                key: value
                for key, value in node.value.items()
                if key != "quote" and value is not None and not isinstance(value, dict | list)
            }
            yield _Fact(node.path, node.value["quote"], values, phrases.get(top_field(node.path), ()))


def _lines_of(clean: CleanDocument, match: Match) -> list[tuple[int, Box]]:
    if match.start is None or match.end is None:
        return []
    boxes = []
    for line in lines_between(clean, match.start, match.end):
        words = _words_of(clean, line, match.start, match.end)
        boxes.append((line.page, outline([word.box for word in words]) if words else line.box))
    return boxes


def lines_between(clean: CleanDocument, start: int, end: int) -> list[LineSpan]:
    """The lines that characters [start, end) of the clean text stand in."""
    first = max(0, bisect_right(clean.lines, start, key=lambda line: line.start) - 1)
    lines = []
    for at in range(first, len(clean.lines)):  # no slice: a long table asks this for each of its cells
        line = clean.lines[at]
        if line.start >= end:
            break
        if line.end > start:
            lines.append(line)
    return lines


def _words_of(clean: CleanDocument, line: LineSpan, start: int, end: int) -> list[Any]:
    """The words of a line that stand in [start, end), found in order in the line's text."""
    inside, at = [], line.start
    for word in line.words:
        found = clean.text.find(word.text, at, line.end)
        if found < 0:
            continue
        at = found + len(word.text)
        if found < end and at > start:
            inside.append(word)
    return inside
