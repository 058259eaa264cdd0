"""The last stage of a document: its answers to one record or failure for each job, with evidence and confidence.

A chunk without a valid answer is a warning that names its pages as long as few of them have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from qwen_batch.asking.fits import Fit
from qwen_batch.evidence.by_code.checks import Checked, with_checks
from qwen_batch.evidence.by_code.computed import with_computed
from qwen_batch.evidence.by_code.log_events import with_log_lines
from qwen_batch.evidence.confidence import parts_to_confidence
from qwen_batch.evidence.disputed.contradicted import with_contradictions
from qwen_batch.evidence.merge import Merged
from qwen_batch.evidence.taken_back.from_examples import without_examples
from qwen_batch.evidence.taken_back.rejecting import BELOW_CALIBRATED, BELOW_UNCALIBRATED, without_unsure
from qwen_batch.job.definition import Job, job_checks, job_computed, job_log_fields, job_schema
from qwen_batch.outcomes import (
    DocumentOutcome,
    Failure,
    Record,
    Skip,
    Stage,
)
from qwen_batch.reading.document_to_text import unforeseen
from qwen_batch.reading.isolate.isolator import Isolator
from qwen_batch.records import CleanDocument, Document, tokens_of
from qwen_batch.run.document.doubt import with_doubts
from qwen_batch.run.document.kinds.drafts import over_limits_failure
from qwen_batch.run.document.kinds.logs import log_of, text_of
from qwen_batch.run.document.kinds.workbooks import with_workbook, workbook_of
from qwen_batch.run.document.record import Settled, settled_to_record
from qwen_batch.run.document.rows import taken_rows, unasked_answer, with_proof, with_taken
from qwen_batch.run.document.said import read_answers, read_if_valid
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.word_boxes import evidence_with_words
from qwen_batch.run.document.work import ChunkAnswers, Work, chunk_answers
from qwen_batch.run.groups.settling import by_rules_alone, with_members

FITS_UNKNOWN = (
    "what a job is for (Job.fits) was not asked of every document: the engine told no probability; "
    "each of these was asked all its jobs"
)


def settle_stage(work: Work, spec: RunSpec, jobs: Mapping[str, Job], isolator: Isolator) -> DocumentOutcome:
    """Answers to one record or failure for each job: evidence, confidence, merge."""
    if work.failure or work.clean is None:
        failure = work.failure or Failure(work.document, "clean", "lost", "the document was not read")
        failures = tuple(replace(failure, document=work.document, job=name) for name in work.jobs)
        return DocumentOutcome(work.document, (), failures, began_s=work.began_s)
    fitting = [name for name in work.jobs if name not in work.unfit]
    outcomes = [_settle_or_fail(work, work.clean, spec, jobs[name], isolator) for name in fitting]
    return DocumentOutcome(
        document=work.document,
        records=tuple(outcome for outcome in outcomes if isinstance(outcome, Record)),
        failures=tuple(outcome for outcome in outcomes if isinstance(outcome, Failure)),
        pages=work.clean.pages,
        ocr_pages=work.clean.ocr_pages,
        began_s=work.began_s,
        skips=tuple(_skip(work.document, work.unfit[name]) for name in work.jobs if name in work.unfit),
        messages=tuple(dict.fromkeys(FITS_UNKNOWN for fit in work.fits if fit.probability is None)),
    )


def _skip(document: Document, fit: Fit) -> Skip:
    return Skip(document, fit.job, fit.probability or 0.0, fit.reason, **tokens_of((fit,)))


def _settle_or_fail(work: Work, clean: CleanDocument, spec: RunSpec, job: Job, isolator: Isolator) -> Record | Failure:
    try:
        settled = _settle_job(work, text_of(work, clean, job), spec, job)
        if isinstance(settled, Failure) or work.group is not None or log_of(work, job) is not None:
            return settled
        return replace(settled, evidence=evidence_with_words(settled.evidence, clean, isolator))
    except Exception as error:  # noqa: BLE001  one document must not end the run
        return replace(unforeseen(work.document, "merge", error), job=job.name)


def _settle_job(work: Work, clean: CleanDocument, spec: RunSpec, job: Job) -> Record | Failure:
    unasked = next((failure for failure in work.unasked if failure.job == job.name), None)
    if unasked is not None:
        return replace(unasked, document=work.document)
    taken = taken_rows(clean, job, work.told)
    answers = chunk_answers(work, job.name)
    merged = by_rules_alone(job)
    if merged is None:
        if not answers.chunks and taken and (nothing := unasked_answer(job, taken)):
            answers = ChunkAnswers((nothing,), (), 1)
        if answers.is_lost:
            return _rejection_to_failure(work.document, job.name, answers)
        book = workbook_of(clean, job) if job.workbook else None
        text = book.text.clean if book else clean
        merged = read_answers(work, text, job, answers)
        if examples := spec.examples_for(clean, job.name):
            merged = without_examples(merged, examples, text.text, job_schema(job))
        merged = with_doubts(merged, work, job.name, job_schema(job), lambda other: read_if_valid(other, text, job))
        merged = with_taken(with_contradictions(merged, text), taken, clean)
        merged = with_workbook(merged, clean, job, book, taken) if book else merged
        merged = with_proof(merged, job, taken, answers.valid, clean)
    confidence = {parts.field: parts_to_confidence(parts, spec.calibration) for parts in merged.parts}
    merged, confidence = without_unsure(merged, confidence, _bound(spec), job_schema(job))
    if work.group is not None:
        found = with_members(merged, confidence, work.group, job)
        merged, confidence = found.merged, found.confidence
    if log := log_of(work, job):
        merged = with_log_lines(merged, log, job_log_fields(job))
    checked = _with_computed(merged, confidence, job, spec)
    by_code = frozenset(one.field for one in taken)
    if (over := over_limits_failure(work.document, job, checked.merged.result)) is not None:
        return over
    return settled_to_record(work, clean, spec, Settled(job, answers, checked.merged, checked.confidence, by_code))


def _with_computed(merged: Merged, confidence: dict[str, float | None], job: Job, spec: RunSpec) -> Checked:
    """The result with what is computed from the values that stand, and after the job's checks."""
    computed = {one.field for one in job_computed(job)}
    merged = with_computed(merged, job_computed(job), job_schema(job))
    sure = {one.field: parts_to_confidence(one, spec.calibration) for one in merged.parts if one.field in computed}
    return with_checks(merged, {**confidence, **sure}, job_checks(job))


def _bound(spec: RunSpec) -> float:
    """The confidence below which a value is left out."""
    wanted = spec.config.confidence.reject_below
    if wanted != "auto":
        return wanted
    return BELOW_UNCALIBRATED if spec.calibration is None else BELOW_CALIBRATED


def _rejection_to_failure(document: Document, job: str, answers: ChunkAnswers) -> Failure:
    chunks = answers.chunks
    if not answers.rejected:
        return Failure(document, "engine", "lost", "the engine gave no answer; run the command again", job=job)
    worst = answers.rejected[0].why
    part = f" ({len(answers.rejected)} of {chunks} parts of the document)" if chunks > 1 else ""
    stage: Stage = "engine" if worst.code == "engine_error" else "validate"
    return Failure(
        document=document,
        stage=stage,
        code=worst.code,
        message=f"no valid answer after {worst.attempts} attempts{part}: {worst.message}",
        attempts=worst.attempts,
        job=job,
        raw_text=worst.raw_text,
    )
