"""Documents to several engines: each goes to the one that has least to do, and waits here while none has room.

Knows engines as something to be called, nothing of Ray or GPUs. Engines are up at different times, some seconds
apart, and documents differ in length: who hands out equal shares at once, as Ray Data does, waits for the slowest in
the end. So while there is plenty an engine is given half of its share of what is known and not answered yet, as in
S. F. Hummel, E. Schonberg and L. E. Flynn, "Factoring: a method for scheduling parallel loops", CACM 35(8), 1992;
and when there is less, what it needs to be full, but never more than its share.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

SHARE = 0.5


class Answers(Protocol):
    """An engine somewhere else."""

    async def up(self) -> None:
        """Comes back when it can be asked. Raises what keeps it from that."""

    async def answer(self, batch: Mapping[str, Any]) -> dict[str, list[bytes]]:
        """A batch of documents with their answers."""


@dataclass(slots=True)
class _Place:
    engine: Answers
    is_up: bool = False
    inside: int = 0


@dataclass(frozen=True, slots=True)
class _Waiting:
    prompts: int
    place: asyncio.Future[_Place]

    def leave(self) -> None:
        """Frees the place, if there was one."""
        if self.place.done() and not self.place.cancelled() and self.place.exception() is None:
            self.place.result().inside -= self.prompts


class Balance:
    """Several engines as one. For one event loop.

    With `enough` prompts an engine is full; it never has more than `most`. A batch is not cut.
    """

    def __init__(self, engines: Sequence[Answers], enough: int, most: int) -> None:
        self._places = [_Place(engine) for engine in engines]
        self._enough = enough
        self._most = most
        self._waiting: deque[_Waiting] = deque()
        self._known = 0
        self._error: BaseException | None = None
        self._starts: list[asyncio.Task[None]] = []

    async def answer(self, batch: Mapping[str, Any], prompts: int) -> dict[str, list[bytes]]:
        """The answer of one of the engines to a batch of so many prompts.

        Raises what the engine raises; and if one cannot start what keeps it from that, whoever asks.
        """
        if not self._starts:
            self._starts = [asyncio.create_task(self._start(place)) for place in self._places]
        waiting = _Waiting(prompts, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._known += prompts
        self._hand_out()
        try:
            return await (await waiting.place).engine.answer(batch)
        finally:
            waiting.leave()
            self._known -= prompts
            self._hand_out()

    async def _start(self, place: _Place) -> None:
        try:
            await place.engine.up()
        except BaseException as error:  # noqa: BLE001  whoever waits gets it
            self._error = error
        else:
            place.is_up = True
        self._hand_out()

    def _hand_out(self) -> None:
        share = math.ceil(self._known / len(self._places))
        room = min(self._most, max(math.ceil(SHARE * share), min(self._enough, share)))
        while self._waiting:
            first = self._waiting[0]
            if first.place.done():  # given a place, or whoever asked has gone
                self._waiting.popleft()
                continue
            if self._error is not None:
                first.place.set_exception(self._error)
                continue
            place = min((one for one in self._places if one.is_up), key=lambda one: one.inside, default=None)
            if place is None or place.inside >= room:
                return
            place.inside += first.prompts
            first.place.set_result(place)
