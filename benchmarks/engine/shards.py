"""The engine with its shards, without Ray: sweeps over batch and in-flight, precision, a long prompt beside short ones.

Called by setting.helper with a pickle: `ids` of short prompts, `tokens` to write, and `points` as (name, batch,
in-flight or 0 for the plan's, prompts) or `long_tokens` of one prompt beside `beside` short ones, or both.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.common import ensure_environment
from qwen_batch.config_file import load_config
from qwen_batch.engine.choice import choose_engine
from qwen_batch.engine.engine import Engine, EnginePlan
from qwen_batch.engine.kinds.vllm import ENGINE
from qwen_batch.engine.plan import covering_shards
from qwen_batch.engine.shards import Shards
from qwen_batch.records import Chunk, Prompt


def main() -> None:
    """Prints a JSON line for the start and each point."""
    asked = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301  our own file
    plan = choose_engine(load_config(None, tuple(asked["settings"]))).plan
    ensure_environment(ENGINE.env(plan))
    asyncio.run(_measure(asked, plan))


async def _measure(asked: dict[str, Any], plan: EnginePlan) -> None:
    began = time.monotonic()
    engine = ENGINE.start(plan)
    _say("start", seconds=time.monotonic() - began, precision=plan.precision, eager=plan.eager)
    await _rate(engine, [_prompt((1,) * 32, 8)], 4, 4)
    fresh = random.Random(time.time_ns())
    for name, batch, in_flight, count in asked.get("points", ()):
        prompts = [_prompt(_distinct(ids, fresh), asked["tokens"]) for ids in asked["ids"][:count]]
        rate = await _rate(engine, prompts, batch, in_flight or covering_shards(plan.max_num_seqs, batch))
        _say(name, rate=rate, answers=len(prompts))
    if asked.get("long_tokens"):
        await _beside(engine, asked, plan, fresh)
    engine.close()


async def _beside(engine: Engine, asked: dict[str, Any], plan: EnginePlan, fresh: random.Random) -> None:
    """Rate of the short prompts without and with a long one that came first; and when the long one was done."""
    for with_long in (False, True):
        short = [_prompt(_distinct(ids, fresh), asked["tokens"]) for ids in asked["ids"][: asked["beside"]]]
        shards = Shards(engine, plan.batch_size, plan.in_flight)
        began = time.monotonic()
        tasks = []
        if with_long:
            long_ids = tuple(fresh.randrange(1000, 20_000) for _ in range(asked["long_tokens"]))
            tasks.append(asyncio.create_task(shards.complete([_prompt(long_ids, asked["tokens"])])))
            await asyncio.sleep(0)
        await asyncio.gather(*(shards.complete([one]) for one in short))
        seconds = time.monotonic() - began
        long_errors = [answer.error for answers in await asyncio.gather(*tasks) for answer in answers if answer.error]
        if long_errors:
            raise RuntimeError(long_errors[0])
        name = "short ones beside a long one" if with_long else "short ones alone"
        _say(
            name,
            rate=len(short) / seconds,
            all_done_s=time.monotonic() - began,
            long_tokens=with_long * asked["long_tokens"],
        )


async def _rate(engine: Engine, prompts: Sequence[Prompt], batch: int, in_flight: int) -> float:
    shards = Shards(engine, batch, in_flight)
    began = time.monotonic()
    answers = await asyncio.gather(*(shards.complete([one]) for one in prompts))
    errors = [answer[0].error for answer in answers if answer[0].error]
    if errors:
        raise RuntimeError(errors[0])
    return len(prompts) / (time.monotonic() - began)


def _distinct(ids: Sequence[int], fresh: random.Random) -> tuple[int, ...]:
    """The same length with another beginning, so that nothing of it is in the prefix cache."""
    return (*(fresh.randrange(1000, 20_000) for _ in range(8)), *ids[8:])


def _prompt(ids: Sequence[int], tokens: int) -> Prompt:
    return Prompt("d", "speed", Chunk("", 0, 0), (), tuple(ids), None, 0.0, 1.0, tokens)


def _say(name: str, **figures: Any) -> None:
    print(json.dumps({"name": name, **figures}), flush=True)


if __name__ == "__main__":
    main()
