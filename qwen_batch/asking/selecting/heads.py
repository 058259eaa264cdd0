"""Whether a job is shown what only the heads and feet of pages say: the end of a clean text, from `facts_at` on.

A letterhead's order number is a fact to a job that asks for it. To others such lines are noise: the day on which a
contract was filed, printed under each page, was taken for the day of the contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qwen_batch.job.definition import Job, job_looks
from qwen_batch.job.terms import terms_of
from qwen_batch.records import CleanDocument


def by_text(clean: CleanDocument, jobs: Sequence[Job]) -> list[tuple[CleanDocument, list[Job]]]:
    """The jobs by what they may be shown: all of a text, or all but the heads and feet; no entry without jobs."""
    with_heads = [job for job in jobs if asks_for_heads(clean, job)]
    others = [job for job in jobs if job not in with_heads]
    entries = [(clean, with_heads), (_body(clean), others)]
    return [(text, some) for text, some in entries if some]


def asks_for_heads(clean: CleanDocument, job: Job) -> bool:
    """Whether a word by which one of the job's fields is looked for stands in the heads and feet."""
    if clean.facts_at is None:
        return True
    there = set(terms_of(clean.text[clean.facts_at :].lstrip().partition("\n")[2]))
    return any(not there.isdisjoint(terms_of(look.query)) for look in job_looks(job))


def _body(clean: CleanDocument) -> CleanDocument:
    at = clean.facts_at
    if at is None:
        return clean
    lines = tuple(line for line in clean.lines if line.start < at)
    return replace(clean, text=clean.text[:at], lines=lines, facts_at=None)
