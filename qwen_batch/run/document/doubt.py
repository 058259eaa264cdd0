"""What a record says where passages of its document speak to the reader: the answers with and without them, as one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from qwen_batch.evidence.disputed.doubted import resolved_doubt
from qwen_batch.evidence.ground import lines_between
from qwen_batch.evidence.merge import Merged
from qwen_batch.records import Answer, CleanDocument, Paid
from qwen_batch.run.document.work import Work, ordering_spans, orders_of, without_orders

MAX_SHOWN_CHARS = 120  # of a passage that a warning quotes


def with_doubts(
    merged: Merged, work: Work, job: str, schema: dict[str, Any], read: Callable[[Work], Merged | None]
) -> Merged:
    """The job's result where only that stands which needs no passage that speaks to the reader; `read` makes one."""
    spans = ordering_spans(work, job)
    if not spans:
        return merged
    return resolved_doubt(merged, read(without_orders(work)), spans, schema)


def doubt_warnings(work: Work, clean: CleanDocument, job: str) -> Iterator[str]:
    """A warning for each passage that speaks to the reader: its page and its first words."""
    for start, end in ordering_spans(work, job):
        told = "speaks to whoever extracts; what rests on it alone was taken back"
        yield f"{page_of(clean, start, end)}{told}: {shortened(clean.text[start:end])!r}"


def doubt_costs(work: Work, job: str) -> Iterator[Paid]:
    """The questions about a job's passages, and the answers without them."""
    for one in orders_of(work, job):
        yield one
        if isinstance(one.answer, Answer):
            yield one.answer


def page_of(clean: CleanDocument, start: int, end: int) -> str:
    """Which page characters [start, end) of the clean text begin on, as a warning begins."""
    lines = lines_between(clean, start, end)
    return f"page {lines[0].page}: " if lines else ""


def shortened(text: str) -> str:
    """A passage as a warning quotes it: on one line, its beginning where it is long."""
    words = " ".join(text.split())
    return words if len(words) <= MAX_SHOWN_CHARS else f"{words[: MAX_SHOWN_CHARS - 1]}…"
