"""Prompts of many documents into shards of `batch_size`, and `in_flight` shards into the engine at a time.

A shard is filled across documents, in the order in which they come, so that a document's prompts stay neighbours.
A shard that is not full waits a moment for more, never for a document that is still being read.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from qwen_batch.engines import Engine
from qwen_batch.records import Completion, Prompt

LINGER_S = 0.05
"""How long a shard that is not full waits for more prompts while the engine has room."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    prompt: Prompt
    answer: asyncio.Future[Completion]


class Shards:
    """The way into one engine, for all calls of one event loop."""

    def __init__(self, engine: Engine, batch_size: int, in_flight: int) -> None:
        self._engine = engine
        self._batch_size = batch_size
        self._in_flight = in_flight
        self._queue: deque[_Waiting] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._linger: asyncio.TimerHandle | None = None

    async def complete(self, prompts: Sequence[Prompt]) -> list[Completion]:
        """One completion a prompt, in their order. Raises EngineError when the engine is dead."""
        loop = asyncio.get_running_loop()
        waiting = [_Waiting(prompt, loop.create_future()) for prompt in prompts]
        self._queue.extend(waiting)
        self._send(at_least=self._batch_size)
        return list(await asyncio.gather(*(one.answer for one in waiting)))

    def _send(self, at_least: int) -> None:
        while len(self._queue) >= at_least and len(self._running) < self._in_flight:
            shard = [self._queue.popleft() for _ in range(min(self._batch_size, len(self._queue)))]
            task = asyncio.get_running_loop().create_task(self._generate(shard))
            self._running.add(task)
            task.add_done_callback(self._one_done)
        if self._queue and self._linger is None and len(self._running) < self._in_flight:
            self._linger = asyncio.get_running_loop().call_later(LINGER_S, self._waited)

    def _one_done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._send(at_least=self._batch_size)

    def _waited(self) -> None:
        self._linger = None
        self._send(at_least=1)

    async def _generate(self, shard: list[_Waiting]) -> None:
        try:
            completions = await self._engine.generate([one.prompt for one in shard])
        except Exception as error:  # noqa: BLE001  whoever asked gets it, none waits for ever
            for one in shard:
                if not one.answer.done():
                    one.answer.set_exception(error)
            return
        for one, completion in zip(shard, completions, strict=True):
            if not one.answer.done():
                one.answer.set_result(completion)
