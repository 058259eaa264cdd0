"""Cutting a clean document into chunks that fit a token budget, at page and paragraph borders.

Tokens are counted once for the whole text; a chunk takes whole lines, and ends at a page border or
a blank line when one lies in its last quarter. A line longer than the budget is cut between tokens.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace

from qwen_batch.records import Chunk, CleanDocument
from qwen_batch.tokens import Tokenizer

GOOD_BREAK_SHARE = 0.75  # a page or paragraph border counts if the chunk is at least this full


def document_to_chunks(clean: CleanDocument, budget_tokens: int, tokenizer: Tokenizer) -> tuple[Chunk, ...]:
    """Chunks of at most `budget_tokens` tokens that together hold every character of the text."""
    text = clean.text
    ends = tokenizer.token_ends(text)
    if len(ends) <= budget_tokens:
        return (Chunk(text=text, start=0, end=len(text)),)
    borders = _borders(clean)
    spans: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        first_token = bisect_right(ends, start)
        last_token = first_token + budget_tokens - 1
        limit = ends[last_token] if last_token < len(ends) - 1 else len(text)
        end = len(text) if limit >= len(text) else _best_end(borders, start, limit)
        spans.append((start, end))
        start = end
    chunks = (Chunk(text=text[start:end], start=start, end=end) for start, end in spans)
    return tuple(replace(chunk, index=index, count=len(spans)) for index, chunk in enumerate(chunks))


def _borders(clean: CleanDocument) -> list[list[int]]:
    """Offsets at which a chunk may begin, best kind first: pages, paragraphs, lines."""
    pages, paragraphs, lines = [], [], []
    for previous, line in zip(clean.lines, clean.lines[1:], strict=False):
        lines.append(line.start)
        if line.page != previous.page:
            pages.append(line.start)
        if "\n\n" in clean.text[previous.end : line.start]:
            paragraphs.append(line.start)
    return [pages, paragraphs, lines]


def _best_end(borders: list[list[int]], start: int, limit: int) -> int:
    full_enough = start + int((limit - start) * GOOD_BREAK_SHARE)
    lines = borders[-1]
    for offsets, least in (*((kind, full_enough) for kind in borders), (lines, start)):
        index = bisect_left(offsets, limit + 1) - 1
        if index >= 0 and offsets[index] > least:
            return offsets[index]
    return limit
