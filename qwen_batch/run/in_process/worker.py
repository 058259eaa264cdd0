"""What a worker process does with one document, a stage a call. It keeps tools, jobs and engine between calls.

`pickled` is a Task in bytes: the same in every call of a worker, so that it is unpacked once.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import time
from dataclasses import dataclass, replace
from functools import lru_cache

from qwen_batch.asking.answer import Answering
from qwen_batch.engine.engine import ENGINES
from qwen_batch.engine.usage import EngineUsage
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.reading.document_to_text import ReadTools, make_tools
from qwen_batch.reading.extract import ExtractSpec, document_to_extract
from qwen_batch.run.document.answering import answering_with
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import document_to_prompts, engine_stage
from qwen_batch.run.document.work import Work
from qwen_batch.run.in_process.ocr_slots import Slots, SpreadOverSlots
from qwen_batch.run.in_process.reading_child import started_child

NOT_WAITED_FOR = 1
"""Prompts in a shard: what answers without a model answers one as fast as four, and nobody waits for others."""


@dataclass(frozen=True, slots=True)
class Task:
    """What every worker of a run shares."""

    spec: RunSpec | ExtractSpec
    slots: Slots


@dataclass(frozen=True, slots=True)
class Answered:
    """A work with its answers, and what this worker's engine was used for so far."""

    work: Work
    usage: EngineUsage


@dataclass(frozen=True, slots=True)
class _Engine:
    answering: Answering
    since_s: float


def get_ready(pickled: bytes) -> None:
    """Loads what the first document will need."""
    _tools(pickled)


def extract_document(pickled: bytes, work: Work) -> DocumentOutcome:
    """Read, OCR and clean stage."""
    return document_to_extract(work.document, _tools(pickled))


def read_document(pickled: bytes, work: Work) -> Work:
    """Read, OCR, clean and prompt stage."""
    spec = _run_spec(pickled)
    return document_to_prompts(work, spec, _tools(pickled), make_tokenizer(spec), load_jobs(spec))


def answer_document(pickled: bytes, work: Work) -> Answered:
    """The engine's stage."""
    engine = _engine(pickled)
    (answered,) = asyncio.run(engine_stage([work], engine.answering))
    return Answered(answered, _usage(engine))


def settle_document(pickled: bytes, work: Work) -> DocumentOutcome:
    """Evidence, confidence and merge."""
    spec = _run_spec(pickled)
    return settle_stage(work, spec, load_jobs(spec), _tools(pickled).isolator)


@lru_cache(maxsize=1)
def _task(pickled: bytes) -> Task:
    task: Task = pickle.loads(pickled)  # noqa: S301  of our own parent
    return task


def _run_spec(pickled: bytes) -> RunSpec:
    spec = _task(pickled).spec
    if not isinstance(spec, RunSpec):
        raise TypeError(f"{type(spec).__name__} asks nothing")
    return spec


@lru_cache(maxsize=1)
def _tools(pickled: bytes) -> ReadTools:
    task = _task(pickled)
    tools = make_tools(task.spec.config, SpreadOverSlots(task.spec.config, task.slots))
    return replace(tools, isolator=started_child() or tools.isolator)


@lru_cache(maxsize=1)
def _engine(pickled: bytes) -> _Engine:
    spec = _run_spec(pickled)
    engine = ENGINES.load(spec.plan.kind).start(spec.plan)
    return _Engine(answering_with(engine, spec, NOT_WAITED_FOR), time.monotonic())


def _usage(engine: _Engine) -> EngineUsage:
    traffic = engine.answering.shards.traffic
    return EngineUsage(
        engine=f"worker {os.getpid()}",
        process=os.getpid(),
        told_s=time.time(),
        start_s=0.0,
        work_s=time.monotonic() - engine.since_s,
        prompts=traffic.prompts,
        prompt_tokens=traffic.prompt_tokens,
        cached_tokens=traffic.cached_tokens,
        output_tokens=traffic.output_tokens,
        waiting=0,
        running=traffic.running,
    )
