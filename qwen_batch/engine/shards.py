"""Prompts of many documents into shards of `batch_size`, and `in_flight` shards into the engine at a time.

A shard is filled across documents, in the order in which they come, so that a document's prompts stay neighbours.
A shard that is not full waits a moment for more, never for a document that is still being read.

A very long prompt holds up every other one that is decoded beside it, for each step computes a part of it. It waits
until no short one is in the engine or on its way there, in the end at most LONG_WAIT_S.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from qwen_batch.engine.begun import begun
from qwen_batch.engine.engine import Engine
from qwen_batch.records import Completion, Prompt

LINGER_S = 0.05
"""How long a shard that is not full waits for more prompts while the engine has room."""
LONG_PROMPT_TOKENS = 50_000
LONG_WAIT_S = 900.0


@dataclass(slots=True)
class Traffic:
    """Prompts and tokens answered so far, the longest prompt with its answer, prompts inside now, and for how long."""

    prompts: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    longest_tokens: int = 0
    running: int = 0
    busy_s: float = 0.0
    _busy_from_s: float = 0.0

    def enter(self, prompts: int) -> None:
        """So many go in."""
        if not self.running:
            self._busy_from_s = time.monotonic()
        self.running += prompts

    def leave(self, prompts: int) -> None:
        """So many have come out, with an answer or without."""
        self.running -= prompts
        if not self.running:
            self.busy_s += time.monotonic() - self._busy_from_s

    def busy_so_far_s(self) -> float:
        """With the time of those that are in now."""
        return self.busy_s + (time.monotonic() - self._busy_from_s if self.running else 0.0)

    def add(self, completion: Completion) -> None:
        """Counts one answer."""
        self.prompts += 1
        self.prompt_tokens += completion.prompt_tokens
        self.cached_tokens += completion.cached_tokens
        self.output_tokens += completion.output_tokens
        self.longest_tokens = max(self.longest_tokens, completion.prompt_tokens + completion.output_tokens)


@dataclass(frozen=True, slots=True)
class _Waiting:
    prompt: Prompt
    answer: asyncio.Future[Completion]
    since_s: float


class Shards:
    """The way into one engine, for all calls of one event loop."""

    def __init__(self, engine: Engine, batch_size: int, in_flight: int) -> None:
        self._engine = engine
        self._batch_size = batch_size
        self._in_flight = in_flight
        self._queue: deque[_Waiting] = deque()
        self._long: deque[_Waiting] = deque()
        self._long_running = 0
        self._running: set[asyncio.Task[None]] = set()
        self._linger: asyncio.TimerHandle | None = None
        self.traffic = Traffic()

    @property
    def waiting(self) -> int:
        """Prompts that the engine has no place for yet."""
        return len(self._queue) + len(self._long)

    async def complete(self, prompts: Sequence[Prompt]) -> list[Completion]:
        """One completion a prompt, in their order. Raises EngineError when the engine is dead."""
        loop = asyncio.get_running_loop()
        waiting = [_Waiting(prompt, loop.create_future(), loop.time()) for prompt in prompts]
        for one in waiting:
            (self._long if len(one.prompt.token_ids) > LONG_PROMPT_TOKENS else self._queue).append(one)
        self._send(at_least=self._batch_size)
        return list(await asyncio.gather(*(one.answer for one in waiting)))

    def _send(self, at_least: int) -> None:
        if self._long and not self._long_running and self._has_room() and self._long_waited_s() >= LONG_WAIT_S:
            self._start(self._long)
        while len(self._queue) >= at_least and self._has_room():
            self._start(self._queue)
        while self._long and self._has_room() and not self._has_short() and self._long_waited_s() >= LINGER_S:
            self._start(self._long)
        if (self._queue or self._long) and self._linger is None and self._has_room():
            self._linger = asyncio.get_running_loop().call_later(LINGER_S, self._waited)

    def _has_room(self) -> bool:
        return len(self._running) < self._in_flight

    def _has_short(self) -> bool:
        return bool(self._queue) or len(self._running) > self._long_running

    def _long_waited_s(self) -> float:
        return asyncio.get_running_loop().time() - self._long[0].since_s

    def _start(self, queue: deque[_Waiting]) -> None:
        is_long = queue is self._long
        shard = [queue.popleft() for _ in range(min(self._batch_size, len(queue)))]
        task = begun(self._generate(shard))
        self._running.add(task)
        self._long_running += is_long
        task.add_done_callback(partial(self._one_done, is_long))

    def _one_done(self, was_long: bool, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._long_running -= was_long
        self._send(at_least=self._batch_size)

    def _waited(self) -> None:
        self._linger = None
        self._send(at_least=1)

    async def _generate(self, shard: list[_Waiting]) -> None:
        self.traffic.enter(len(shard))
        try:
            completions = await self._engine.generate([one.prompt for one in shard])
        except Exception as error:  # noqa: BLE001  whoever asked gets it, none waits for ever
            for one in shard:
                if not one.answer.done():
                    one.answer.set_exception(error)
            return
        finally:
            self.traffic.leave(len(shard))
        for one, completion in zip(shard, completions, strict=True):
            self.traffic.add(completion)
            if not one.answer.done():
                one.answer.set_result(completion)
