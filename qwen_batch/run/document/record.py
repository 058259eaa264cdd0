"""A settled job as a row: its values, and what the row says of how they came about."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qwen_batch.evidence.confidence import record_confidence
from qwen_batch.evidence.ground import lines_between
from qwen_batch.evidence.merge import Merged
from qwen_batch.job.definition import Job
from qwen_batch.job.drafting.passages import IN_ORDER
from qwen_batch.job.nothing import is_absent
from qwen_batch.outcomes import (
    RECORD_CONFIDENCE,
    CleanSummary,
    Record,
)
from qwen_batch.records import Answer, Chunk, CleanDocument, tokens_of
from qwen_batch.run.document.doubt import doubt_costs, doubt_warnings, page_of, shortened
from qwen_batch.run.document.kinds.drafts import draft_warnings
from qwen_batch.run.document.kinds.passages import passage_warning
from qwen_batch.run.document.spec import RunSpec, job_rules
from qwen_batch.run.document.work import ChunkAnswers, RejectedPrompt, Work, chunk_answers
from qwen_batch.run.groups.settling import COMPUTED, members_of, warnings_of


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of one job: its answers, the result that they make, and the lists that code took from tables."""

    job: Job
    answers: ChunkAnswers
    merged: Merged
    confidence: Mapping[str, float | None]
    by_code: frozenset[str]


def settled_to_record(work: Work, clean: CleanDocument, spec: RunSpec, settled: Settled) -> Record:
    """The row with all that it says beside its values: costs, warnings, what may lack something."""
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
