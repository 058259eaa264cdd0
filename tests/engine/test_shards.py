"""shards: very long prompts let the short ones go first, and wait neither for ever nor one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from qwen_batch.engine import shards
from qwen_batch.engine.shards import LONG_PROMPT_TOKENS, Shards
from qwen_batch.records import Chunk, Completion, Prompt

SHORT = Prompt("short", "note", Chunk("", 0, 0), (), (0,) * 10, None, 0.0, 1.0, 1)
LONG = replace(SHORT, doc_id="long", token_ids=(0,) * (LONG_PROMPT_TOKENS + 1))


class SlowEngine:
    """Answers a shard after some turns of the event loop, and remembers who was in it with whom."""

    def __init__(self) -> None:
        self.inside: list[str] = []
        self.seen: list[tuple[str, ...]] = []

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        names = [prompt.doc_id for prompt in shard]
        self.inside += names
        self.seen.append(tuple(sorted(self.inside)))
        await asyncio.sleep(0.02)
        for name in names:
            self.inside.remove(name)
        return [Completion("", "stop", 0, 0) for _ in shard]

    def close(self) -> None:
        """Nothing to end."""


def complete(*calls: Sequence[Prompt], in_flight: int = 2) -> SlowEngine:
    engine = SlowEngine()

    async def run() -> None:
        way = Shards(engine, 1, in_flight)
        answers = await asyncio.gather(*(way.complete(call) for call in calls))
        assert [len(answer) for answer in answers] == [len(call) for call in calls]

    asyncio.run(asyncio.wait_for(run(), 20))
    return engine


def test_a_very_long_prompt_waits_until_no_short_one_is_in_the_engine() -> None:
    engine = complete([LONG], [SHORT] * 6)
    assert engine.seen[-1] == ("long",)
    assert all("long" not in inside for inside in engine.seen[:-1])


def test_very_long_prompts_fill_the_engine_when_they_are_alone() -> None:
    assert ("long",) * 3 in complete([LONG] * 6, in_flight=3).seen


def test_a_very_long_prompt_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "LONG_WAIT_S", 0.05)
    engine = complete([SHORT] * 40, [LONG] * 2)
    together = [inside for inside in engine.seen if {"long", "short"} <= set(inside)]
    assert together
    assert max(inside.count("long") for inside in together) == 1


def test_an_engine_is_busy_while_it_has_prompts_and_not_while_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(shards.time, "monotonic", lambda: now[0])
    traffic = shards.Traffic()
    for enters, leaves, at_s in ((4, 0, 0.0), (4, 0, 1.0), (0, 4, 3.0), (0, 4, 5.0), (2, 0, 60.0)):
        now[0] = 100.0 + at_s
        traffic.enter(enters) if enters else traffic.leave(leaves)
    now[0] = 162.0
    assert (traffic.busy_s, traffic.busy_so_far_s()) == (5.0, 7.0)
