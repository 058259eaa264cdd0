"""Passages that may speak to a reader that answers: found by their words, cheaply, so that the model is asked of few.

Finds more than there is; what it misses nobody asks about. Knows text only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qwen_batch.asking.orders.reader_words import IMPERATIVE, KINDS, OUTPUT, READER, ROLE

MAX_PIECE_CHARS = 420
SHORT_LINE_CHARS = 60
"""A line so long may go on in the next; shorter ones in a row are read as one piece."""
MIN_KINDS = 2
SURE_KINDS = 4
"""So many kinds of words stand together in one of three hundred clean passages: nobody need be asked."""
MIN_PIECE_CHARS = 12
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_ENDS = frozenset('.!?;。！？；)]}»”"')
_FULL_STOPS = frozenset(".!?。！？")
_SENTENCE_END = re.compile(r"[.!?;][\"”'’)\]]?\s+|[。！？；]")
_DATA = re.compile(r"[{<\[(]\s*[\"“«'][^\"”»'\n]{1,40}[\"”»']\s*:|<\w+[ >]|[{]|->|^\W{0,6}Q:|\bA:\s", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Suspect:
    """Characters [start, end) of a text, and by how many kinds of words they are one."""

    start: int
    end: int
    score: int

    @property
    def is_sure(self) -> bool:
        """Whether its words alone say that it speaks to the reader."""
        return self.score >= SURE_KINDS


def suspects_in(text: str, low: int = 0, high: int | None = None) -> tuple[Suspect, ...]:
    """The suspicious pieces of characters [low, high) of a text, in order."""
    found = []
    for start, end in pieces_of(text, low, len(text) if high is None else high):
        score = suspicion(text[start:end])
        if score >= MIN_KINDS:
            found.append(Suspect(*_without_neighbours(text, start, end), score))
    return tuple(found)


def suspicion(piece: str) -> int:
    """How many kinds of words of whoever speaks to a reader stand in a piece; a role to play counts as all."""
    if ROLE.search(piece):
        return len(KINDS)
    kinds = sum(kind.search(piece) is not None for kind in KINDS)
    speaks = READER.search(piece) and (OUTPUT.search(piece) or IMPERATIVE.search(piece))
    has_data = _DATA.search(piece) and kinds >= 1
    return kinds + bool(speaks) + bool(has_data)


def _without_neighbours(text: str, start: int, end: int) -> tuple[int, int]:
    """A suspicious piece without the lines around it that have no such word; one that ends a sentence belongs to it."""
    lines = [(found.start(), found.end()) for found in _LINE.finditer(text, start, end)]
    while len(lines) > 1 and not _has_any(text, lines[0]):
        lines.pop(0)
    while len(lines) > 1 and not _has_any(text, lines[-1]) and text[start : lines[-2][1]].rstrip()[-1] in _ENDS:
        lines.pop()
    return lines[0][0], lines[-1][1]


def _has_any(text: str, span: tuple[int, int]) -> bool:
    line = text[slice(*span)]
    return any(kind.search(line) for kind in (*KINDS, ROLE, _DATA)) or line.lstrip().startswith("|")


def pieces_of(text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """A text in pieces of a few sentences: cut at sentences and at lines that are not wrapped; short lines together."""
    start = end = low
    for first, last in _smallest(text, low, high):
        joins = last - start <= MAX_PIECE_CHARS and _goes_on(text, start, end, last)
        if end > start and not joins:
            if len(text[start:end].strip()) >= MIN_PIECE_CHARS:
                yield _stripped(text, start, end)
            start = first
        end = last
    if len(text[start:end].strip()) >= MIN_PIECE_CHARS:
        yield _stripped(text, start, end)


def _goes_on(text: str, start: int, end: int, last: int) -> bool:
    """Whether characters [end, last) belong to the piece [start, end) before them.

    They do in the same line, in the next row of a table, and where both are short lines of which the first ends no
    sentence.
    """
    if not text[start:end].endswith("\n"):
        return True
    line = text[text.rfind("\n", start, end - 1) + 1 or start : end - 1]
    following = text[end:last]
    if not line.strip() or not following.strip():
        return False
    if line.startswith("|") or following.startswith("|"):
        return line.startswith("|") and following.startswith("|")
    are_short = max(len(line), len(following.strip())) <= SHORT_LINE_CHARS
    return are_short and line.rstrip()[-1] not in _FULL_STOPS


def _smallest(text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Sentences; a line ends one too, unless it is long and the next begins in lower case."""
    borders = {found.end() for found in _SENTENCE_END.finditer(text, low, high)}
    at = low
    while (line_end := text.find("\n", at, high)) >= 0:
        following = text[line_end + 1 : line_end + 2]
        if not (line_end - at >= SHORT_LINE_CHARS and following.islower()):
            borders.add(line_end + 1)
        at = line_end + 1
    start = low
    for border in [*sorted(borders - {low, high}), high]:
        while border - start > MAX_PIECE_CHARS:
            yield start, start + MAX_PIECE_CHARS
            start += MAX_PIECE_CHARS
        if border > start:
            yield start, border
        start = border


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while end > start and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    return start, end
