"""What a plan does not know, in sentences for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qwen_batch.output.log.plan import Plan
from qwen_batch.run.document.spec import RunSpec, load_jobs
from qwen_batch.run.plan.sampling import MAX_OCR_PAGES, Sampled


def plan_notes(plan: Plan, sampled: Sequence[Sampled], spec: RunSpec) -> Iterator[str]:
    """The sentences, the weightiest first."""
    unread = sum(one.asked is None and one.waiting > 0 for one in sampled)
    if unread:
        yield f"{unread} documents of the sample have no text here: OCR of more than {MAX_OCR_PAGES} pages is the run's"
    if any(job.output_from == "guess" for job in plan.jobs):
        yield "answers: a guess between the shortest valid one and max_output_tokens, until this model has rows here"
    if plan.seconds is None and plan.documents.to_do:
        yield "time is not known: no run of this output had this model; run `qwen-batch bench`, or once with --limit 50"
    if plan.gpus and plan.gpu_hours and spec.config.resources.gpu_hour_price is None:
        yield "money: say what a GPU costs an hour with resources.gpu_hour_price"
    if unreadable := sum(kind.unreadable for kind in plan.kinds):
        yield f"{unreadable} documents cannot be read and will be failures"
    if failed := sum(one.failed for one in sampled):
        yield f"{failed} of {len(sampled)} documents read here have no text and will be failures; others may be, too"
    if of_rows := [job.name for job in load_jobs(spec).values() if job.of]:
        yield f"{', '.join(of_rows)}: asked over rows that are not there yet, and not counted here"
    if any(spec.asks_fits(job) for job in load_jobs(spec).values()):
        yield "documents that are not what a job is for cost less: they are counted as if all were"
    if spec.config.confidence.self_check or spec.config.prompt.orders == "ask":
        yield "confidence.self_check and prompt.orders ask more of some documents than is counted here"
