"""The stages as Ray Data calls them: a row has some documents, as pickled values in a binary column.

Each begins and ends a document under the eyes of the run's Watch, so that one that kills its workers is found.
What is ready at nearly the same time goes on together: a block costs the driver some milliseconds and 3.5 kB, and a
call the engine's actor one. It is one row, because what a stage yields is cut into blocks of a row each.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from qwen_batch.answer import Answering
from qwen_batch.attempts import Declined, Verdict, poisoned
from qwen_batch.begun import begun
from qwen_batch.constraint import check_constraint
from qwen_batch.engines import Engine, EngineKind
from qwen_batch.errors import ConstraintError, EngineError, QwenBatchError, ServerError
from qwen_batch.extract import EXTRACT, ExtractSpec, document_to_extract
from qwen_batch.job import Job
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
from qwen_batch.ray_run.engine_usage import UsageTeller
from qwen_batch.ray_run.spread import spread_ocr, worker_tools
from qwen_batch.ray_run.turns import Turns
from qwen_batch.ray_run.watch import Watch
from qwen_batch.reading import make_tools
from qwen_batch.records import DocumentOutcome
from qwen_batch.shards import Shards
from qwen_batch.usage import EngineUsage

ROW = "row"
ENGINE_CLOSE_S = 10.0
EXIT_FOR_RESTART = 1
TOGETHER_S = 1.0
"""What is ready within this time goes on together."""
TOGETHER_BYTES = 256 << 10
"""As long as it is not larger than this; and what has been read never waits for a file of more than this."""


class DocumentStages:
    """Read, OCR, clean and prompt stage in a Ray actor, with one warm child process for what may crash."""

    def __init__(self, spec: RunSpec, watch: Watch) -> None:
        self._spec = spec
        self._watch = watch
        self._tools = make_tools(spec.config, spread_ocr)
        self._tokenizer = make_tokenizer(spec)
        self._jobs = load_jobs(spec)

    def __call__(self, batch: dict[str, Any]) -> Iterator[dict[str, list[bytes]]]:
        """Documents as they are read: none waits long for the next."""
        return read_each(batch, self._watch, self._read, _poisoned_work)

    def _read(self, work: Work) -> Work:
        return document_to_prompts(work, self._spec, self._tools, self._tokenizer, self._jobs)


class ExtractStages:
    """Read, OCR and clean stage in a Ray actor."""

    def __init__(self, spec: ExtractSpec, watch: Watch) -> None:
        self._watch = watch
        self._tools = make_tools(spec.config, spread_ocr)

    def __call__(self, batch: dict[str, Any]) -> Iterator[dict[str, list[bytes]]]:
        """The documents' outcomes."""
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
        self._usage = UsageTeller(self._id, spec.plan.tensor_parallel if spec.plan.gpus else 0)
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
            self_check=spec.config.confidence.self_check,
        )
        self._usage.engine_is_up()
        self._binding: asyncio.Task[None] | None = None

    async def __call__(self, batch: dict[str, Any]) -> AsyncIterator[dict[str, list[bytes]]]:
        """Documents in, the same documents with their answers out, and what the engine used so far.

        One batch, for Ray hands nothing on before a call has ended.
        """
        works = list(unpacked(batch))
        to_ask = [work.document.id for work in works if isinstance(work, Work) and work.prompts]
        verdicts: dict[str, Verdict] = {}
        if to_ask:
            await self._check_that_schemas_bind()
            self._usage.prompts_come()
            verdicts = await self._watch.ask(self._id, to_ask)
        asked = await asyncio.gather(*(begun(self._through_engine(work, verdicts)) for work in works))
        yield packed([*asked, self._usage.so_far(self._answering.shards)])

    async def _check_that_schemas_bind(self) -> None:
        """Once, before the first prompt; all calls wait for it."""
        if self._binding is None:
            self._binding = asyncio.create_task(check_constraint(self._engine, self._answering.tokenizer))
        try:
            await asyncio.shield(self._binding)
        except (ConstraintError, ServerError) as error:
            await asyncio.to_thread(self._watch.run_fails, error)
            raise
        except EngineError as error:
            await self._end_for_restart(error)

    async def _through_engine(self, work: Work | Declined, verdicts: Mapping[str, Verdict]) -> Work | Declined:
        if isinstance(work, Declined) or work.document.id not in verdicts:
            return work
        doc_id = work.document.id
        verdict = verdicts[doc_id]
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
        except ServerError as error:
            await asyncio.to_thread(self._watch.run_fails, error)
            raise
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


def settle_batch(batch: dict[str, Any], spec: RunSpec, watch: Watch) -> dict[str, list[bytes]]:
    """Evidence, confidence and merge: answered documents in, outcomes out. Loading the jobs again costs nothing."""
    jobs = load_jobs(spec)
    return packed([_settled(work, spec, jobs, watch) for work in unpacked(batch)])


def _settled(
    work: Work | Declined | EngineUsage, spec: RunSpec, jobs: Mapping[str, Job], watch: Watch
) -> DocumentOutcome | Declined | EngineUsage:
    if isinstance(work, Declined | EngineUsage):
        return work
    isolator = worker_tools(spec.config).isolator
    if watch.begin("merge", work.document.id) == "poison":
        return settle_stage(replace(work, failure=poisoned(work.document, "merge")), spec, jobs, isolator)
    outcome = settle_stage(work, spec, jobs, isolator)
    watch.end("merge", work.document.id)
    return outcome


def read_each(
    batch: dict[str, Any],
    watch: Watch,
    read: Callable[[Work], Work | DocumentOutcome],
    poison: Callable[[Work], Work | DocumentOutcome],
) -> Iterator[dict[str, list[bytes]]]:
    """Each document read; one Declined in place of all from the first that may not be begun any more."""
    ready: list[bytes] = []
    since_s = time.monotonic()
    for work in unpacked(batch):
        slow = work.document.size > TOGETHER_BYTES or time.monotonic() - since_s > TOGETHER_S
        if ready and (slow or sum(map(len, ready)) > TOGETHER_BYTES):
            yield {ROW: [pickle.dumps(ready)]}
            ready, since_s = [], time.monotonic()
        verdict = watch.begin_reading(work.document.id)
        if verdict == "stopped":
            ready.append(pickle.dumps(Declined()))
            break
        if verdict == "poison":
            ready.append(pickle.dumps(poison(work)))
            continue
        ready.append(pickle.dumps(read(work)))
        watch.end("read", work.document.id)
    if ready:
        yield {ROW: [pickle.dumps(ready)]}


def packed(values: Sequence[Any]) -> dict[str, list[bytes]]:
    """Values as a batch of one row."""
    return {ROW: [packed_row(values)]}


def packed_row(values: Sequence[Any]) -> bytes:
    """Values as a row."""
    return pickle.dumps([pickle.dumps(value) for value in values])


def unpacked(batch: Mapping[str, Any]) -> Iterator[Any]:
    """The values of a batch."""
    for row in batch[ROW]:
        for pickled in pickle.loads(row):  # noqa: S301  our own rows
            yield pickle.loads(pickled)  # noqa: S301


def _poisoned_work(work: Work) -> Work:
    return replace(work, failure=poisoned(work.document, "read"))


def _poisoned_extract(work: Work) -> DocumentOutcome:
    return DocumentOutcome(work.document, (), (replace(poisoned(work.document, "read"), job=EXTRACT),))
