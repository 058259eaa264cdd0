"""Finding a quote in the document: the model quotes, the code locates.

Three tries, each only when the one before found nothing: the exact characters; the same after NFKC,
case folding and without white space, hyphens and the shapes of quotation marks; and fuzzy
alignment (rapidfuzz, partial ratio). Knows documents and quotes, nothing of jobs.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qwen_batch.geometry import outline
from qwen_batch.records import Answer, Box, CleanDocument, Evidence, LineSpan, MatchKind

MIN_QUOTE_CHARS = 2  # a shorter quote stands everywhere and proves nothing
MIN_FUZZY_CHARS = 12
MIN_FUZZY_SCORE = 0.85
_IGNORED = frozenset("-‐‑‒–—'\"`“”‘’„«»_*|\u00ad\u200b")


@dataclass(frozen=True, slots=True)
class Match:
    """Where a quote stands: characters [start, end) of the clean text; None where it was not found."""

    kind: MatchKind
    start: int | None
    end: int | None
    score: float


NO_MATCH = Match("none", None, None, 0.0)


@dataclass(frozen=True, slots=True)
class TextIndex:
    """A text, its normalised form, and for each normalised character the offset it came from."""

    text: str
    normalised: str
    offsets: tuple[int, ...]


def text_to_index(text: str) -> TextIndex:
    """Prepares a text for many look-ups; linear in its length."""
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        for normal in _normalised(character):
            characters.append(normal)
            offsets.append(offset)
    return TextIndex(text, "".join(characters), tuple(offsets))


def locate_quote(quote: str, index: TextIndex, start: int = 0, end: int | None = None) -> Match:
    """Finds a quote in characters [start, end) of the indexed text, else anywhere in it."""
    whole = len(index.text)
    ranges = [(start, whole if end is None else end), (0, whole)]
    if len(quote.strip()) < MIN_QUOTE_CHARS:
        return NO_MATCH
    for search in (_exact, _normal, _fuzzy):
        for low, high in dict.fromkeys(ranges):
            match = search(quote, index, low, high)
            if match.kind != "none":
                return match
    return NO_MATCH


def answer_to_evidence(answer: Answer, clean: CleanDocument, index: TextIndex) -> tuple[Evidence, ...]:
    """One evidence for every value that stands beside a quote in an answer."""
    found: list[Evidence] = []
    for path, quoted in _quoted_objects(answer.result):
        match = locate_quote(quoted["quote"], index, answer.chunk.start, answer.chunk.end)
        lines = _lines_of(clean, match)
        for key, value in quoted.items():
            if key != "quote" and not isinstance(value, dict | list) and value is not None:
                found.append(_evidence(f"{path}.{key}".lstrip("."), value, quoted["quote"], match, lines))
    return tuple(found)


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


def _normalised(character: str) -> str:
    folded = unicodedata.normalize("NFKD", character).casefold()
    return "".join(c for c in folded if not (c.isspace() or c in _IGNORED or unicodedata.combining(c)))


def _exact(quote: str, index: TextIndex, low: int, high: int) -> Match:
    at = index.text.find(quote, low, high)
    return NO_MATCH if at < 0 else Match("exact", at, at + len(quote), 1.0)


def _normal(quote: str, index: TextIndex, low: int, high: int) -> Match:
    needle = "".join(map(_normalised, quote))
    if len(needle) < MIN_QUOTE_CHARS:
        return NO_MATCH
    at = index.normalised.find(needle, *_normal_range(index, low, high))
    return NO_MATCH if at < 0 else _match("normalised", index, at, at + len(needle), 1.0)


def _fuzzy(quote: str, index: TextIndex, low: int, high: int) -> Match:
    from rapidfuzz import fuzz

    needle = "".join(map(_normalised, quote))
    if len(needle) < MIN_FUZZY_CHARS:
        return NO_MATCH
    first, last = _normal_range(index, low, high)
    found = fuzz.partial_ratio_alignment(needle, index.normalised[first:last], score_cutoff=MIN_FUZZY_SCORE * 100)
    if found is None or found.dest_end - found.dest_start < len(needle) * MIN_FUZZY_SCORE:
        return NO_MATCH
    return _match("fuzzy", index, first + found.dest_start, first + found.dest_end, found.score / 100)


def _normal_range(index: TextIndex, low: int, high: int) -> tuple[int, int]:
    return bisect_right(index.offsets, low - 1), bisect_right(index.offsets, high - 1)


def _match(kind: MatchKind, index: TextIndex, first: int, last: int, score: float) -> Match:
    return Match(kind, index.offsets[first], index.offsets[last - 1] + 1, score)


def _quoted_objects(result: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(result, list):
        for number, item in enumerate(result):
            yield from _quoted_objects(item, f"{path}[{number}]")
    elif isinstance(result, dict):
        if isinstance(result.get("quote"), str):
            yield path, result
        for key, item in result.items():
            yield from _quoted_objects(item, f"{path}.{key}".lstrip("."))


def _evidence(field: str, value: Any, quote: str, match: Match, lines: list[tuple[int, Box]]) -> Evidence:
    page = lines[0][0] if lines else None
    boxes = tuple(box for number, box in lines if number == page)
    return Evidence(field, str(value), quote, page, match.start, match.end, boxes, match.kind, match.score)


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
    for line in clean.lines[first:]:
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
