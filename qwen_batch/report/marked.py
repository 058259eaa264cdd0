"""Text of a document with the characters marked that evidence names, for documents without pictures of pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qwen_batch.records import CleanDocument
from qwen_batch.report.content import Citation

MAX_CHARS = 12_000
"""A longer page is cut to what stands around its marks."""
AROUND_CHARS = 1_200


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters from `start` on of the clean text with the numbers of the citations that they belong to."""

    text: str
    start: int
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """Pieces one after the other; before each passage but the first something is left out."""

    pieces: tuple[Piece, ...]


def page_spans(clean: CleanDocument) -> dict[int, list[tuple[int, int]]]:
    """The characters of each page: one span, and another for what its head and foot say behind the text."""
    spans: dict[int, list[tuple[int, int]]] = {}
    before: int | None = None
    for line in sorted(clean.lines, key=lambda one: one.start):
        own = spans.setdefault(line.page, [])
        if own and before == line.page:
            own[-1] = (own[-1][0], max(own[-1][1], line.end))
        else:
            own.append((line.start, line.end))
        before = line.page
    return spans


def marked(text: str, spans: Sequence[tuple[int, int]], citations: Iterable[Citation]) -> tuple[Passage, ...]:
    """The text in some spans with the citations in it marked; long text without marks is left out."""
    marks = [(one.start, one.end, one.number) for one in citations if one.start is not None and one.end is not None]
    return tuple(
        Passage(tuple(_pieces(text, start, end, marks)))
        for span in spans
        for start, end in _shown(span, [(first, last) for first, last, _ in marks])
    )


def _shown(span: tuple[int, int], marks: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What of a span is shown."""
    start, end = span
    if end - start <= MAX_CHARS:
        yield span
        return
    around = sorted(
        (max(start, first - AROUND_CHARS), min(end, last + AROUND_CHARS))
        for first, last in marks
        if first < end and last > start
    ) or [(start, start + AROUND_CHARS)]
    now = around[0]
    for one in around[1:]:
        if one[0] <= now[1]:
            now = (now[0], max(now[1], one[1]))
        else:
            yield now
            now = one
    yield now


def _pieces(text: str, start: int, end: int, marks: Sequence[tuple[int, int, int]]) -> Iterator[Piece]:
    within = [mark for mark in marks if mark[0] < end and mark[1] > start]
    edges = sorted({start, end, *(min(max(edge, start), end) for mark in within for edge in mark[:2])})
    for first, last in pairwise(edges):
        own = tuple(number for begin, stop, number in within if begin <= first and stop >= last)
        yield Piece(text[first:last], first, own)
