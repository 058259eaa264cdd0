"""What fields about a whole document are shown of it: every heading with the sentences that its section opens with.

As much of each section as fits a token budget: all of it, else its opening sentences and the first ones behind them
that hold a figure, else the heading alone. Document order; each passage stands under its headings.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qwen_batch.asking.headings import Heading, headings_above
from qwen_batch.asking.outlining.document_headings import document_to_headings
from qwen_batch.asking.prompts import shown
from qwen_batch.asking.selecting.passages import Passage
from qwen_batch.asking.selecting.select import Chosen, selected_chunk
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.records import CleanDocument

MIN_HEADINGS = 3
"""A document with fewer has no tree that says what it is about."""
_SENTENCE = re.compile(r"[.!?][\"”'’)\]]?(?=\s)|[。！？]|\n[ \t]*\n|\n(?=\|)")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)?\s*(?:%|percent|per cent|[^\W\d_])|[$€£¥]\s?\d|[％‰]")
_YEAR = re.compile(r"\b(?:19|20)\d\d(?:\s*年)?")
_BETWEEN = frozenset(" \t\n\u3000#*_.:：、-–—")
"""What may stand in a heading's line and not in its title."""


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of each section is shown: characters of its opening, and sentences with figures behind that."""

    opening_chars: int
    figures: int


DETAILS = (
    Detail(1 << 30, 0),
    Detail(1_500, 4),
    Detail(900, 3),
    Detail(600, 2),
    Detail(400, 2),
    Detail(250, 1),
    Detail(150, 1),
    Detail(150, 0),
    Detail(0, 0),
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the headings above it: its line begins at `start`, its text is characters [body, end)."""

    start: int
    body: int
    end: int
    path: tuple[Heading, ...]


def document_to_outline(
    clean: CleanDocument, fields: Sequence[str], room: int, tokenizer: Tokenizer
) -> tuple[Chosen, ...]:
    """Headings and openings in at most `room` tokens, chosen for these fields; () where there are too few headings.

    Where not even the headings fit, those of the lowest levels are left out.
    """
    sections = document_to_sections(clean)
    for detail in DETAILS:
        chosen = _chosen(clean, sections, detail, fields)
        if chosen and _tokens(clean, chosen, tokenizer) <= room:
            return chosen
    for depth in range(max((len(one.path) for one in sections), default=0) - 1, 0, -1):
        chosen = _chosen(clean, [one for one in sections if len(one.path) <= depth], DETAILS[-1], fields)
        if _tokens(clean, chosen, tokenizer) <= room:
            return chosen
    return ()


def with_outline(chosen: Sequence[Chosen], tree: Sequence[Chosen]) -> tuple[Chosen, ...]:
    """Both in document order, each character once: what a passage shows is left out of the tree."""
    spans = [(one.passage.start, one.passage.end) for one in chosen]
    parts = [replace(one, passage=part) for one in tree for part in _without(one.passage, spans)]
    return tuple(sorted([*chosen, *parts], key=lambda one: one.passage.start))


def _without(passage: Passage, spans: Sequence[tuple[int, int]]) -> Iterator[Passage]:
    """What of a passage lies outside of these ascending spans."""
    at = passage.start
    for start, end in spans:
        if start < passage.end and end > at:
            if start > at:
                yield replace(passage, start=at, end=start)
            at = end
    if at < passage.end:
        yield replace(passage, start=at)


def _chosen(
    clean: CleanDocument, sections: Sequence[Section], detail: Detail, fields: Sequence[str]
) -> tuple[Chosen, ...]:
    for_fields = dict.fromkeys(fields, 0.0)
    return tuple(Chosen(one, for_fields) for one in sections_to_passages(clean, sections, detail))


def _tokens(clean: CleanDocument, chosen: Sequence[Chosen], tokenizer: Tokenizer) -> int:
    return len(tokenizer.token_ends(shown(selected_chunk(clean, chosen))))


def document_to_sections(clean: CleanDocument) -> tuple[Section, ...]:
    """The sections of a document in order, what stands before the first heading among them; () without headings."""
    headings = document_to_headings(clean)
    if len(headings) < MIN_HEADINGS:
        return ()
    end = len(clean.text) if clean.facts_at is None else clean.facts_at
    paths = headings_above(headings, [one.start for one in headings])
    lone_title = headings[0] if [one.rank for one in headings].count(0) == 1 and headings[0].rank == 0 else None
    sections = [Section(0, 0, headings[0].start, ())] if clean.text[: headings[0].start].strip() else []
    for place, one in enumerate(headings):
        ends = headings[place + 1].start if place + 1 < len(headings) else end
        above = tuple(other for other in paths[place] if other is not lone_title)
        sections.append(Section(one.start, min(_title_end(clean.text, one), ends), ends, (*above, one)))
    return tuple(sections)


def sections_to_passages(clean: CleanDocument, sections: Sequence[Section], detail: Detail) -> tuple[Passage, ...]:
    """What is shown of the sections; a section without text of its own shows its heading."""
    line_starts = [line.start for line in clean.lines]
    passages = []
    for section in sections:
        for start, end, path in _shown(clean.text, section, detail):
            at = max(0, bisect_right(line_starts, start) - 1)
            passages.append(Passage(start, end, clean.lines[at].page if clean.lines else 1, path))
    return tuple(passages)


def _shown(text: str, section: Section, detail: Detail) -> Iterator[tuple[int, int, tuple[Heading, ...]]]:
    """Characters of a section, each with the headings that stand above them."""
    body = section.body + len(text[section.body : section.end]) - len(text[section.body : section.end].lstrip())
    if body >= section.end or not detail.opening_chars:
        if section.path:
            yield section.start, max(section.body, section.start + 1), section.path[:-1]
        return
    sentences = list(_sentences(text, body, section.end))
    opening = [sentences[0], *(one for one in sentences[1:] if one[1] - body <= detail.opening_chars)]
    first_end = opening[0][1]
    if len(opening) == 1 and first_end - body > 2 * detail.opening_chars:
        first_end = text.rfind(" ", body, body + 2 * detail.opening_chars) + 1 or body + 2 * detail.opening_chars
    yield body, max(first_end, opening[-1][1]) if len(opening) > 1 else first_end, section.path
    behind = [one for one in sentences[len(opening) :] if _holds_figure(text[one[0] : one[1]])]
    for start, end in behind[: detail.figures]:
        yield start, end, ()


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for found in _SENTENCE.finditer(text, start, end):
        if text[at : found.end()].strip():
            yield at, found.end()
            at = found.end()
    if text[at:end].strip():
        yield at, end


def _holds_figure(sentence: str) -> bool:
    return _FIGURE.search(_YEAR.sub("", sentence)) is not None


def _title_end(text: str, heading: Heading) -> int:
    """Where a heading's title ends in the text: its characters one by one, over marks and line breaks."""
    at = heading.start
    for character in heading.title:
        if character.isspace():
            continue
        ahead = at
        while ahead < len(text) and text[ahead] != character and text[ahead] in _BETWEEN:
            ahead += 1
        if ahead >= len(text) or text[ahead] != character:
            return at
        at = ahead + 1
    return at
