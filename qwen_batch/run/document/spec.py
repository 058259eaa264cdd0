"""What every stage of a run has to know; small, as it travels with each stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from dataclasses import replace as with_changes
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from qwen_batch.asking.chunk import MAX_HEADING_TOKENS
from qwen_batch.asking.prompts import prompt_overhead
from qwen_batch.asking.prose import PROMPT_MARGIN_TOKENS
from qwen_batch.asking.text_budget import prompt_lengths
from qwen_batch.config import Config
from qwen_batch.engine.engine import EnginePlan
from qwen_batch.engine.plan import SERVERS_OWN, fitted_plan
from qwen_batch.engine.tokens import ApproximateTokenizer, Tokenizer, model_tokenizer
from qwen_batch.evidence.calibration import Calibration
from qwen_batch.job.definition import Job, job_schema
from qwen_batch.job.files import JobSource, load_job
from qwen_batch.job.rules import FieldRule, field_rules
from qwen_batch.reading.lengths import document_tokens
from qwen_batch.records import Document


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
