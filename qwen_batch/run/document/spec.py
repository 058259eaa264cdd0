"""What every stage of a run has to know; small, as it travels with each stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from qwen_batch.asking.examples import examples_room, nearest_examples
from qwen_batch.asking.prompts import prompt_overhead
from qwen_batch.asking.prose import PROMPT_MARGIN_TOKENS
from qwen_batch.config import Config
from qwen_batch.engine.engine import ENGINES, EnginePlan
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.evidence.calibration import Calibration
from qwen_batch.job.definition import Job, job_schema
from qwen_batch.job.files import JobSource, load_job
from qwen_batch.job.rules import FieldRule, field_rules
from qwen_batch.outcomes import Example
from qwen_batch.records import CleanDocument


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What every stage of a run shares. `fingerprints` has one entry a job name.

    `examples` are right answers by job, as they were when the run began.
    """

    config: Config
    jobs: tuple[JobSource, ...]
    plan: EnginePlan
    model_name: str
    fingerprints: Mapping[str, str]
    calibration: Calibration | None = None
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)

    def examples_for(self, clean: CleanDocument, job: str) -> tuple[Example, ...]:
        """The examples that a job is shown of other documents beside this one."""
        return nearest_examples(self.examples.get(job, ()), clean, self.config.prompt.examples)

    def prompt_room(self, jobs: Iterable[Job], tokenizer: Tokenizer) -> int:
        """Tokens that the longest prompt and answer of the jobs take beside the document, examples with it."""
        return prompt_room(jobs, tokenizer) + (examples_room(self.config.prompt.examples) if self.examples else 0)

    def asks_fits(self, job: Job) -> bool:
        """Whether a document is asked first if it is what a job is for; without probabilities it is not."""
        return bool(job.fits) and self.config.prompt.fits and self.plan.settings.logprobs

    def about(self) -> dict[str, Any]:
        """What the run manifest says of jobs, model and engine."""
        decided_there = ENGINES.load(self.plan.kind).decides_itself
        engine = {
            key: value
            for key, value in asdict(self.plan).items()
            if key != "settings" and (key not in decided_there or isinstance(value, str))  # where the plan says whose
        }
        files = {Path(source.path).stem: source.path for source in self.jobs}
        params = {Path(source.path).stem: dict(source.params) for source in self.jobs if source.params}
        return {
            **({"job_params": params} if params else {}),
            "jobs": dict(self.fingerprints),
            "job_files": files,
            "model": self.model_name,
            "engine": engine,
        }


def prompt_room(jobs: Iterable[Job], tokenizer: Tokenizer) -> int:
    """Tokens that the longest prompt and answer of the jobs take beside the document."""
    return max(prompt_overhead(job, tokenizer) + job.max_output_tokens for job in jobs) + PROMPT_MARGIN_TOKENS


@lru_cache(maxsize=64)
def job_rules(job: Job) -> tuple[FieldRule, ...]:
    """How each field of a job is reduced."""
    return field_rules(job.name, job_schema(job))


def make_tokenizer(spec: RunSpec) -> Tokenizer:
    """The tokenizer of the model; an estimate for an engine that has none here."""
    return ENGINES.load(spec.plan.kind).tokenizer(spec.plan)


def load_jobs(spec: RunSpec) -> dict[str, Job]:
    """The run's jobs by name."""
    jobs = [load_job(source) for source in spec.jobs]
    return {job.name: job for job in jobs}
