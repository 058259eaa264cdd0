"""What a job reads and writes: its prompts from the sample to all documents, its answers by the rows of runs before."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qwen_batch.engine.kinds.null import smallest_instance
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.definition import Job, job_decoding_schema
from qwen_batch.output.log.plan import Estimate
from qwen_batch.run.plan.counting import Counted
from qwen_batch.run.plan.estimating import NOTHING, Point, added, exactly, told_sum
from qwen_batch.run.plan.sampling import Asked, Sampled


@dataclass(frozen=True, slots=True)
class Reading:
    """What the prompts of a job are together; None where no document has a text here."""

    prompts: Estimate | None
    tokens: Estimate | None


def job_reading(job: str, counted: Sequence[Counted], sampled: Sequence[Sampled]) -> Reading:
    """Prompts and their tokens of one job over all documents that it is asked of."""
    return Reading(
        _all(job, counted, sampled, lambda one: one.prompts), _all(job, counted, sampled, lambda one: one.tokens)
    )


def _all(
    job: str, counted: Sequence[Counted], sampled: Sequence[Sampled], figure: Callable[[Asked], int]
) -> Estimate | None:
    """Each kind by its own sample; a kind without one by the pages of all others."""
    by_length: dict[str, list[Point]] = defaultdict(list)
    by_pages = []
    known = set()
    for one in sampled:
        document = counted[one.place]
        if one.asked is None or job not in document.work.jobs:
            continue
        value = figure(one.asked.get(job, Asked()))
        by_length[document.kind].append(Point(document.length, value))
        by_pages.append(Point(document.pages, value))
        known.add(one.place)
    others: dict[str, list[Counted]] = defaultdict(list)
    for place, document in enumerate(counted):
        if job in document.work.jobs and document.pages and place not in known:
            others[document.kind].append(document)
    parts = [
        told_sum(by_length[kind], [one.length for one in documents])
        if by_length[kind]
        else told_sum(by_pages, [one.pages for one in documents])
        for kind, documents in others.items()
    ]
    told = [part for part in parts if part is not None]
    return added(told, sum(point.figure for point in by_pages)) if len(told) == len(parts) else None


def guessed_output(job: Job, documents: int, prompts: Estimate | None, tokenizer: Tokenizer) -> Estimate:
    """Between the shortest answer of each document and the longest of each prompt; likely is their geometric mean."""
    if not documents:
        return NOTHING
    least = documents * max(1, len(tokenizer.token_ends(smallest_instance(job_decoding_schema(job)))))
    most = (prompts or exactly(documents)).high * job.max_output_tokens
    return Estimate(low=min(least, most), likely=math.sqrt(min(least, most) * most), high=most)
