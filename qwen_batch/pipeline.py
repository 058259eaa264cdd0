"""The stages of a run as plain functions from Work to Work. Pure composition: no Ray, no files written.

A stage never raises for what a document contains: it returns the work with a failure, and later stages
pass it through. `RunSpec` is what a worker needs to know; it is small and travels with each stage.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from qwen_batch.answer import Answering, Rejected, prompts_to_answers
from qwen_batch.chunk import document_to_chunks
from qwen_batch.confidence import answer_to_confidence, record_confidence
from qwen_batch.config import Config
from qwen_batch.engines import EnginePlan
from qwen_batch.engines._auto import fitted_plan
from qwen_batch.errors import QwenBatchError
from qwen_batch.ground import answer_to_evidence, text_to_index
from qwen_batch.isolate import Isolator
from qwen_batch.job import Job
from qwen_batch.jobfile import JobSource, load_job
from qwen_batch.lengths import document_tokens
from qwen_batch.merge import GroundedAnswer, answers_to_result
from qwen_batch.prompts import chunk_to_prompt, prompt_overhead
from qwen_batch.reading import ReadTools, document_to_text, unforeseen
from qwen_batch.records import (
    Answer,
    CleanDocument,
    CleanSummary,
    Document,
    DocumentOutcome,
    Failure,
    Prompt,
    Record,
    Stage,
)
from qwen_batch.table import RECORD_CONFIDENCE
from qwen_batch.tokens import ApproximateTokenizer, Tokenizer, model_tokenizer
from qwen_batch.word_boxes import evidence_with_words

MIN_CHUNK_TOKENS = 256
PROMPT_MARGIN_TOKENS = 16  # where text and frame meet, tokens may split otherwise than counted


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What every stage of a run shares. `fingerprints` has one entry a job name."""

    config: Config
    jobs: tuple[JobSource, ...]
    plan: EnginePlan
    model_name: str
    fingerprints: Mapping[str, str]

    def about(self) -> dict[str, Any]:
        """What the run manifest says of jobs, model and engine."""
        engine = {key: value for key, value in asdict(self.plan).items() if key != "settings"}
        files = {Path(source.path).stem: source.path for source in self.jobs}
        return {
            "jobs": dict(self.fingerprints),
            "job_files": files,
            "model": self.model_name,
            "engine": engine,
        }

    def fitted(self, documents: Sequence[Document]) -> Self:
        """The same with a context that these documents need, and an engine that is compiled if they are many."""
        tokenizer = make_tokenizer(self)
        jobs = load_jobs(self).values()
        room = max(prompt_overhead(job, tokenizer) + job.max_output_tokens for job in jobs) + PROMPT_MARGIN_TOKENS
        tokens = document_tokens(documents, self.config.read)
        return replace(self, plan=fitted_plan(self.plan, tokens, len(self.jobs), room))


@dataclass(frozen=True, slots=True)
class Work:
    """One document on its way: `jobs` are the names asked of it, each stage fills the next field.

    `began_s` is when its reading began, in seconds since the epoch.
    """

    document: Document
    jobs: tuple[str, ...]
    clean: CleanDocument | None = None
    prompts: tuple[Prompt, ...] = ()
    answers: tuple[Answer | Rejected, ...] = ()
    failure: Failure | None = None
    began_s: float | None = None


def make_tokenizer(spec: RunSpec) -> Tokenizer:
    """The tokenizer of the model; an estimate for an engine that has none here."""
    directory = {"vllm": spec.plan.model, "http": spec.plan.settings.http.tokenizer}.get(spec.plan.kind)
    return model_tokenizer(Path(directory)) if directory else ApproximateTokenizer()


def load_jobs(spec: RunSpec) -> dict[str, Job]:
    """The run's jobs by name."""
    jobs = [load_job(source) for source in spec.jobs]
    return {job.name: job for job in jobs}


def document_to_prompts(
    work: Work, spec: RunSpec, tools: ReadTools, tokenizer: Tokenizer, jobs: Mapping[str, Job]
) -> Work:
    """Reads the document and makes its prompts; what is unforeseen is this document's failure."""
    work = replace(work, began_s=time.time())
    text = document_to_text(work.document, tools)
    if isinstance(text, Failure):
        return replace(work, document=text.document, failure=text)
    work = replace(work, document=text.document, clean=text.clean)
    try:
        return prompt_stage(work, spec, tokenizer, jobs)
    except QwenBatchError:
        raise
    except Exception as error:  # noqa: BLE001  one document must not end the run
        return _failed(work, unforeseen(work.document, "chunk", error))


def prompt_stage(work: Work, spec: RunSpec, tokenizer: Tokenizer, jobs: Mapping[str, Job]) -> Work:
    """Clean text to prompts that fit the context: chunk by chunk, a chunk's jobs side by side."""
    if work.failure or work.clean is None:
        return work
    asked = [jobs[name] for name in work.jobs]
    budget = chunk_budget(asked, spec.plan, tokenizer)
    if budget < MIN_CHUNK_TOKENS:
        message = f"a context of {spec.plan.max_model_len} tokens has no room for it; raise engine.max_model_len"
        return _failed(work, Failure(work.document, "chunk", "no_room", message))
    chunks = document_to_chunks(work.clean, budget, tokenizer)
    prompts = tuple(chunk_to_prompt(work.clean, chunk, job, tokenizer) for chunk in chunks for job in asked)
    return replace(work, prompts=prompts)


def chunk_budget(jobs: Sequence[Job], plan: EnginePlan, tokenizer: Tokenizer) -> int:
    """Tokens of document text that fit beside the longest prompt and answer of the jobs."""
    needed = max(prompt_overhead(job, tokenizer) + job.max_output_tokens for job in jobs)
    return plan.max_model_len - needed - PROMPT_MARGIN_TOKENS


async def engine_stage(works: Sequence[Work], answering: Answering) -> list[Work]:
    """Prompts to answers for a shard of documents; their prompts enter the engine as neighbours."""
    prompts = [prompt for work in works for prompt in work.prompts]
    answers = iter(await prompts_to_answers(prompts, answering))
    return [replace(work, answers=tuple(next(answers) for _ in work.prompts)) for work in works]


def settle_stage(work: Work, spec: RunSpec, jobs: Mapping[str, Job], isolator: Isolator) -> DocumentOutcome:
    """Answers to one record or failure for each job: evidence, confidence, merge."""
    if work.failure or work.clean is None:
        failure = work.failure or Failure(work.document, "clean", "lost", "the document was not read")
        failures = tuple(replace(failure, document=work.document, job=name) for name in work.jobs)
        return DocumentOutcome(work.document, (), failures, began_s=work.began_s)
    outcomes = [_settle_or_fail(work, work.clean, spec, jobs[name], isolator) for name in work.jobs]
    return DocumentOutcome(
        document=work.document,
        records=tuple(outcome for outcome in outcomes if isinstance(outcome, Record)),
        failures=tuple(outcome for outcome in outcomes if isinstance(outcome, Failure)),
        pages=work.clean.pages,
        ocr_pages=work.clean.ocr_pages,
        began_s=work.began_s,
    )


def _settle_or_fail(work: Work, clean: CleanDocument, spec: RunSpec, job: Job, isolator: Isolator) -> Record | Failure:
    try:
        settled = _settle_job(work, clean, spec, job)
        if isinstance(settled, Failure):
            return settled
        return replace(settled, evidence=evidence_with_words(settled.evidence, clean, isolator))
    except Exception as error:  # noqa: BLE001  one document must not end the run
        return replace(unforeseen(work.document, "merge", error), job=job.name)


def _settle_job(work: Work, clean: CleanDocument, spec: RunSpec, job: Job) -> Record | Failure:
    mine = [answer for answer, prompt in zip(work.answers, work.prompts, strict=True) if prompt.job == job.name]
    answers = [part for answer in mine if isinstance(answer, Answer) for part in answer.parts or (answer,)]
    rejected = [answer for answer in mine if isinstance(answer, Rejected)]
    if rejected or not answers:
        return _rejection_to_failure(work.document, job.name, rejected, len(mine))
    index = text_to_index(clean.text)
    grounded = []
    for answer in answers:
        evidence = answer_to_evidence(answer, clean, index)
        grounded.append(GroundedAnswer(answer, evidence, answer_to_confidence(answer, evidence, clean)))
    merged = answers_to_result(grounded, job.schema.model_json_schema())
    return Record(
        document=work.document,
        clean=CleanSummary(clean.pages, clean.ocr_pages, clean.ocr_confidence, clean.language),
        job=job.name,
        job_fingerprint=spec.fingerprints[job.name],
        model=spec.model_name,
        prompt_tokens=sum(answer.prompt_tokens for answer in answers),
        output_tokens=sum(answer.output_tokens for answer in answers),
        cached_tokens=sum(answer.completion.cached_tokens for answer in answers),
        finish_reason=answers[-1].completion.finish_reason,
        attempts=max(answer.attempts for answer in answers),
        warnings=clean.warnings,
        result=merged.result,
        evidence=merged.evidence,
        confidence={**merged.confidence, RECORD_CONFIDENCE: record_confidence(merged.confidence)},
    )


def _rejection_to_failure(document: Document, job: str, rejected: list[Rejected], chunks: int) -> Failure:
    if not rejected:
        return Failure(document, "engine", "lost", "the engine gave no answer; run the command again", job=job)
    worst = rejected[0]
    part = f" ({len(rejected)} of {chunks} parts of the document)" if chunks > 1 else ""
    stage: Stage = "engine" if worst.code == "engine_error" else "validate"
    message = f"no valid answer after {worst.attempts} attempts{part}: {worst.message}"
    return Failure(
        document,
        stage,
        worst.code,
        message,
        None,
        retryable=True,
        attempts=worst.attempts,
        job=job,
        raw_text=worst.raw_text,
    )


def _failed(work: Work, failure: Failure) -> Work:
    return replace(work, failure=failure)
