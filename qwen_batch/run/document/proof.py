"""A job proven without a model: the smallest answer that its grammar allows, through every stage to a row.

Shows that a job can run on a document, not that a model does it well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from qwen_batch.asking.answer import Rejected
from qwen_batch.asking.validate import Invalid, Valid, completion_to_result
from qwen_batch.config import Config
from qwen_batch.engine.kinds.null import smallest_instance
from qwen_batch.engine.plan import GPU_MAX_MODEL_LEN, decided, engine_plan
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.definition import Job, job_decoding_schema
from qwen_batch.job.files import JobSource, load_job
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.reading.isolate.isolator import Isolator
from qwen_batch.records import Answer, CleanDocument, Completion, Prompt
from qwen_batch.run.document.prompting import prompt_stage
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work

NO_FINGERPRINT = "0" * 16
"""Of a row that nobody keeps."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of a sample, in words, and whether that is a row."""

    words: str
    is_row: bool


def refusal(job: Job) -> str:
    """Why the job's own model refuses the smallest answer that its grammar allows; empty where it takes it."""
    checked = _checked(job_decoding_schema(job), job)
    return checked.problem if isinstance(checked, Invalid) else ""


def proven_on(source: JobSource, clean: CleanDocument, config: Config, tokenizer: Tokenizer) -> Proof:
    """What came of a sample's clean text."""
    job = load_job(source)
    spec = _spec(source, job, config)
    work = prompt_stage(Work(clean.document, (job.name,), clean), spec, tokenizer, {job.name: job})
    outcome = _settled(work, job, spec)
    longest = max((len(prompt.token_ids) for prompt in work.prompts), default=0)
    asked = f"pages {clean.pages}, prompts {len(work.prompts)}, the longest of {longest:,} tokens"
    if outcome.failures:
        return Proof(f"{asked}; no row: {outcome.failures[0].message}", is_row=False)
    return Proof(f"{asked}; the null engine's answer makes a row", is_row=True)


def _spec(source: JobSource, job: Job, config: Config) -> RunSpec:
    """A run of one job with the null engine; its context is the largest where that of the run is not known."""
    context = decided(config.engine.max_model_len, GPU_MAX_MODEL_LEN)
    engine = config.engine.model_copy(update={"kind": "null", "max_model_len": context})
    plan = engine_plan(engine, "null", gpus=0, cpu_dtype="float32")
    return RunSpec(config.model_copy(update={"engine": engine}), (source,), plan, "null", {job.name: NO_FINGERPRINT})


def _settled(work: Work, job: Job, spec: RunSpec) -> DocumentOutcome:
    """The work answered with what the grammar allows at least, and settled as in a run."""
    read = spec.config.read
    with Isolator(read.timeout_s, read.memory_mb) as isolator:
        answers = tuple(_answer(prompt, job) for prompt in work.prompts)
        return settle_stage(replace(work, answers=answers), spec, {job.name: job}, isolator)


def _answer(prompt: Prompt, job: Job) -> Answer | Rejected:
    checked = _checked(prompt.json_schema, job)
    completion = Completion(smallest_instance(prompt.json_schema), "stop", len(prompt.token_ids), 0)
    if isinstance(checked, Invalid):
        return Rejected(checked.code, checked.problem, completion.text, 1)
    return Answer(prompt.chunk, checked.result, completion, 1, completion.prompt_tokens, 0)


def _checked(json_schema: str | None, job: Job) -> Valid | Invalid:
    return completion_to_result(Completion(smallest_instance(json_schema), "stop", 0, 0), job.schema)
