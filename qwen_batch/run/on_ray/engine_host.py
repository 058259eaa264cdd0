"""An engine in the process of a Ray actor: documents with prompts in, the same documents with their answers out."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from threading import Thread
from typing import Any, NoReturn

from qwen_batch.asking.answering import Answering
from qwen_batch.engine.begun import begun
from qwen_batch.engine.constraint import check_constraint
from qwen_batch.engine.engine import ENGINES, Engine
from qwen_batch.errors import EngineError, QwenBatchError, ServerError
from qwen_batch.run.attempts import Declined, Verdict, poisoned
from qwen_batch.run.document.answering import answering_with
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.stages import engine_stage
from qwen_batch.run.document.work import Work
from qwen_batch.run.on_ray.engine_usage import UsageTeller
from qwen_batch.run.on_ray.rows import packed, unpacked
from qwen_batch.run.on_ray.turns import Turns
from qwen_batch.run.on_ray.watch import Watch

ENGINE_CLOSE_S = 10.0
EXIT_FOR_RESTART = 1


class EngineHost:
    """The engine in a Ray actor; calls run side by side on its event loop and fill its shards together.

    The engine starts in a thread, so that the actor can be called before it is up. Ray starts the actor again, under
    the same id, when its process ends, and calls again what it had not answered.
    """

    def __init__(self, spec: RunSpec, watch: Watch) -> None:
        import ray

        self._watch = watch
        self._id = str(ray.get_runtime_context().get_actor_id())
        self._turns = Turns()
        watch.engine_starts(self._id)
        self._usage = UsageTeller(self._id, spec.plan)
        self._spec = spec
        self._engine: Future[Engine] = Future()
        self._answering: asyncio.Task[Answering] | None = None
        Thread(target=self._start, name="engine-start", daemon=True).start()

    def _start(self) -> None:
        plan = self._spec.plan
        try:
            kind = ENGINES.load(plan.kind)
            engine = kind.start(plan)
        except QwenBatchError as error:
            self._engine.set_exception(error)
        except BaseException as error:  # noqa: BLE001  whoever waits for the engine gets it
            message = f"the engine did not start with {plan.model}: {type(error).__name__}: {error}"
            self._engine.set_exception(EngineError(message, "see `qwen-batch doctor`"))
        else:
            self._usage.engine_is_up()
            self._engine.set_result(engine)

    async def up(self) -> None:
        """Comes back when the engine is there and schemas bind it. Raises what keeps it from that."""
        await self._up()

    async def answer(self, batch: Mapping[str, Any]) -> dict[str, list[bytes]]:
        """Documents in, what the engine used so far and the same documents with their answers out."""
        works = list(unpacked(batch))
        to_ask = [work.document.id for work in works if isinstance(work, Work) and work.is_asked]
        if not to_ask:
            return packed(works)
        answering = await self._up()
        self._usage.prompts_come()
        verdicts = await self._watch.ask(self._id, to_ask)
        asked = await asyncio.gather(*(begun(self._through_engine(work, verdicts, answering)) for work in works))
        return packed([self._usage.so_far(answering.shards), *asked])

    async def _up(self) -> Answering:
        """The way into the engine once it is there and schemas bind it; all calls wait for it."""
        if self._answering is None:
            self._answering = asyncio.create_task(self._checked())
        return await asyncio.shield(self._answering)

    async def _checked(self) -> Answering:
        try:
            engine = await asyncio.wrap_future(self._engine)
            answering = answering_with(engine, self._spec)
            try:
                await check_constraint(engine, answering.tokenizer)
            except EngineError as error:  # it was up: a new process may bring it back
                await self._end_for_restart(error)
        except QwenBatchError as error:
            await asyncio.to_thread(self._watch.run_fails, error)
            raise
        return answering

    async def _through_engine(
        self, work: Work | Declined, verdicts: Mapping[str, Verdict], answering: Answering
    ) -> Work | Declined:
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
                    (answered,) = await engine_stage([work], answering)
            else:
                async with self._turns.together():
                    (answered,) = await engine_stage([work], answering)
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
            await asyncio.wait_for(asyncio.to_thread(self._engine.result().close), ENGINE_CLOSE_S)
        finally:
            sys.stderr.flush()
            os._exit(EXIT_FOR_RESTART)
