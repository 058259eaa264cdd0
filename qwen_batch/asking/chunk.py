"""Cutting a clean document into chunks that fit a token budget, at section, page and paragraph borders.

Tokens are counted once for the whole text; a chunk takes whole lines, and ends at a section, a page border or a blank
line when one lies in its last quarter. A line longer than the budget is cut between tokens. Each chunk carries the
headings that it stands under.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from qwen_batch.asking.headings import Heading, heading_path, text_to_headings
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.records import Chunk, CleanDocument

GOOD_BREAK_SHARE = 0.75  # a section, page or paragraph border counts if the chunk is at least this full
MAX_HEADING_TOKENS = 96
"""What the headings of a chunk may add to its prompt, their frame included."""
_FRAME_TOKENS = 8


def document_to_chunks(
    clean: CleanDocument, budget_tokens: int, tokenizer: Tokenizer, part_tokens: int | None = None
) -> tuple[Chunk, ...]:
    """The document as one chunk if it has at most `budget_tokens` tokens, else as chunks of at most `part_tokens`.

    Together they hold every character of the text. `part_tokens` is by default the budget; headings come on top.
    """
    text = clean.text
    ends = tokenizer.token_ends(text)
    if len(ends) <= budget_tokens:
        return (Chunk(text=text, start=0, end=len(text)),)
    headings = text_to_headings(text)
    borders = _borders(clean, headings)
    spans: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        first_token = bisect_right(ends, start)
        last_token = first_token + (part_tokens or budget_tokens) - 1
        limit = ends[last_token] if last_token < len(ends) - 1 else len(text)
        end = len(text) if limit >= len(text) else _best_end(borders, start, limit)
        spans.append((start, end))
        start = end
    return tuple(
        Chunk(text[start:end], start, end, index, len(spans), _short_path(headings, start, tokenizer))
        for index, (start, end) in enumerate(spans)
    )


@dataclass(frozen=True, slots=True)
class _Borders:
    """Offsets at which a chunk may begin, ascending."""

    sections: list[Heading]
    pages: list[int]
    paragraphs: list[int]
    lines: list[int]


def _borders(clean: CleanDocument, headings: list[Heading]) -> _Borders:
    pages, paragraphs, lines = [], [], []
    for previous, line in zip(clean.lines, clean.lines[1:], strict=False):
        lines.append(line.start)
        if line.page != previous.page:
            pages.append(line.start)
        if "\n\n" in clean.text[previous.end : line.start]:
            paragraphs.append(line.start)
    return _Borders(headings, pages, paragraphs, lines)


def _best_end(borders: _Borders, start: int, limit: int) -> int:
    """The highest section in the last quarter, else the last page border, paragraph or line there, else any line."""
    full_enough = start + int((limit - start) * GOOD_BREAK_SHARE)
    low, high = (bisect_right(borders.sections, at, key=lambda heading: heading.start) for at in (full_enough, limit))
    sections = borders.sections[low:high]
    if sections:
        return min(sections, key=lambda heading: (heading.rank, -heading.start)).start
    lines = borders.lines
    kinds = ((borders.pages, full_enough), (borders.paragraphs, full_enough), (lines, full_enough), (lines, start))
    for offsets, least in kinds:
        index = bisect_left(offsets, limit + 1) - 1
        if index >= 0 and offsets[index] > least:
            return offsets[index]
    return limit


def _short_path(headings: Sequence[Heading], start: int, tokenizer: Tokenizer) -> tuple[str, ...]:
    """The headings above a chunk as far as their room reaches, the innermost first."""
    path = heading_path(headings, start)
    while path and len(tokenizer.token_ends(" > ".join(path))) + _FRAME_TOKENS > MAX_HEADING_TOKENS:
        path = path[1:]
    return path
