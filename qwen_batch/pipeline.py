"""The stages of a run as plain functions from Work to Work. Pure composition: no Ray, no files written.

A stage never raises for what a document contains: it returns the work with a failure, and later stages
pass it through. `RunSpec` is what a worker needs to know; it is small and travels with each stage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from qwen_batch.answer import Answering, Rejected, prompts_to_answers
from qwen_batch.chunk import document_to_chunks
from qwen_batch.clean import pages_to_clean
from qwen_batch.confidence import answer_to_confidence, record_confidence
from qwen_batch.config import Config, ReadSettings
from qwen_batch.engines import EnginePlan
from qwen_batch.errors import QwenBatchError
from qwen_batch.ground import answer_to_evidence, text_to_index
from qwen_batch.isolate import Crash, Isolator
from qwen_batch.job import Job
from qwen_batch.jobfile import JobSource, load_job
from qwen_batch.merge import GroundedAnswer, answers_to_result
from qwen_batch.ocr import ocr_failure, pages_to_text
from qwen_batch.prompts import chunk_to_prompt, prompt_overhead
from qwen_batch.readers import ReadResult, document_to_pages, sniff_mime
from qwen_batch.records import (
    Answer,
    CleanDocument,
    CleanSummary,
    Document,
    DocumentOutcome,
    Failure,
    Page,
    Prompt,
    Record,
    Stage,
)
from qwen_batch.table import RECORD_CONFIDENCE
from qwen_batch.tokens import ApproximateTokenizer, ModelTokenizer, Tokenizer

MIN_CHUNK_TOKENS = 256
PROMPT_MARGIN_TOKENS = 16  # where text and frame meet, tokens may split otherwise than counted

CRASH_MESSAGES = {
    "timeout": "{stage} took longer than {timeout_s:g} s and was ended; raise read.timeout_s if it is worth it",
    "crashed": "{stage} crashed on this document ({message}); it may be damaged: try to open and save it again",
    "out_of_memory": "{stage} needed more than {memory_mb} MiB; raise read.memory_mb or split the document",
}


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What every stage of a run shares. `fingerprints` has one entry a job name."""

    config: Config
    jobs: tuple[JobSource, ...]
    plan: EnginePlan
    model_name: str
    fingerprints: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Work:
    """One document on its way: `jobs` are the names asked of it, each stage fills the next field."""

    document: Document
    jobs: tuple[str, ...]
    pages: tuple[Page, ...] = ()
    clean: CleanDocument | None = None
    prompts: tuple[Prompt, ...] = ()
    answers: tuple[Answer | Rejected, ...] = ()
    failure: Failure | None = None


def make_isolator(spec: RunSpec) -> Isolator:
    """The child process in which documents are read, with the limits of the settings."""
    return Isolator(spec.config.read.timeout_s, spec.config.read.memory_mb)


def make_tokenizer(spec: RunSpec) -> Tokenizer:
    """The tokenizer of the model; an estimate for an engine that has none."""
    return ModelTokenizer(Path(spec.plan.model)) if spec.plan.kind == "vllm" else ApproximateTokenizer()


def load_jobs(spec: RunSpec) -> dict[str, Job]:
    """The run's jobs by name."""
    jobs = [load_job(source) for source in spec.jobs]
    return {job.name: job for job in jobs}


def document_to_prompts(
    work: Work, spec: RunSpec, isolator: Isolator, tokenizer: Tokenizer, jobs: Mapping[str, Job]
) -> Work:
    """Read, OCR, clean and prompt stage one after the other; what is unforeseen is this document's failure."""
    stages: tuple[tuple[Stage, Callable[[Work], Work]], ...] = (
        ("read", lambda work: read_stage(work, spec, isolator)),
        ("ocr", lambda work: ocr_stage(work, spec, isolator)),
        ("clean", lambda work: clean_stage(work, spec)),
        ("chunk", lambda work: prompt_stage(work, spec, tokenizer, jobs)),
    )
    for name, stage in stages:
        try:
            work = stage(work)
        except QwenBatchError:
            raise
        except Exception as error:  # noqa: BLE001  one document must not end the run
            work = _failed(work, _unforeseen(work.document, name, error))
    return work


def read_stage(work: Work, spec: RunSpec, isolator: Isolator) -> Work:
    """Document to pages: text lines with boxes, or why a page needs OCR."""
    path = Path(work.document.uri)
    result = isolator.call(_sniff_and_read, work.document, path, spec.config.read)
    if isinstance(result, Crash):
        return _crashed(work, "read", result, spec)
    if isinstance(result, Failure):
        return replace(work, document=result.document, failure=result)
    return replace(work, document=result.document, pages=result.pages)


def _sniff_and_read(document: Document, path: Path, settings: ReadSettings) -> ReadResult | Failure:
    with suppress(OSError):  # a file that has gone is reported by the reading itself
        document = replace(document, mime=sniff_mime(path))
    return document_to_pages(document, path, settings)


def ocr_stage(work: Work, spec: RunSpec, isolator: Isolator) -> Work:
    """Pages that need it to text through OCR; documents without such pages pass through."""
    if work.failure or not any(page.needs_ocr for page in work.pages):
        return work
    path, mime = Path(work.document.uri), work.document.mime
    extra_s = spec.config.ocr.timeout_s * sum(page.needs_ocr is not None for page in work.pages)
    result = isolator.call(pages_to_text, path, mime, work.pages, spec.config.ocr, spec.config.read, extra_s=extra_s)
    if isinstance(result, Crash):
        return _crashed(work, "ocr", result, spec)
    failure = ocr_failure(work.document, result)
    return _failed(work, failure) if failure else replace(work, pages=result)


def clean_stage(work: Work, spec: RunSpec) -> Work:
    """Pages to one clean text; a document without any text is a failure."""
    if work.failure:
        return work
    clean = pages_to_clean(work.document, work.pages, spec.config.clean)
    if not clean.text.strip():
        message = f"no text on its {clean.pages} pages, also after OCR; check that it is not blank or too faint to read"
        return _failed(work, Failure(work.document, "clean", "no_text", message))
    return replace(work, pages=(), clean=clean)


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


def settle_stage(work: Work, spec: RunSpec, jobs: Mapping[str, Job]) -> DocumentOutcome:
    """Answers to one record or failure for each job: evidence, confidence, merge."""
    if work.failure or work.clean is None:
        failure = work.failure or Failure(work.document, "clean", "lost", "the document was not read")
        failures = tuple(replace(failure, document=work.document, job=name) for name in work.jobs)
        return DocumentOutcome(work.document, (), failures, len(work.pages))
    outcomes = [_settle_or_fail(work, work.clean, spec, jobs[name]) for name in work.jobs]
    return DocumentOutcome(
        document=work.document,
        records=tuple(outcome for outcome in outcomes if isinstance(outcome, Record)),
        failures=tuple(outcome for outcome in outcomes if isinstance(outcome, Failure)),
        pages=work.clean.pages,
        ocr_pages=work.clean.ocr_pages,
    )


def _settle_or_fail(work: Work, clean: CleanDocument, spec: RunSpec, job: Job) -> Record | Failure:
    try:
        return _settle_job(work, clean, spec, job)
    except Exception as error:  # noqa: BLE001  one document must not end the run
        return replace(_unforeseen(work.document, "merge", error), job=job.name)


def _unforeseen(document: Document, stage: Stage, error: Exception) -> Failure:
    message = f"an error that nobody foresaw ({type(error).__name__}: {error}); please report it with the document"
    return Failure(document, stage, "internal", message)


def _settle_job(work: Work, clean: CleanDocument, spec: RunSpec, job: Job) -> Record | Failure:
    mine = [answer for answer, prompt in zip(work.answers, work.prompts, strict=True) if prompt.job == job.name]
    answers = [answer for answer in mine if isinstance(answer, Answer)]
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


def _crashed(work: Work, stage: Stage, crash: Crash, spec: RunSpec) -> Work:
    read = spec.config.read
    message = CRASH_MESSAGES[crash.kind].format(
        stage="Reading" if stage == "read" else "OCR",
        timeout_s=read.timeout_s,
        memory_mb=read.memory_mb,
        message=crash.message,
    )
    return _failed(work, Failure(work.document, stage, crash.kind, message, retryable=True))
