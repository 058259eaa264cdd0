"""What travels through the stages of a run: a document on its way, and what every stage has to know.

`RunSpec` is what a worker needs to know; it is small and travels with each stage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from dataclasses import replace as with_changes
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from qwen_batch.answer import Rejected
from qwen_batch.calibration import Calibration
from qwen_batch.chunk import MAX_HEADING_TOKENS
from qwen_batch.config import Config
from qwen_batch.engines import EnginePlan
from qwen_batch.engines._auto import SERVERS_OWN, fitted_plan
from qwen_batch.field_rules import FieldRule, field_rules
from qwen_batch.job import Job, job_schema
from qwen_batch.jobfile import JobSource, load_job
from qwen_batch.lengths import document_tokens
from qwen_batch.passes import prompt_lengths
from qwen_batch.prompts import prompt_overhead
from qwen_batch.prose import PROMPT_MARGIN_TOKENS, ProseAnswer
from qwen_batch.records import Answer, CleanDocument, Document, Failure, Prompt
from qwen_batch.tokens import ApproximateTokenizer, Tokenizer, model_tokenizer

MAX_REJECTED_SHARE = 0.2
"""A document of which a larger share of the chunks has no valid answer is a failure, not a row with gaps."""


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What every stage of a run shares. `fingerprints` has one entry a job name."""

    config: Config
    jobs: tuple[JobSource, ...]
    plan: EnginePlan
    model_name: str
    fingerprints: Mapping[str, str]
    calibration: Calibration | None = None

    def about(self) -> dict[str, Any]:
        """What the run manifest says of jobs, model and engine."""
        left_out = {"settings"}
        if self.plan.kind == "http":
            left_out |= SERVERS_OWN - {"precision", "kv_cache"}  # the plan says of these that they are the server's
        engine = {key: value for key, value in asdict(self.plan).items() if key not in left_out}
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
        room = prompt_room(load_jobs(self).values(), tokenizer) + MAX_HEADING_TOKENS
        lengths = prompt_lengths(document_tokens(documents, self.config.read), self.config.long)
        return with_changes(self, plan=fitted_plan(self.plan, lengths, len(self.jobs), room))


@dataclass(frozen=True, slots=True)
class Work:
    """One document on its way: `jobs` are the names asked of it, each stage fills the next field.

    `answers` has one entry a prompt; `prose` holds what the model made of several chunks' texts. `began_s` is when its
    reading began, in seconds since the epoch.
    """

    document: Document
    jobs: tuple[str, ...]
    clean: CleanDocument | None = None
    prompts: tuple[Prompt, ...] = ()
    answers: tuple[Answer | Rejected, ...] = ()
    failure: Failure | None = None
    began_s: float | None = None
    prose: tuple[ProseAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectedPrompt:
    """A prompt without a valid answer, and why it has none."""

    prompt: Prompt
    why: Rejected


@dataclass(frozen=True, slots=True)
class ChunkAnswers:
    """What a job's chunks came back with, in document order; a chunk that was halved has several valid answers."""

    valid: tuple[Answer, ...]
    rejected: tuple[RejectedPrompt, ...]
    chunks: int

    @property
    def share_valid(self) -> float:
        """The share of the chunks that have a valid answer."""
        return 1 - len(self.rejected) / max(1, self.chunks)

    @property
    def is_lost(self) -> bool:
        """Whether so little was answered that a row would mislead."""
        return not self.valid or len(self.rejected) > self.chunks * MAX_REJECTED_SHARE


def chunk_answers(work: Work, job: str) -> ChunkAnswers:
    """The answers of a work to one of its jobs, in document order."""
    mine = [pair for pair in zip(work.prompts, work.answers, strict=True) if pair[0].job == job]
    return ChunkAnswers(
        valid=tuple(part for _, answer in mine if isinstance(answer, Answer) for part in answer.parts or (answer,)),
        rejected=tuple(RejectedPrompt(prompt, answer) for prompt, answer in mine if isinstance(answer, Rejected)),
        chunks=len(mine),
    )


def prompt_room(jobs: Iterable[Job], tokenizer: Tokenizer) -> int:
    """Tokens that the longest prompt and answer of the jobs take beside the document."""
    return max(prompt_overhead(job, tokenizer) + job.max_output_tokens for job in jobs) + PROMPT_MARGIN_TOKENS


@lru_cache(maxsize=64)
def job_rules(job: Job) -> tuple[FieldRule, ...]:
    """How each field of a job is reduced."""
    return field_rules(job.name, job_schema(job))


def make_tokenizer(spec: RunSpec) -> Tokenizer:
    """The tokenizer of the model; an estimate for an engine that has none here."""
    directory = {"vllm": spec.plan.model, "http": spec.plan.settings.http.tokenizer}.get(spec.plan.kind)
    return model_tokenizer(Path(directory)) if directory else ApproximateTokenizer()


def load_jobs(spec: RunSpec) -> dict[str, Job]:
    """The run's jobs by name."""
    jobs = [load_job(source) for source in spec.jobs]
    return {job.name: job for job in jobs}
