"""begun: a task that is under way when it is made, where Python can do that."""

from __future__ import annotations

import asyncio
import sys

import pytest

from qwen_batch.engine.begun import begun


async def steps(name: str, seen: list[str]) -> str:
    for step in range(2):
        seen.append(f"{name}{step}")
        await asyncio.sleep(0)
    return name


async def run_two(seen: list[str]) -> list[str]:
    tasks = [begun(steps(name, seen)) for name in "ab"]
    seen.append("made")
    return await asyncio.gather(*tasks)


def test_tasks_end_with_their_results() -> None:
    assert asyncio.run(run_two([])) == ["a", "b"]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="tasks begin at once from Python 3.12 on")
def test_a_task_is_under_way_when_it_has_been_made() -> None:
    seen: list[str] = []
    asyncio.run(run_two(seen))
    assert seen == ["a0", "b0", "made", "a1", "b1"]


def test_an_error_waits_for_whoever_awaits_the_task() -> None:
    async def fail() -> None:
        raise ValueError("not now")

    async def run() -> None:
        task = begun(fail())
        with pytest.raises(ValueError, match="not now"):
            await task

    asyncio.run(run())
