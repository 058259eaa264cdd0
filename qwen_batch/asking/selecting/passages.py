"""Cutting a clean text into passages: clauses, paragraphs, parts of tables and lists, each whole if it can be.

A passage begins at a heading or a numbered clause, at a blank line, or where it would grow too long; together they hold
every character. Knows structure only, nothing of jobs.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qwen_batch.asking.headings import Heading, headings_above, text_to_headings
from qwen_batch.records import CleanDocument

MIN_PASSAGE_CHARS = 250
"""A shorter piece goes with the next, unless that begins a clause of its own and this one is long enough."""
MAX_PASSAGE_CHARS = 1_200
"""Where a passage is cut at the latest: at a sentence, else at a line, else at a blank."""
MAX_LEAD_CHARS = 400
"""The head rows of a table are repeated above its later parts if they are no longer than this."""
_BLANK = re.compile(r"\n[ \t]*\n+")
_SENTENCE = re.compile(r"[.!?;:][\"”'’)\]]?\s+|[。！？；]")
_LINE = re.compile(r"[^\n]+")
_RULE = re.compile(r"\|[\s:|-]+")
_RULE_DASHES = "---"
"""Stands in the row below the head of a table; one dash alone is an empty cell."""
_NO_LEAD = (0, 0)


@dataclass(frozen=True, slots=True)
class Passage:
    """Characters [start, end) of the clean text, on `page`, under `headings` (outermost first, its own not among them).

    `lead` are the head rows of the table that it goes on with, (0, 0) if it does not.
    """

    start: int
    end: int
    page: int
    headings: tuple[Heading, ...] = ()
    lead: tuple[int, int] = _NO_LEAD


def text_to_passages(clean: CleanDocument) -> tuple[Passage, ...]:
    """The passages of a document in order; linear in its length."""
    text = clean.text
    headings = text_to_headings(text)
    spans = list(_spans(text, headings))
    line_starts = [line.start for line in clean.lines]
    above = headings_above(headings, [start for start, _ in spans])
    passages = []
    open_table = _NO_LEAD
    for (start, end), path in zip(spans, above, strict=True):
        at = max(0, bisect_right(line_starts, start) - 1)
        page = clean.lines[at].page if clean.lines else 1
        table = _table(text, start, end, open_table)
        passages.append(Passage(start, end, page, path, table.lead))
        open_table = table.left_open
    return tuple(passages)


def _spans(text: str, headings: Sequence[Heading]) -> Iterator[tuple[int, int]]:
    """Characters of each passage, joined from the text's smallest pieces."""
    clauses = {heading.start for heading in headings}
    start = end = 0
    for first, last in _pieces(text, clauses):
        long_enough = end - start >= MIN_PASSAGE_CHARS
        if end > start and (last - start > MAX_PASSAGE_CHARS or (long_enough and first in clauses)):
            yield start, end
            start = first
        end = last
    if end > start:
        yield start, end


def _pieces(text: str, clauses: set[int]) -> Iterator[tuple[int, int]]:
    """Paragraphs and clauses, those that are too long cut at sentences, lines or blanks."""
    borders = {0, *clauses, *(blank.end() for blank in _BLANK.finditer(text))}
    edges = [*sorted(border for border in borders if border < len(text)), len(text)]
    for start, end in pairwise(edges):
        yield from _cut(text, start, end)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > MAX_PASSAGE_CHARS:
        at = _best_cut(text, start)
        yield start, at
        start = at
    yield start, end


def _best_cut(text: str, start: int) -> int:
    """Behind the last sentence, but between the rows of a table; else behind a line or a blank."""
    low, high = start + MIN_PASSAGE_CHARS, start + MAX_PASSAGE_CHARS
    line = text.rfind("\n", low, high) + 1
    sentence = max((found.end() for found in _SENTENCE.finditer(text, low, high)), default=0)
    in_row = text.startswith("|", text.rfind("\n", start, sentence - 1) + 1 if sentence else start)
    if sentence and not (in_row and line):
        return sentence
    return line or sentence or text.rfind(" ", low, high) + 1 or high


@dataclass(frozen=True, slots=True)
class _Table:
    """What a passage has to do with tables: head rows of the one it goes on with, and of the one it breaks off in."""

    lead: tuple[int, int]
    left_open: tuple[int, int]


def _table(text: str, start: int, end: int, before: tuple[int, int]) -> _Table:
    """`before` are the head rows of the table that broke off at `start`."""
    lines = list(_LINE.finditer(text, start, end))
    rules = [place for place, line in enumerate(lines) if _RULE_DASHES in line[0] and _RULE.fullmatch(line[0])]
    goes_on = text.startswith("|", start) and not (rules and rules[0] <= 1)  # its own head is no row of another's
    lead = before if goes_on else _NO_LEAD
    rows_end = bool(lines) and lines[-1][0].startswith("|") and "\n\n" not in text[lines[-1].start() : end]
    if not rows_end:
        return _Table(lead, _NO_LEAD)
    if not rules:
        return _Table(lead, lead)
    top = max(0, rules[-1] - 1)
    head, stop = lines[top].start(), lines[rules[-1]].end()
    is_whole = all(line[0].startswith("|") for line in lines[top:])
    return _Table(lead, (head, stop) if is_whole and stop - head <= MAX_LEAD_CHARS else _NO_LEAD)
