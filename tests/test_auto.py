"""engines._auto: every `auto` decided for the machine, what was set kept, an idle engine announced."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from qwen_batch.config import EngineSettings
from qwen_batch.engines import EnginePlan
from qwen_batch.engines._auto import engine_plan, plan_warnings


def plan(*, gpus: int = 0, cpu_dtype: str = "float32", **settings: Any) -> EnginePlan:
    return engine_plan(EngineSettings(**settings), "/models/m", gpus=gpus, cpu_dtype=cpu_dtype)


def test_the_defaults_on_a_gpu() -> None:
    found = plan(gpus=1)
    assert (found.max_num_seqs, found.max_model_len, found.dtype, found.eager) == (256, 32_768, "bfloat16", False)
    assert (found.kind, found.model, found.gpus, found.batch_size) == ("vllm", "/models/m", 1, 4)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_defaults_without_a_gpu(dtype: str) -> None:
    found = plan(cpu_dtype=dtype)
    assert (found.max_num_seqs, found.max_model_len, found.dtype, found.eager) == (32, 8_192, dtype, True)


@pytest.mark.parametrize("gpus", [0, 1, 8])
def test_no_auto_is_left(gpus: int) -> None:
    found = plan(gpus=gpus)
    assert "auto" not in [getattr(found, field.name) for field in fields(found) if field.name != "settings"]


@pytest.mark.parametrize("gpus", [0, 2])
def test_what_was_set_is_kept(gpus: int) -> None:
    found = plan(gpus=gpus, max_num_seqs=7, max_model_len=999, dtype="float16", in_flight=3, batch_size=5)
    assert (found.max_num_seqs, found.max_model_len, found.dtype) == (7, 999, "float16")
    assert (found.in_flight, found.batch_size) == (3, 5)


@pytest.mark.parametrize("gpus", [0, 1])
@pytest.mark.parametrize("batch_size", [1, 3, 4, 5, 64, 256])
@pytest.mark.parametrize("max_num_seqs", ["auto", 1, 33, 256])
def test_shards_in_flight_fill_the_engine(gpus: int, batch_size: int, max_num_seqs: int | str) -> None:
    found = plan(gpus=gpus, batch_size=batch_size, max_num_seqs=max_num_seqs)
    assert found.in_flight * batch_size >= found.max_num_seqs
    assert plan_warnings(found) == ()


def test_there_is_slack_because_a_shard_waits_for_its_slowest_prompt() -> None:
    assert plan(gpus=1).in_flight == 80  # 256 sequences / 4 in a shard, and a quarter more


def test_an_engine_that_will_idle_is_announced_with_the_numbers() -> None:
    (warning,) = plan_warnings(plan(gpus=1, in_flight=2))
    assert "engine.batch_size 4 x engine.in_flight 2 = 8 prompts" in warning
    assert "decodes 256 at a time" in warning
    assert "engine.in_flight to auto" in warning


def test_just_enough_prompts_is_enough() -> None:
    assert plan_warnings(plan(gpus=1, in_flight=64)) == ()
    assert plan_warnings(plan(gpus=1, in_flight=63))


def test_the_plan_remembers_its_settings() -> None:
    assert plan(seed=5).settings == EngineSettings(seed=5)
