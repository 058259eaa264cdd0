"""The last stage of a document: its answers to one record or failure for each job, with evidence and confidence.

A chunk without a valid answer is a warning that names its pages as long as few of them have none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from qwen_batch.asking.fits import Fit
from qwen_batch.evidence.by_code.checks import Checked, with_checks
from qwen_batch.evidence.by_code.computed import with_computed
from qwen_batch.evidence.by_code.log_events import with_log_lines
from qwen_batch.evidence.confidence import answer_to_parts, parts_to_confidence, record_confidence
from qwen_batch.evidence.disputed.contradicted import with_contradictions
from qwen_batch.evidence.ground import answer_to_evidence, lines_between, text_to_index
from qwen_batch.evidence.merge import GroundedAnswer, Merged, Prose, answers_to_result
from qwen_batch.evidence.second_reading import with_second
from qwen_batch.evidence.taken_back.from_examples import without_examples
from qwen_batch.evidence.taken_back.mentions import drop_unmentioned
from qwen_batch.evidence.taken_back.rejecting import BELOW_CALIBRATED, BELOW_UNCALIBRATED, with_rejected, without_unsure
from qwen_batch.evidence.taken_back.ungrounded import drop_ungrounded
from qwen_batch.job.definition import Job, job_checks, job_computed, job_log_fields, job_looks, job_schema
from qwen_batch.job.drafting.passages import IN_ORDER
from qwen_batch.job.nothing import is_absent
from qwen_batch.outcomes import (
    RECORD_CONFIDENCE,
    CleanSummary,
    ConfidenceParts,
    DocumentOutcome,
    Evidence,
    Failure,
    Record,
    Skip,
    Stage,
)
from qwen_batch.reading.document_to_text import unforeseen
from qwen_batch.reading.isolate.isolator import Isolator
from qwen_batch.records import Answer, Chunk, CleanDocument, Document, tokens_of
from qwen_batch.run.document.doubt import doubt_costs, doubt_warnings, page_of, shortened, with_doubts
from qwen_batch.run.document.drafts import draft_warnings, over_limits_failure
from qwen_batch.run.document.logs import log_of, text_of
from qwen_batch.run.document.passages import passage_warning, put_in_place
from qwen_batch.run.document.rows import taken_rows, unasked_answer, with_proof, with_taken
from qwen_batch.run.document.spec import RunSpec, job_rules
from qwen_batch.run.document.word_boxes import evidence_with_words
from qwen_batch.run.document.work import ChunkAnswers, RejectedPrompt, Work, chunk_answers
from qwen_batch.run.document.workbooks import with_workbook, workbook_of
from qwen_batch.run.groups.settling import COMPUTED, by_rules_alone, members_of, warnings_of, with_members
from qwen_batch.value_paths import of_each_item, top_field

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
        merged = _read(work, text, job, answers)
        if examples := spec.examples_for(clean, job.name):
            merged = without_examples(merged, examples, text.text, job_schema(job))
        merged = with_doubts(merged, work, job.name, job_schema(job), lambda other: _read_if_valid(other, text, job))
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
    return _record(work, clean, spec, _Settled(job, answers, checked.merged, checked.confidence, by_code))


@dataclass(frozen=True, slots=True)
class _Settled:
    """What came of one job: its answers, the result that they make, and the lists that code took from tables."""

    job: Job
    answers: ChunkAnswers
    merged: Merged
    confidence: Mapping[str, float | None]
    by_code: frozenset[str]


def _record(work: Work, clean: CleanDocument, spec: RunSpec, settled: _Settled) -> Record:
    job, answers, merged, confidence = settled.job, settled.answers, settled.merged, settled.confidence
    warnings = (
        *_withheld(work, clean, job.name),
        *doubt_warnings(work, clean, job.name),
        *(_unread(one, clean) for one in answers.rejected),
    )
    return Record(
        document=work.document,
        clean=CleanSummary(clean.pages, clean.ocr_pages, clean.ocr_confidence, clean.language),
        job=job.name,
        job_fingerprint=spec.fingerprints[job.name],
        model=spec.model_name,
        **tokens_of(
            (
                *answers.valid,
                *chunk_answers(work, job.name, second=True).valid,
                *(one for one in work.prose if one.job == job.name),
                *(one for one in work.fits if one.job == job.name),
                *doubt_costs(work, job.name),
                *(one for one in work.told if one.job == job.name),
                *(one for one in work.terms if one.job == job.name),
            )
        ),
        finish_reason=answers.valid[-1].completion.finish_reason if answers.valid else COMPUTED,
        attempts=max((answer.attempts for answer in answers.valid), default=0),
        warnings=(
            *clean.warnings,
            *warnings_of(warnings, work.group),
            *merged.warnings,
            *_cut_off(answers.valid),
            *draft_warnings(answers.valid, job, spec, lambda chunk: _where(chunk, clean)),
        ),
        result=merged.result,
        evidence=merged.evidence,
        confidence={
            **confidence,
            RECORD_CONFIDENCE: record_confidence(confidence, merged.parts, answers.share_valid),
        },
        confidence_parts=merged.parts,
        incomplete=_incomplete(job, answers, merged, settled.by_code),
        members=members_of(work.group),
        failed_members=work.group.failed if work.group else (),
    )


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


def _incomplete(job: Job, answers: ChunkAnswers, merged: Merged, taken: Container[str]) -> tuple[str, ...]:
    """The fields that may not say all: of a chunk that was not answered, or not to the end, items may be missing.

    What was `taken` from tables depends on no chunk.
    """
    lists = {rule.field for rule in job_rules(job) if rule.shape == "list" and rule.field not in taken}
    lists |= {rule.field for rule in job_rules(job) if rule.rule == IN_ORDER}
    unfinished = {field for answer in answers.valid for field in answer.unfinished}
    lacking = {field for field in unfinished if field in lists or is_absent(merged.result[field])}
    lacking |= set(merged.cut) | (lists if answers.rejected else set())
    return tuple(field for field in merged.result if field in lacking)


def _cut_off(answers: Sequence[Answer]) -> Iterator[str]:
    """A warning for each field of which answers were cut off: how many items are there, or that it was not reached."""
    for field in dict.fromkeys(field for answer in answers for field in answer.unfinished):
        mine = [answer.result[field] for answer in answers if field in answer.unfinished]
        items = sum(len(value) for value in mine if isinstance(value, list))
        said = f"after {items} items, there may be more" if items else "before it"
        yield f"{field}: the answer was cut off {said}"


def _read(work: Work, clean: CleanDocument, job: Job, answers: ChunkAnswers) -> Merged:
    """What all answers to a job say: those of its chunks, completed by its second reading."""
    merged = _merged(clean, job, put_in_place(answers, job), _prose(work, clean, job.name))
    again = chunk_answers(work, job.name, second=True)
    return with_second(merged, _merged(clean, job, again, {})) if again.valid else merged


def _read_if_valid(work: Work, clean: CleanDocument, job: Job) -> Merged | None:
    answers = chunk_answers(work, job.name)
    return None if answers.is_lost else _read(work, clean, job, answers)


def _merged(clean: CleanDocument, job: Job, answers: ChunkAnswers, prose: Mapping[str, Prose]) -> Merged:
    index = text_to_index(clean.text)
    lost: Counter[tuple[str, str]] = Counter()
    evidence = [answer_to_evidence(answer, clean, index, job_looks(job)) for answer in answers.valid]
    grounded = [
        _grounded(answer, found, clean, job, lost) for answer, found in zip(answers.valid, evidence, strict=True)
    ]
    merged = with_rejected(answers_to_result(grounded, job_rules(job), prose), chain.from_iterable(evidence))
    warnings = (f"{path}: {count} left out, {why}" for (path, why), count in lost.items())
    return replace(merged, warnings=(*warnings, *merged.warnings))


def _prose(work: Work, clean: CleanDocument, job: str) -> dict[str, Prose]:
    return {
        one.field: Prose(one.text, _prose_parts(one.answer, clean), one.problem) for one in work.prose if one.job == job
    }


def _grounded(
    answer: Answer,
    found: tuple[Evidence, ...],
    clean: CleanDocument,
    job: Job,
    lost: Counter[tuple[str, str]],
) -> GroundedAnswer:
    """An answer without what had to be grounded or mentioned and is not; that is counted in `lost` by path and why."""
    grounded = drop_ungrounded(answer.result, found, job_schema(job))
    looks = job_looks(job)
    kept = drop_unmentioned(grounded.result, grounded.evidence, looks, clean)
    answer = replace(answer, result=kept.result)
    parts = answer_to_parts(answer, kept.evidence, clean, looks)
    lost.update((of_each_item(path), "no such quote in the document") for path in grounded.dropped)
    lost.update((field, "it stands where none of the field's words is mentioned") for field in kept.dropped)
    for field in {top_field(path) for path in (*grounded.dropped, *kept.dropped)}:
        if parts[field].absent:  # the model saw a value there: how sure it was says little of its absence
            parts[field] = replace(parts[field], match="none", score=0.0)
    return GroundedAnswer(answer, kept.evidence, parts)


def _prose_parts(answer: Answer | None, clean: CleanDocument) -> ConfidenceParts | None:
    return None if answer is None else next(iter(answer_to_parts(answer, (), clean).values()))


def _withheld(work: Work, clean: CleanDocument, job: str) -> Iterator[str]:
    """A warning for each passage that the job's prompts did not show: its page and its first words."""
    for chunk in (prompt.chunk for prompt in work.prompts if prompt.job == job and not prompt.chunk.second):
        for start, end in chunk.withheld:
            where = page_of(clean, chunk.start + start, chunk.start + end)
            yield f"{where}not shown to the model, to which it gives orders: {shortened(chunk.text[start:end])!r}"


def _unread(rejected: RejectedPrompt, clean: CleanDocument) -> str:
    """The warning for a chunk without a valid answer: its pages and the code of what went wrong."""
    chunk = rejected.prompt.chunk
    where = _where(chunk, clean)
    return passage_warning(rejected, where) if chunk.alone else f"{where}: no valid answer ({rejected.why.code})"


def _where(chunk: Chunk, clean: CleanDocument) -> str:
    """The pages of a chunk, else which part it is."""
    pages = sorted({line.page for line in lines_between(clean, chunk.start, chunk.end)})
    where = f"part {chunk.index + 1} of {chunk.count}"
    if pages:
        where = f"page {pages[0]}" if len(pages) == 1 else f"pages {pages[0]}-{pages[-1]}"
    return f"{where}, passage {chunk.index + 1} of {chunk.count}" if chunk.alone else where


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
