"""usage: engines add up, and nothing is said of what was not measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qwen_batch.progress import Counts, status_line
from qwen_batch.usage import EngineUsage, GpuUsage, run_usage, usage_facts, usage_now

GPU = GpuUsage(
    gpus=1, held_s=100.0, work_s=80.0, busy_s=60.0, energy_j=36_000.0, busy=0.9, memory_bytes=70 << 30, power_w=600.0
)
ENGINE = EngineUsage(
    "a-1",
    start_s=20.0,
    work_s=80.0,
    prompts=8,
    prompt_tokens=1000,
    cached_tokens=400,
    output_tokens=90,
    waiting=3,
    running=5,
    gpu=GPU,
)


def test_two_engines_are_one_sum() -> None:
    idle = replace(ENGINE, engine="b-1", start_s=30.0, gpu=replace(GPU, busy_s=20.0, busy=0.1, memory_bytes=1 << 30))
    both = run_usage([ENGINE, idle])
    assert both is not None
    assert (both.gpus, both.gpu_seconds, both.energy_j, both.power_w) == (2, 200.0, 72_000.0, 1200.0)
    assert both.gpu_busy == pytest.approx(0.5)
    assert both.gpu_busy_now == pytest.approx(0.5)
    assert both.gpu_memory_bytes == 70 << 30
    assert (both.waiting, both.running, both.start_s) == (6, 10, 30.0)
    assert both.cache_hits == pytest.approx(0.4)


def test_what_an_engine_said_earlier_and_arrives_later_counts_for_nothing() -> None:
    counts = Counts(10)
    for said in (ENGINE, replace(ENGINE, work_s=70.0, prompts=6), replace(ENGINE, engine="b-1", work_s=1.0)):
        counts.hear(said)
    assert list(counts.engines.values()) == [ENGINE, replace(ENGINE, engine="b-1", work_s=1.0)]
    counts.hear(replace(ENGINE, prompts=9))
    assert counts.engines["a-1"].prompts == 9


def test_a_thousand_pages_are_reckoned_from_all_held_gpu_time() -> None:
    usage = run_usage([ENGINE])
    assert usage is not None
    assert usage.per_1000_pages(500) == {"gpu_seconds": 200.0, "watt_hours": 20.0}
    assert usage.per_1000_pages(0) == {}


def test_without_a_gpu_nothing_is_said_of_one() -> None:
    usage = run_usage([replace(ENGINE, gpu=None)])
    assert usage is not None
    assert usage_now(usage) == "prefix cache 40%, 5 prompts in the engine and 3 waiting"
    facts = usage_facts(usage, pages=500)
    assert facts["gpu_seconds"] is None
    assert facts["per_1000_pages"] == {}


def test_before_an_engine_speaks_there_is_no_usage() -> None:
    assert run_usage([]) is None
    assert Counts(documents=3).usage is None


def test_the_progress_line_says_what_the_gpu_does() -> None:
    counts = Counts(documents=3, done=1, pages=2, engines={ENGINE.engine: ENGINE})
    assert "GPU 90% 70 GiB 600 W, prefix cache 40%, 5 prompts in the engine and 3 waiting" in status_line(counts, 10.0)
