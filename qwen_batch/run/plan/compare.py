"""What a plan foretold beside what its run came to."""

from __future__ import annotations

from collections.abc import Iterator

from qwen_batch.output.layout import run_manifests
from qwen_batch.output.log.plan import Estimate, Foretold, Plan, kept_plan
from qwen_batch.run.plan.estimating import exactly
from qwen_batch.run.request import RunRequest, RunSummary, Spec


def plan_and_run(request: RunRequest[Spec], summary: RunSummary) -> tuple[Foretold, ...]:
    """Nothing unless the output's plan was made for this run: same inputs and jobs, no run between, all done."""
    plan = kept_plan(request.store)
    if plan is None or summary.left or request.only is not None:
        return ()
    jobs = {product.name: product.fingerprint for product in request.products}
    if not plan.is_of(request.inputs, jobs, request.limit) or _is_used(plan, request, summary):
        return ()
    return tuple(_foretold(plan, summary))


def _is_used(plan: Plan, request: RunRequest[Spec], summary: RunSummary) -> bool:
    """Whether another run came between."""
    others = (run for run in run_manifests(request.store) if (run.part_of or run.run_id) != summary.run_id)
    return any(run.finished > plan.planned_at for run in others) or not any(summary.rows.values())


def _foretold(plan: Plan, summary: RunSummary) -> Iterator[Foretold]:
    counts = summary.counts
    figures: list[tuple[str, Estimate | None, float]] = [
        ("pages", exactly(plan.pages), counts.pages),
        ("OCR pages", plan.ocr_pages, counts.ocr_pages),
        ("tokens in", plan.prompt_tokens, counts.prompt_tokens),
        ("tokens out", plan.output_tokens, counts.output_tokens),
        ("time", plan.seconds, round(summary.seconds, 1)),
    ]
    for what, planned, real in figures:
        if planned is not None and (planned.high or real):
            yield Foretold(what=what, planned=planned, real=real)
