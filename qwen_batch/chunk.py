"""Cutting a clean document into chunks that fit a token budget, at section, page and paragraph borders.

Tokens are counted once for the whole text; a chunk takes whole lines, and ends at a heading, a page border or
a blank line when one lies in its last quarter. A line longer than the budget is cut between tokens.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from qwen_batch.headings import Heading, heading_path, text_to_headings
from qwen_batch.records import Chunk, CleanDocument
from qwen_batch.tokens import Tokenizer

GOOD_BREAK_SHARE = 0.75  # a section, page or paragraph border counts if the chunk is at least this full
SECTION_LEVEL = 1


@dataclass(frozen=True, slots=True)
class ChunkBudget:
    """In tokens of document text: what is asked in one piece, and the most of a chunk of what is longer.

    `chunk` is None where a longer document is not to be cut.
    """

    single: int
    chunk: int | None


def document_to_chunks(clean: CleanDocument, budget: ChunkBudget, tokenizer: Tokenizer) -> tuple[Chunk, ...]:
    """Chunks that together hold every character of the text; none for a document that may not be cut and should be."""
    text = clean.text
    ends = tokenizer.token_ends(text)
    if len(ends) <= budget.single:
        return (Chunk(text=text, start=0, end=len(text)),)
    if budget.chunk is None:
        return ()
    headings = text_to_headings(text)
    borders = _borders(clean, headings)
    spans: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        first_token = bisect_right(ends, start)
        last_token = first_token + budget.chunk - 1
        limit = ends[last_token] if last_token < len(ends) - 1 else len(text)
        end = len(text) if limit >= len(text) else _best_end(borders, start, limit)
        spans.append((start, end))
        start = end
    return tuple(
        Chunk(text[start:end], start, end, index, len(spans), heading_path(headings, start))
        for index, (start, end) in enumerate(spans)
    )


def _borders(clean: CleanDocument, headings: Sequence[Heading]) -> list[list[int]]:
    """Offsets at which a chunk may begin, best kind first: sections, pages, paragraphs, lines."""
    pages, paragraphs, lines = [], [], []
    for previous, line in zip(clean.lines, clean.lines[1:], strict=False):
        lines.append(line.start)
        if line.page != previous.page:
            pages.append(line.start)
        if "\n\n" in clean.text[previous.end : line.start]:
            paragraphs.append(line.start)
    sections = [heading.start for heading in headings if heading.level <= SECTION_LEVEL]
    return [sections, pages, paragraphs, lines]


def _best_end(borders: list[list[int]], start: int, limit: int) -> int:
    full_enough = start + int((limit - start) * GOOD_BREAK_SHARE)
    lines = borders[-1]
    for offsets, least in (*((kind, full_enough) for kind in borders), (lines, start)):
        index = bisect_left(offsets, limit + 1) - 1
        if index >= 0 and offsets[index] > least:
            return offsets[index]
    return limit
