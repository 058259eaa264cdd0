"""usage: engines add up, and nothing is said of what was not measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qwen_batch.engine.usage import EngineUsage, GpuUsage, run_usage, usage_facts, usage_now
from qwen_batch.run.progress import Counts, status_line

GPU = GpuUsage(
    gpus=1, held_s=100.0, work_s=80.0, busy_s=60.0, energy_j=36_000.0, busy=0.9, memory_bytes=70 << 30, power_w=600.0
)
ENGINE = EngineUsage(
    "a",
    1,
    told_s=1_100.0,
    start_s=20.0,
    work_s=80.0,
    prompts=8,
    prompt_tokens=1000,
    cached_tokens=400,
    output_tokens=90,
    waiting=3,
    running=5,
    waiting_most=7,
    gpu=GPU,
)


def test_two_engines_are_one_sum() -> None:
    idle = replace(ENGINE, engine="b", start_s=30.0, gpu=replace(GPU, busy_s=20.0, busy=0.1, memory_bytes=1 << 30))
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
    other = replace(ENGINE, engine="b", told_s=1_000.0)
    for said in (ENGINE, replace(ENGINE, told_s=1_090.0, prompts=6), other):
        counts.hear(said)
    assert list(counts.engines.values()) == [ENGINE, other]
    counts.hear(replace(ENGINE, prompts=9))
    assert counts.engines["a", 1].prompts == 9


def test_a_restarted_engine_is_one_whose_totals_go_on() -> None:
    lost = replace(ENGINE, process=7, told_s=1_000.0, waiting=100, running=512, waiting_most=300)
    usage = run_usage([ENGINE, lost])
    assert usage is not None
    assert (usage.engines, usage.restarts, usage.gpus, usage.power_w) == (1, 1, 1, 600.0)
    assert (usage.waiting, usage.running, usage.waiting_most) == (3, 5, 300)
    assert (usage.gpu_seconds, usage.energy_j) == (200.0, 72_000.0)
    assert usage.work_s == 180.0  # from the first prompts of the lost one to the last word of this one
    assert usage.output_tokens_per_s == pytest.approx(1.0)
    assert usage.prompt_tokens_per_s == pytest.approx(2000 / 180)


def test_the_manifest_has_rates_and_the_longest_queue() -> None:
    usage = run_usage([ENGINE])
    assert usage is not None
    facts = usage_facts(usage, pages=500)
    assert (facts["prompt_tokens_per_s"], facts["output_tokens_per_s"]) == (12.5, 1.125)
    assert (facts["prompts_waiting_most"], facts["engine_work_s"], facts["engine_restarts"]) == (7, 80.0, 0)


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
    counts = Counts(documents=3, done=1, pages=2, engines={(ENGINE.engine, ENGINE.process): ENGINE})
    assert "GPU 90% 70 GiB 600 W, prefix cache 40%, 5 prompts in the engine and 3 waiting" in status_line(counts, 10.0)
