"""plan: every `auto` decided for the machine, what was set kept, an idle engine announced."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from qwen_batch.config import EngineSettings
from qwen_batch.engine.engine import EnginePlan
from qwen_batch.engine.kinds.vllm.arguments import engine_env
from qwen_batch.engine.plan import EAGER_BELOW_PROMPTS, engine_plan, fitted_plan, plan_warnings


def plan(*, gpus: int = 0, cpu_dtype: str = "float32", **settings: Any) -> EnginePlan:
    return engine_plan(EngineSettings(**settings), "/models/m", gpus=gpus, cpu_dtype=cpu_dtype)


def test_the_defaults_on_a_gpu() -> None:
    found = plan(gpus=1)
    assert (found.max_num_seqs, found.max_model_len, found.dtype, found.eager) == (512, 262_144, "bfloat16", False)
    assert (found.kind, found.model, found.gpus, found.batch_size) == ("vllm", "/models/m", 1, 4)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_defaults_without_a_gpu(dtype: str) -> None:
    found = plan(cpu_dtype=dtype)
    assert (found.max_num_seqs, found.max_model_len, found.dtype, found.eager) == (32, 8_192, dtype, True)


@pytest.mark.parametrize("gpus", [0, 1, 8])
def test_no_auto_is_left(gpus: int) -> None:
    found = plan(gpus=gpus)
    assert "auto" not in [
        getattr(found, field.name) for field in fields(found) if field.name not in {"settings", "kv_cache"}
    ]


@pytest.mark.parametrize("gpus", [0, 2])
def test_what_was_set_is_kept(gpus: int) -> None:
    found = plan(gpus=gpus, max_num_seqs=7, max_model_len=999, precision="fp16", in_flight=3, batch_size=5)
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
    assert plan(gpus=1).in_flight == 256  # 512 sequences / 4 in a shard, twice


def test_an_engine_that_will_idle_is_announced_with_the_numbers() -> None:
    (warning,) = plan_warnings(plan(gpus=1, in_flight=2))
    assert "engine.batch_size 4 x engine.in_flight 2 = 8 prompts" in warning
    assert "decodes 512 at a time" in warning
    assert "engine.in_flight to auto" in warning


def test_just_enough_prompts_is_enough() -> None:
    assert plan_warnings(plan(gpus=1, in_flight=128)) == ()
    assert plan_warnings(plan(gpus=1, in_flight=127))


def test_the_plan_remembers_its_settings() -> None:
    assert plan(seed=5).settings == EngineSettings(seed=5)


def test_a_replica_for_every_gpu_or_group_of_gpus() -> None:
    assert (plan(gpus=4).replicas, plan(gpus=4).gpus) == (4, 4)
    assert (plan(gpus=4, tensor_parallel=2).replicas, plan(gpus=4, tensor_parallel=2).gpus) == (2, 4)
    assert (plan(gpus=4, replicas=1).replicas, plan(gpus=4, replicas=1).gpus) == (1, 1)
    assert plan(gpus=0).replicas == 1


def test_no_step_is_smaller_than_the_sequences_in_it() -> None:
    assert plan(max_num_seqs=4000).max_batched_tokens == 4000


def test_the_context_is_never_longer_than_the_model_s() -> None:
    assert engine_plan(EngineSettings(), "/m", gpus=1, cpu_dtype="", model_limit=40_960).max_model_len == 40_960


@pytest.mark.parametrize(
    ("tokens", "context"),
    [([], 4_096), ([300] * 9, 4_096), ([300, 5_000], 8_192), ([100_000], 131_072), ([900_000], 262_144)],
)
def test_the_context_is_what_the_longest_document_needs(tokens: list[int], context: int) -> None:
    assert fitted_plan(plan(gpus=1), tokens, 1, 1_500).max_model_len == context


def test_a_context_that_was_set_stays() -> None:
    assert fitted_plan(plan(gpus=1, max_model_len=9_000), [300], 1, 1_500).max_model_len == 9_000


def test_few_prompts_are_not_compiled_for() -> None:
    many = EAGER_BELOW_PROMPTS
    assert fitted_plan(plan(gpus=1), [300] * (many - 1), 1, 100).eager
    assert not fitted_plan(plan(gpus=1), [300] * many, 1, 100).eager
    assert not fitted_plan(plan(gpus=1), [300] * (many // 2), 2, 100).eager
    assert fitted_plan(plan(gpus=2), [300] * many, 1, 100).eager
    assert not fitted_plan(plan(gpus=1, eager=False), [300], 1, 100).eager
    assert fitted_plan(plan(), [300] * many, 1, 100).eager


@pytest.mark.parametrize(
    ("gpus", "deterministic", "said"), [(1, True, "1"), (1, False, None), (0, True, None), (0, False, None)]
)
def test_batches_do_not_matter_to_an_answer_where_that_is_wanted_and_can_be_had(
    gpus: int, deterministic: bool, said: str | None
) -> None:
    environment = engine_env(plan(gpus=gpus, deterministic=deterministic))
    assert environment.get("VLLM_BATCH_INVARIANT") == said
