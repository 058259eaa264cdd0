"""Where the words of a label stand in a document's text, found without the code that is judged."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from rapidfuzz import fuzz

from qwen_batch.records import CleanDocument

MIN_SPAN_CHARS = 4
MIN_FUZZY_CHARS = 20
MIN_FUZZY_RATIO = 88.0


@dataclass(frozen=True, slots=True)
class Place:
    """Characters [start, end) of a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text's letters and digits in lower case, and the offset of each."""

    letters: str
    offsets: tuple[int, ...]


def plain_text(text: str) -> PlainText:
    """Drops what label, file and OCR write differently: white space, punctuation, case."""
    kept = [
        (lower, offset) for offset, character in enumerate(text) if character.isalnum() for lower in character.lower()
    ]
    return PlainText("".join(lower for lower, _ in kept), tuple(offset for _, offset in kept))


def places_of(span: str, text: PlainText) -> list[Place]:
    """Every place where a label's span stands, each of its pieces by itself; the nearest one where none is exact."""
    pieces = ["".join(c.lower() for c in piece if c.isalnum()) for piece in span.split("<omitted>")]
    return [place for piece in pieces if len(piece) >= MIN_SPAN_CHARS for place in _places(piece, text)]


def stands_in(quote: str, text: PlainText) -> bool:
    """Whether a quote stands in a text but for white space, punctuation and case."""
    return "".join(c.lower() for c in quote if c.isalnum()) in text.letters


def pages_of(place: Place, clean: CleanDocument) -> set[int]:
    """The pages that a place lies on."""
    first = max(0, bisect_right(clean.lines, place.start, key=lambda line: line.start) - 1)
    pages = set()
    for line in clean.lines[first:]:
        if line.start >= place.end:
            break
        if line.end > place.start:
            pages.add(line.page)
    return pages


def _places(piece: str, text: PlainText) -> list[Place]:
    found = []
    at = text.letters.find(piece)
    while at >= 0:
        found.append(_place(text, at, at + len(piece)))
        at = text.letters.find(piece, at + len(piece))
    if found or len(piece) < MIN_FUZZY_CHARS:
        return found
    near = fuzz.partial_ratio_alignment(piece, text.letters, score_cutoff=MIN_FUZZY_RATIO)
    return [_place(text, near.dest_start, near.dest_end)] if near else []


def _place(text: PlainText, first: int, last: int) -> Place:
    return Place(text.offsets[first], text.offsets[last - 1] + 1)
