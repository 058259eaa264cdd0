"""The stages of a run with jobs, a call each, in a worker process, which keeps its engine between calls."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from qwen_batch.asking.answering import Answering
from qwen_batch.engine.engine import ENGINES
from qwen_batch.engine.usage import EngineUsage
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.run.document.answering import answering_with
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import document_to_prompts, engine_stage
from qwen_batch.run.document.work import Work
from qwen_batch.run.in_process.worker import TOGETHER_S, in_time, unpacked_task, worker_tools

NOT_WAITED_FOR = 1
"""Prompts in a shard: what answers without a model answers one as fast as four, and nobody waits for others."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Works with their answers, and what this worker's engine was used for so far."""

    works: Sequence[Work]
    usage: EngineUsage


@dataclass(frozen=True, slots=True)
class Done:
    """What came of documents that went through all stages, and what this worker's engine was used for so far."""

    outcomes: Sequence[DocumentOutcome]
    usage: EngineUsage


@dataclass(frozen=True, slots=True)
class _Engine:
    answering: Answering
    since_s: float


def read_work(pickled: bytes, work: Work) -> Work:
    """Read, OCR, clean and prompt stage."""
    spec = _spec(pickled)
    return document_to_prompts(work, spec, worker_tools(pickled), make_tokenizer(spec), load_jobs(spec))


def answer_works(pickled: bytes, works: Sequence[Work]) -> Answered:
    """The engine's stage."""
    engine = _engine(pickled)
    return Answered(asyncio.run(engine_stage(works, engine.answering)), _usage(engine))


def settle_work(pickled: bytes, work: Work) -> DocumentOutcome:
    """Evidence, confidence and merge."""
    spec = _spec(pickled)
    return settle_stage(work, spec, load_jobs(spec), worker_tools(pickled).isolator)


def all_stages(pickled: bytes, works: Sequence[Work]) -> Done:
    """All stages of the first of several small documents, as many as there is time for."""
    until_s = time.monotonic() + TOGETHER_S
    read = [read_work(pickled, work) for work in in_time(works, until_s)]
    answered = answer_works(pickled, [work for work in read if work.is_asked])
    works = [*answered.works, *(work for work in read if not work.is_asked)]
    return Done([settle_work(pickled, work) for work in works], answered.usage)


def _spec(pickled: bytes) -> RunSpec:
    spec = unpacked_task(pickled).spec
    if not isinstance(spec, RunSpec):
        raise TypeError(f"{type(spec).__name__} asks nothing")
    return spec


@lru_cache(maxsize=1)
def _engine(pickled: bytes) -> _Engine:
    spec = _spec(pickled)
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
        context_tokens=engine.answering.plan.max_model_len,
        context_used=traffic.longest_tokens,
    )
