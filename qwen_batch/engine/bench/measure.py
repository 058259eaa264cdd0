"""How fast an engine answers here: synthetic prompts through the way that documents take, in a process of its own.

Started by `bench` with the environment that the engine needs. Prompts are random tokens, each unlike every other from
its first token on, so that the prefix cache helps only where it is what is measured. How many are asked follows from
the best rate seen so far and the time that is given.
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from string import ascii_lowercase
from threading import Thread

import numpy as np

from qwen_batch.engine.bench.figures import Figures, Rate, Task
from qwen_batch.engine.engine import ENGINES, Engine
from qwen_batch.engine.plan import covering_shards
from qwen_batch.engine.shards import Shards
from qwen_batch.errors import EngineError, QwenBatchError
from qwen_batch.records import Chunk, Completion, Prompt

SWEEP_BATCH_SIZES = (1, 4, 16)
ALONE_SHARE, PROBE_SHARE, ALL_PROBES_SHARE, FULL_SHARE, SWEEP_SHARE = 0.12, 0.08, 0.15, 0.4, 0.1
"""Parts of the time: a shard at a time, finding the rate (one try and all), the plan's way, each batch size."""
MIN_FULL_SHARDS = 2
MIN_SWEEP_PROMPTS = max(SWEEP_BATCH_SIZES)
MAX_PROMPTS = 2_048
PAIR_OUTPUT_TOKENS = 8
PAIR_OWN_PART = 10  # the last tenth of a paired prompt is its own, as a job's instruction is
WARM_UP_PART = 4
UNKNOWN_VOCABULARY = 32_000

Say = Callable[[str], None]


async def measure(task: Task, say: Say) -> Figures:
    """Starts the engine, measures and ends it. Raises EngineError if it dies or refuses a prompt."""
    kind = ENGINES.load(task.plan.kind)
    say("starting the engine")
    began_s = time.perf_counter()
    engine = kind.start(task.plan)
    try:
        course = _Course(engine, task, say)
        await course.warm_up()
        start_s = time.perf_counter() - began_s
        say(f"started in {start_s:.1f} s; measuring with {task.shape.input_tokens} tokens in")
        return await course.figures(start_s)
    finally:
        engine.close()


class _Course:
    """The measurements one after the other, with one stream of prompts."""

    def __init__(self, engine: Engine, task: Task, say: Say) -> None:
        self._engine = engine
        self._plan = task.plan
        self._shape = task.shape
        self._seconds = task.seconds
        self._say = say
        self._random = np.random.default_rng(task.plan.settings.seed)
        self._vocabulary = ordinary_tokens(task.plan.model)

    async def warm_up(self) -> None:
        """One small prompt: what is built at the first one belongs to the start."""
        ids = self._tokens(max(1, self._shape.input_tokens // WARM_UP_PART))
        await self._answers([_prompt(ids, max(1, self._shape.output_tokens // WARM_UP_PART))], 1, 1)

    async def figures(self, start_s: float) -> Figures:
        """All of it."""
        cached_share = await self._cached_share()
        alone = await self._one_shard_at_a_time()
        full = await self._full(await self._probed(alone))
        return Figures(
            shape=self._shape,
            start_s=start_s,
            alone=alone,
            full=full,
            full_needs_s=self._plan.max_num_seqs / full.documents_per_s / FULL_SHARE,
            sweep=await self._sweep(full),
            sweep_needs_s=MIN_SWEEP_PROMPTS / full.documents_per_s / SWEEP_SHARE,
            cached_share=cached_share,
        )

    async def _cached_share(self) -> float:
        """Two prompts with the same document side by side, as those of two jobs are."""
        ids = self._tokens(self._shape.input_tokens)
        own = max(1, len(ids) // PAIR_OWN_PART)
        output = min(PAIR_OUTPUT_TOKENS, self._shape.output_tokens)
        pair = [_prompt(ids[:-own] + self._tokens(own), output) for _ in range(2)]
        answers = await self._answers(pair, 2, 1)
        return max(answer.cached_tokens / max(1, answer.prompt_tokens) for answer in answers)

    async def _one_shard_at_a_time(self) -> Rate:
        batch_size = self._plan.batch_size
        first = await self._rate(batch_size, 1, batch_size)
        more = self._count(ALONE_SHARE, first, batch_size)
        return await self._rate(batch_size, 1, more) if more > batch_size else first

    async def _probed(self, alone: Rate) -> Rate:
        """Short runs in the plan's way while the rate still grows: it needs many prompts to show, they need a rate."""
        best = alone
        until_s = time.perf_counter() + ALL_PROBES_SHARE * self._seconds
        count = self._count(PROBE_SHARE, best)
        while count > alone.batch_size and time.perf_counter() < until_s:
            found = await self._rate(self._plan.batch_size, self._plan.in_flight, count)
            if found.documents_per_s <= best.documents_per_s:
                break
            best = found
            count = self._count(PROBE_SHARE, best)
        return best

    async def _full(self, probed: Rate) -> Rate:
        count = self._count(FULL_SHARE, probed, MIN_FULL_SHARDS * self._plan.batch_size)
        return await self._rate(self._plan.batch_size, self._plan.in_flight, count)

    async def _sweep(self, full: Rate) -> tuple[Rate, ...]:
        count = self._count(SWEEP_SHARE, full)
        if count < MIN_SWEEP_PROMPTS:
            return ()
        sizes = sorted({*SWEEP_BATCH_SIZES, self._plan.batch_size})
        return tuple([await self._rate(size, self._covering(size), count) for size in sizes])

    def _covering(self, batch_size: int) -> int:
        """Shards in flight that cover what the engine decodes at a time, as `engine.in_flight: auto` does."""
        return covering_shards(self._plan.max_num_seqs, batch_size)

    def _count(self, share: float, rate: Rate, at_least: int = 0) -> int:
        """Prompts, in whole shards, that take this share of the time at this rate."""
        fits = min(MAX_PROMPTS, int(rate.documents_per_s * share * self._seconds))
        return max(at_least, fits - fits % self._plan.batch_size)

    async def _rate(self, batch_size: int, in_flight: int, count: int) -> Rate:
        prompts = [_prompt(self._tokens(self._shape.input_tokens), self._shape.output_tokens) for _ in range(count)]
        began_s = time.perf_counter()
        answers = await self._answers(prompts, batch_size, in_flight)
        seconds = time.perf_counter() - began_s
        rate = Rate(
            batch_size=batch_size,
            in_flight=in_flight,
            documents=count,
            seconds=seconds,
            documents_per_s=count / seconds,
            input_tokens_per_s=sum(answer.prompt_tokens for answer in answers) / seconds,
            output_tokens_per_s=sum(answer.output_tokens for answer in answers) / seconds,
        )
        in_shards = f"shards of {batch_size}, {in_flight} in flight"
        self._say(f"{in_shards}: {count} documents in {seconds:.1f} s, {rate.documents_per_s:.2f} a second")
        return rate

    async def _answers(self, prompts: Sequence[Prompt], batch_size: int, in_flight: int) -> list[Completion]:
        answers = await Shards(self._engine, batch_size, in_flight).complete(prompts)
        if error := next((answer.error for answer in answers if answer.error), None):
            raise EngineError(f"the engine refused a prompt of the measurement: {error}", "see `qwen-batch doctor`")
        return answers

    def _tokens(self, count: int) -> tuple[int, ...]:
        low, high = self._vocabulary.start, self._vocabulary.stop
        return tuple(self._random.integers(low, high, size=count).tolist())


def ordinary_tokens(model: str) -> range:
    """Token ids of a local model that stand for text: special ones lie at either end of a vocabulary."""
    try:
        size = int(json.loads(Path(model, "config.json").read_text("utf-8"))["vocab_size"])
    except (OSError, ValueError, KeyError, TypeError):
        size = UNKNOWN_VOCABULARY
    return range(min(1_000, size // 10), size * 9 // 10)


def _prompt(token_ids: tuple[int, ...], max_tokens: int) -> Prompt:
    """For an engine that takes ids; for one that takes text, as many letters with spaces, a token each."""
    text = " ".join(ascii_lowercase[token % len(ascii_lowercase)] for token in token_ids)
    return Prompt(
        doc_id="bench",
        job="bench",
        chunk=Chunk("", 0, 0),
        messages=(("user", text),),
        token_ids=token_ids,
        json_schema=None,
        temperature=0.0,
        top_p=1.0,
        max_tokens=max_tokens,
    )


def main(task_file: Path, result_file: Path) -> None:
    """Measures a pickled Task and pickles the Figures, or the QwenBatchError that ended it."""
    task: Task = pickle.loads(task_file.read_bytes())  # noqa: S301  our own process wrote it
    result: Figures | QwenBatchError
    try:
        result = asyncio.run(measure(task, lambda line: print(f"bench: {line}", file=sys.stderr, flush=True)))  # noqa: T201  its progress
    except QwenBatchError as error:
        result = error
    result_file.write_bytes(pickle.dumps(result))


def _end_with_parent() -> None:
    """Ends this process group, the engine's processes too, when the parent is gone, however it went: stdin closes."""

    def wait_for_its_end() -> None:
        os.read(0, 1)
        os.killpg(0, signal.SIGKILL)

    Thread(target=wait_for_its_end, daemon=True).start()


if __name__ == "__main__":
    _end_with_parent()
    main(*map(Path, sys.argv[1:]))
