"""What the answers to a job say together: located, without what does not stand, merged over chunks and readings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain

from qwen_batch.evidence.confidence import answer_to_parts
from qwen_batch.evidence.ground import answer_to_evidence, text_to_index
from qwen_batch.evidence.merge import GroundedAnswer, Merged, Prose, answers_to_result
from qwen_batch.evidence.second_reading import with_second
from qwen_batch.evidence.taken_back.mentions import drop_unmentioned
from qwen_batch.evidence.taken_back.rejecting import with_rejected
from qwen_batch.evidence.taken_back.ungrounded import drop_ungrounded
from qwen_batch.job.definition import Job, job_looks, job_schema
from qwen_batch.outcomes import (
    ConfidenceParts,
    Evidence,
)
from qwen_batch.records import Answer, CleanDocument
from qwen_batch.run.document.kinds.passages import put_in_place
from qwen_batch.run.document.spec import job_rules
from qwen_batch.run.document.work import ChunkAnswers, Work, chunk_answers
from qwen_batch.value_paths import of_each_item, top_field


def read_answers(work: Work, clean: CleanDocument, job: Job, answers: ChunkAnswers) -> Merged:
    """What all answers to a job say: those of its chunks, completed by its second reading."""
    merged = _merged(clean, job, put_in_place(answers, job), _prose(work, clean, job.name))
    again = chunk_answers(work, job.name, second=True)
    return with_second(merged, _merged(clean, job, again, {})) if again.valid else merged


def read_if_valid(work: Work, clean: CleanDocument, job: Job) -> Merged | None:
    """The same where there are answers; None where none is valid."""
    answers = chunk_answers(work, job.name)
    return None if answers.is_lost else read_answers(work, clean, job, answers)


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
