"""The stages as Ray Data calls them: one row a document, as a pickled value in a binary column.

Each begins and ends a document under the eyes of the run's Watch, so that one that kills its workers is found.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any, NoReturn

from qwen_batch.answer import Answering
from qwen_batch.attempts import Declined, poisoned
from qwen_batch.engines import Engine, EngineKind
from qwen_batch.errors import EngineError, QwenBatchError
from qwen_batch.extract import EXTRACT, ExtractSpec, document_to_extract
from qwen_batch.pipeline import (
    RunSpec,
    Work,
    document_to_prompts,
    engine_stage,
    load_jobs,
    make_tokenizer,
    settle_stage,
)
from qwen_batch.plugins import load_plugin
from qwen_batch.ray_run.spread import spread_ocr, worker_tools
from qwen_batch.ray_run.turns import Turns
from qwen_batch.ray_run.watch import Watch
from qwen_batch.reading import make_tools
from qwen_batch.records import DocumentOutcome
from qwen_batch.shards import Shards

ROW = "row"
ENGINE_CLOSE_S = 10.0
EXIT_FOR_RESTART = 1


class DocumentStages:
    """Read, OCR, clean and prompt stage in a Ray actor, with one warm child process for what may crash."""

    def __init__(self, spec: RunSpec, watch: Watch) -> None:
        self._spec = spec
        self._watch = watch
        self._tools = make_tools(spec.config, spread_ocr)
        self._tokenizer = make_tokenizer(spec)
        self._jobs = load_jobs(spec)

    def __call__(self, batch: dict[str, Any]) -> Iterator[dict[str, list[bytes]]]:
        """Documents one by one, so that the first goes on while the next is read."""
        return read_each(batch, self._watch, self._read, _poisoned_work)

    def _read(self, work: Work) -> Work:
        return document_to_prompts(work, self._spec, self._tools, self._tokenizer, self._jobs)


class ExtractStages:
    """Read, OCR and clean stage in a Ray actor."""

    def __init__(self, spec: ExtractSpec, watch: Watch) -> None:
        self._watch = watch
        self._tools = make_tools(spec.config, spread_ocr)

    def __call__(self, batch: dict[str, Any]) -> Iterator[dict[str, list[bytes]]]:
        """Documents one by one, each with its outcome."""
        return read_each(batch, self._watch, self._read, _poisoned_extract)

    def _read(self, work: Work) -> DocumentOutcome:
        return document_to_extract(work.document, self._tools)


class EngineStage:
    """The engine in a Ray actor; calls run side by side on its event loop and fill its shards together.

    Ray starts the actor again, under the same id, when its process ends, and calls again what it had not answered.
    """

    def __init__(self, spec: RunSpec, watch: Watch) -> None:
        import ray

        self._watch = watch
        self._id = str(ray.get_runtime_context().get_actor_id())
        self._turns = Turns()
        watch.engine_starts(self._id)
        kind: EngineKind = load_plugin("qwen_batch.engines", spec.plan.kind, "ENGINE")
        try:
            self._engine: Engine = kind.start(spec.plan)
        except QwenBatchError as error:
            watch.run_fails(error)
            raise
        self._answering = Answering(
            shards=Shards(self._engine, spec.plan.batch_size, spec.plan.in_flight),
            plan=spec.plan,
            jobs=load_jobs(spec),
            tokenizer=make_tokenizer(spec),
        )

    async def __call__(self, batch: dict[str, Any]) -> AsyncIterator[dict[str, list[bytes]]]:
        """Documents in, the same documents with their answers out."""
        for work in unpacked(batch):
            yield packed(await self._through_engine(work) if isinstance(work, Work) and work.prompts else work)

    async def _through_engine(self, work: Work) -> Work:
        doc_id = work.document.id
        verdict = await self._watch.ask(self._id, doc_id)
        if verdict == "poison":
            return replace(work, failure=poisoned(work.document, "engine"))
        try:
            if verdict == "alone":
                async with self._turns.alone():
                    await self._watch.is_alone(doc_id)
                    (answered,) = await engine_stage([work], self._answering)
            else:
                async with self._turns.together():
                    (answered,) = await engine_stage([work], self._answering)
        except EngineError as error:
            await self._end_for_restart(error)
        self._watch.answered(doc_id)
        return answered

    async def _end_for_restart(self, error: EngineError) -> NoReturn:
        """Ends this process: an exception would end the run, and only a new process can bring the engine back."""
        await self._watch.engine_fails(self._id, error.message)
        try:
            await asyncio.wait_for(asyncio.to_thread(self._engine.close), ENGINE_CLOSE_S)
        finally:
            sys.stderr.flush()
            os._exit(EXIT_FOR_RESTART)


def settle_batch(batch: dict[str, Any], spec: RunSpec, watch: Watch) -> Iterator[dict[str, list[bytes]]]:
    """Evidence, confidence and merge: answered documents in, outcomes out. Loading the jobs again costs nothing."""
    jobs = load_jobs(spec)
    for work in unpacked(batch):
        if isinstance(work, Declined):
            yield packed(work)
            continue
        doc_id = work.document.id
        if watch.begin("merge", doc_id) == "poison":
            failure = poisoned(work.document, "merge")
            yield packed(settle_stage(replace(work, failure=failure), spec, jobs, worker_tools(spec.config).isolator))
            continue
        outcome = settle_stage(work, spec, jobs, worker_tools(spec.config).isolator)
        watch.end("merge", doc_id)
        yield packed(outcome)


def read_each(
    batch: dict[str, Any],
    watch: Watch,
    read: Callable[[Work], Work | DocumentOutcome],
    poison: Callable[[Work], Work | DocumentOutcome],
) -> Iterator[dict[str, list[bytes]]]:
    """Each document read; one Declined in place of all from the first that may not be begun any more."""
    for work in unpacked(batch):
        verdict = watch.begin_reading(work.document.id)
        if verdict == "stopped":
            yield packed(Declined())
            return
        if verdict == "poison":
            yield packed(poison(work))
            continue
        done = read(work)
        watch.end("read", work.document.id)
        yield packed(done)


def packed(value: Any) -> dict[str, list[bytes]]:
    """A value as a batch of one row."""
    return {ROW: [pickle.dumps(value)]}


def unpacked(batch: dict[str, Any]) -> list[Any]:
    """The values of a batch."""
    return [pickle.loads(pickled) for pickled in batch[ROW]]  # noqa: S301  our own rows


def _poisoned_work(work: Work) -> Work:
    return replace(work, failure=poisoned(work.document, "read"))


def _poisoned_extract(work: Work) -> DocumentOutcome:
    return DocumentOutcome(work.document, (), (replace(poisoned(work.document, "read"), job=EXTRACT),))
