"""balance: an engine that is late or slow gets less, one that is full nothing; an error reaches all who wait."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from qwen_batch.errors import EngineError
from qwen_batch.run.on_ray.balance import Balance


class FakeEngine:
    """Up when it is told to be; answers as many batches at a time as it is let, in some turns of the loop each."""

    def __init__(self, at_once: int = 10**9, turns: int = 1) -> None:
        self.is_up = asyncio.Event()
        self.places = asyncio.Semaphore(at_once)
        self.turns = turns
        self.error: Exception | None = None
        self.given: list[int] = []
        self.inside = self.most_inside = 0

    async def up(self) -> None:
        await self.is_up.wait()
        if self.error is not None:
            raise self.error

    async def answer(self, batch: Mapping[str, Any]) -> dict[str, list[bytes]]:
        self.given.append(batch["number"])
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        async with self.places:
            for _ in range(self.turns):
                await asyncio.sleep(0)
        self.inside -= 1
        return {"row": [str(batch["number"]).encode()]}


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def asked(balance: Balance, count: int, prompts: int = 1) -> list[asyncio.Task[dict[str, list[bytes]]]]:
    return [asyncio.create_task(balance.answer({"number": number}, prompts)) for number in range(count)]


def test_the_engine_that_is_up_late_gets_less_and_both_end_together() -> None:
    async def run() -> None:
        early, late = FakeEngine(at_once=4), FakeEngine(at_once=4)
        balance = Balance([early, late], enough=5, most=50)
        calls = asked(balance, 200)
        early.is_up.set()
        await turns(60)
        assert not late.given
        late.is_up.set()
        answers = await asyncio.gather(*calls)
        assert [answer["row"] for answer in answers] == [[str(number).encode()] for number in range(200)]
        assert sorted(early.given + late.given) == list(range(200))
        assert 20 < len(late.given) < len(early.given)
        assert {early.given[-1], late.given[-1]} & {198, 199}
        assert min(early.given[-1], late.given[-1]) > 180

    asyncio.run(run())


def test_the_slower_engine_gets_less() -> None:
    async def run() -> None:
        fast, slow = FakeEngine(at_once=4), FakeEngine(at_once=4, turns=9)
        fast.is_up.set()
        slow.is_up.set()
        await asyncio.gather(*asked(Balance([fast, slow], enough=5, most=20), 400))
        assert len(fast.given) > 3 * len(slow.given)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("count", "enough", "most", "inside"),
    [(1000, 5, 50, 50), (1000, 5, 10_000, 250), (40, 5, 50, 10), (40, 15, 50, 15), (12, 15, 50, 6), (1000, 50, 20, 20)],
    ids=[
        "as many as it may hold",
        "half its share",
        "half its share of few",
        "enough",
        "its share",
        "never above most",
    ],
)
def test_an_engine_is_given_half_of_its_share_but_enough(count: int, enough: int, most: int, inside: int) -> None:
    async def run() -> None:
        up, late = FakeEngine(at_once=0), FakeEngine(at_once=0)
        up.is_up.set()
        calls = asked(Balance([up, late], enough, most), count)
        await turns(10)
        assert (up.inside, late.inside) == (inside, 0)
        late.is_up.set()
        await turns(10)
        assert (up.inside, late.inside) == (inside, inside)
        for call in calls:
            call.cancel()

    asyncio.run(run())


def test_one_document_among_several_engines_is_answered() -> None:
    async def run() -> None:
        engines = [FakeEngine(), FakeEngine(), FakeEngine()]
        engines[1].is_up.set()
        (call,) = asked(Balance(engines, enough=5, most=50), 1)
        assert (await call)["row"] == [b"0"]

    asyncio.run(run())


def test_batches_count_by_their_prompts() -> None:
    async def run() -> None:
        engines = [FakeEngine(at_once=0), FakeEngine(at_once=0)]
        for engine in engines:
            engine.is_up.set()
        balance = Balance(engines, enough=1, most=100)
        calls = [asyncio.create_task(balance.answer({"number": 0}, 8))]
        calls += [asyncio.create_task(balance.answer({"number": number}, 1)) for number in range(1, 9)]
        await turns(10)
        assert engines[0].given == [0]
        assert engines[1].given == [1, 2, 3, 4]  # half of a half of 16
        for call in calls:
            call.cancel()

    asyncio.run(run())


def test_who_asked_and_went_away_takes_no_place() -> None:
    async def run() -> None:
        engine = FakeEngine(at_once=1)
        balance = Balance([engine], enough=1, most=1)
        calls = asked(balance, 5)
        await turns(5)
        for call in calls[:3]:  # none is up: all wait
            call.cancel()
        engine.is_up.set()
        assert [(await call)["row"] for call in calls[3:]] == [[b"3"], [b"4"]]
        assert engine.given == [3, 4]
        assert engine.most_inside == 1

    asyncio.run(run())


def test_a_place_that_was_given_but_not_taken_is_free_again() -> None:
    async def run() -> None:
        engine = FakeEngine(at_once=1)
        engine.is_up.set()
        balance = Balance([engine], enough=1, most=1)
        first, second = asked(balance, 2)
        await turns(1)
        first.cancel()
        assert (await second)["row"] == [b"1"]
        assert (await balance.answer({"number": 2}, 1))["row"] == [b"2"]

    asyncio.run(run())


def test_an_engine_that_cannot_start_tells_all_who_wait_and_all_who_come() -> None:
    async def run() -> None:
        good, bad = FakeEngine(at_once=0), FakeEngine()
        good.is_up.set()
        balance = Balance([good, bad], enough=1, most=1)
        calls = asked(balance, 3)
        await turns(5)
        bad.error = EngineError("no memory", "free some")
        bad.is_up.set()
        await turns(5)
        assert [call.done() for call in calls] == [False, True, True]
        for call in (*calls[1:], balance.answer({"number": 3}, 1)):
            with pytest.raises(EngineError, match="no memory"):
                await call
        calls[0].cancel()

    asyncio.run(run())


def test_an_error_of_one_batch_frees_its_place() -> None:
    class Failing(FakeEngine):
        async def answer(self, batch: Mapping[str, Any]) -> dict[str, list[bytes]]:
            if batch["number"] == 0:
                raise LookupError("no such token")
            return await super().answer(batch)

    async def run() -> None:
        engine = Failing()
        engine.is_up.set()
        first, second = asked(Balance([engine], enough=1, most=1), 2)
        with pytest.raises(LookupError):
            await first
        assert (await second)["row"] == [b"1"]

    asyncio.run(run())
