"""What a row says of texts with limits: which were asked again and why, which lack terms; none is over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from qwen_batch.asking.drafting.broken import over_limits
from qwen_batch.engine.engine import ENGINES
from qwen_batch.job.definition import Job, job_limits
from qwen_batch.outcomes import Failure
from qwen_batch.records import Answer, Chunk, Document
from qwen_batch.run.document.spec import RunSpec

MAX_NAMED = 5
"""Parts of a document that a row names one by one."""
UNCHECKED = "limits of texts were not checked: no model wrote them"


def draft_warnings(answers: Sequence[Answer], job: Job, spec: RunSpec, where: Callable[[Chunk], str]) -> Iterator[str]:
    """A warning for each text that was asked again or lacks terms; `where` says which part of the document it is of."""
    if not job_limits(job):
        return
    if not ENGINES.load(spec.plan.kind).has_model:
        yield UNCHECKED
    of_parts = len(answers) > 1
    yield from _named(
        "asked again",
        [f"{_place(one, where, of_parts)}{'; then '.join(one.asked_again)}" for one in answers if one.asked_again],
        len(answers),
    )
    yield from _named(
        "terms not kept to",
        [f"{_place(one, where, of_parts)}{'; '.join(one.lacking)}" for one in answers if one.lacking],
        len(answers),
    )


def over_limits_failure(document: Document, job: Job, result: dict[str, Any]) -> Failure | None:
    """The failure of a row with a text that is over its limits, however it was made; None where none is."""
    over = over_limits(result, job)
    if not over:
        return None
    return Failure(document, "validate", "broken_limit", "; ".join(map(str, over)), job=job.name)


def _place(answer: Answer, where: Callable[[Chunk], str], of_parts: bool) -> str:
    return f"{where(answer.chunk)}: " if of_parts else ""


def _named(what: str, found: Sequence[str], every: int) -> Iterator[str]:
    if every > 1 and found:
        yield f"{what}: {len(found)} of {every} parts"
    yield from (f"{what}: {one}" for one in found[:MAX_NAMED])
