"""The text of a workbook with its computed facts behind it, and which of both a prompt shows.

The facts stand behind the document's own text, each on a line with its id, so that quotes of them are found like any
other, and what begins there is known to be computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qwen_batch.asking.prompts import shown
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.rows.tables import Table
from qwen_batch.job.workbook.facts import Fact
from qwen_batch.records import Chunk, CleanDocument, Shown

FACTS_VERSION = 1  # part of the fingerprint of every job that is shown facts: raise it when words here change
GAP = "\n\n"
HEADING = "Computed by code from all rows, cells in brackets:"
MOST_ROWS, FEW_ROWS = 30, 5
"""Rows that are shown of a table: all of one with no more, the first few of a longer one."""
FACTS_SHARE = 0.6
"""The facts take at most this share of a prompt's room where the document does not leave more."""


@dataclass(frozen=True, slots=True)
class FactText:
    """A text with facts behind it: `spans` has characters [start, end) of each fact's line."""

    clean: CleanDocument
    facts: tuple[Fact, ...]
    spans: tuple[tuple[int, int], ...]
    begins: int

    def fact_at(self, start: int) -> Fact | None:
        """The fact whose line a character stands in."""
        return next(
            (fact for fact, (first, end) in zip(self.facts, self.spans, strict=True) if first <= start < end), None
        )


def with_facts(clean: CleanDocument, facts: Sequence[Fact]) -> FactText:
    """The text with the facts behind it."""
    text = f"{clean.text}{GAP}{HEADING}"
    spans = []
    for number, fact in enumerate(facts, 1):
        line = f"\n[f{number}] {fact.words}"
        spans.append((len(text) + 1, len(text) + len(line)))
        text += line
    return FactText(replace(clean, text=text), tuple(facts), tuple(spans), len(clean.text) + len(GAP))


def facts_chunk(
    found: FactText, tables: Sequence[Table], room: int, tokenizer: Tokenizer, withheld: tuple[tuple[int, int], ...]
) -> Chunk:
    """What a prompt of `room` tokens shows: tables or their first rows, and as many facts as fit, the first first."""
    text = found.clean.text
    whole = Chunk(text, 0, len(text), withheld=withheld)
    document: tuple[Shown, ...] = ()
    for rows in (MOST_ROWS, FEW_ROWS, 0):
        document = tuple(_passages(found, tables, rows))
        if _tokens(whole, document, tokenizer) <= room * (1 - FACTS_SHARE):
            break
    else:
        document = _cut(whole, document, int(room * (1 - FACTS_SHARE)), tokenizer)
    least, most = 0, len(found.spans)
    while least < most:  # how many facts fit
        middle = (least + most + 1) // 2
        fits = _tokens(whole, (*document, *_facts(found, middle)), tokenizer) <= room
        least, most = (middle, most) if fits else (least, middle - 1)
    return replace(whole, passages=(*document, *_facts(found, least)))


def _facts(found: FactText, count: int) -> tuple[Shown, ...]:
    return (Shown(found.begins, found.spans[count - 1][1]),) if count else ()


def _passages(found: FactText, tables: Sequence[Table], most: int) -> Iterator[Shown]:
    """The document's text without the rows beyond `most` of a table; all of a table with no more than MOST_ROWS."""
    hidden = []
    for table in tables:
        if len(table.rows) > (MOST_ROWS if most == MOST_ROWS else most):
            left = [row for row in table.rows[FEW_ROWS if most else 0 :] if row.cells]
            hidden += [(row.cells[0].start, row.cells[-1].end) for row in left]
    lines = found.clean.lines
    start: int | None = None
    end = 0
    hidden.sort()
    at = 0
    for line in lines:
        if line.start >= found.begins:
            break
        while at < len(hidden) and hidden[at][1] < line.start:
            at += 1
        if at < len(hidden) and hidden[at][0] <= line.end and line.start <= hidden[at][0]:
            if start is not None:
                yield Shown(start, end)
            start = None
            continue
        start, end = (line.start if start is None else start), line.end
    if start is not None:
        yield Shown(start, end)


def _cut(whole: Chunk, passages: tuple[Shown, ...], room: int, tokenizer: Tokenizer) -> tuple[Shown, ...]:
    """The first of the passages, as many as fit."""
    kept: tuple[Shown, ...] = ()
    for one in passages:
        if _tokens(whole, (*kept, one), tokenizer) > room:
            break
        kept = (*kept, one)
    return kept


def _tokens(whole: Chunk, passages: tuple[Shown, ...], tokenizer: Tokenizer) -> int:
    return len(tokenizer.token_ends(shown(replace(whole, passages=passages)))) if passages else 0
