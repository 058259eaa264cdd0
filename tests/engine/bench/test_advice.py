"""advice: settings that follow from rates, memory and the model's size, for a large GPU, small ones and a CPU."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from qwen_batch.config import EngineSettings
from qwen_batch.engine.bench.advice import Advice, Machine, figures_to_advice
from qwen_batch.engine.bench.figures import Figures, Rate, Shape
from qwen_batch.engine.engine import EnginePlan
from qwen_batch.engine.model.facts import ModelFacts
from qwen_batch.engine.plan import engine_plan

QWEN3_4B = ModelFacts(max_context=262_144, kv_values_per_token=2 * 36 * 8 * 128, weights_bytes=8_045_000_000)
EMBEDDED = ModelFacts(max_context=32_768, kv_values_per_token=2 * 24 * 2 * 64, weights_bytes=988_000_000)
H200 = Machine("1 x NVIDIA H200", 143_771 << 20, (9, 0))
RTX_4090 = Machine("1 x NVIDIA GeForce RTX 4090", 24_564 << 20, (8, 9))
RTX_3090 = Machine("1 x NVIDIA GeForce RTX 3090", 24_576 << 20, (8, 6))
T4 = Machine("1 x Tesla T4", 15_360 << 20, (7, 5))
CPU = Machine("AMD EPYC, 2 cores")


def rate(documents_per_s: float, batch_size: int = 4, in_flight: int = 160) -> Rate:
    return Rate(batch_size, in_flight, 100, 100 / documents_per_s, documents_per_s, 0.0, 0.0)


FULL_SWEEP = (rate(11.9, 1), rate(12.0, 4), rate(12.1, 16))
FIGURES = Figures(Shape(3_000, 256), 55.0, rate(3.3, in_flight=1), rate(12.0), 107.0, FULL_SWEEP, 13.3, 0.9)
CPU_FIGURES = replace(FIGURES, shape=Shape(300, 32), alone=rate(0.2), full=rate(0.25), sweep=(), sweep_needs_s=640.0)


def plan(*, gpus: int = 1, **settings: Any) -> EnginePlan:
    return engine_plan(EngineSettings(**settings), "/models/m", gpus=gpus, cpu_dtype="float32")


def advised(
    machine: Machine, facts: ModelFacts | None = QWEN3_4B, figures: Figures = FIGURES, engine: EnginePlan | None = None
) -> dict[str, Advice]:
    return {one.key: one for one in figures_to_advice(figures, engine or plan(), machine, facts)}


def values(advice: dict[str, Advice]) -> dict[str, int | str]:
    return {key: one.value for key, one in advice.items()}


def test_a_large_gpu_takes_fp8_and_fills_itself() -> None:
    advice = advised(H200)
    assert values(advice) == {
        "batch_size": 4,
        "in_flight": "auto",
        "precision": "fp8",
        "kv_cache": "fp8",
        "max_num_seqs": "auto",
        "max_model_len": "auto",
    }
    assert "1.15 times as fast as bf16 on an H100 or H200, 1.4 with kv_cache fp8" in advice["precision"].reason
    assert "answers change" in advice["precision"].reason
    assert "3.6 times as fast" in advice["in_flight"].reason


def test_a_24_gb_card_with_fp8_decodes_what_its_cache_holds() -> None:
    advice = advised(RTX_4090)
    # (24,564 MiB * 0.9 - 4.02 GB of fp8 weights - 4 GiB) / 73,728 bytes a token = 201,598 tokens
    assert (advice["max_num_seqs"].value, advice["max_model_len"].value) == (61, 32_768)
    assert "61 documents of 3,256" in advice["max_num_seqs"].reason
    assert advice["kv_cache"].value == "fp8"


def test_a_24_gb_card_without_fp8_keeps_bf16() -> None:
    advice = advised(RTX_3090)
    # (24,576 MiB * 0.9 - 8.045 GB - 4 GiB) / 147,456 bytes a token = 73,500 tokens
    assert values(advice) == {
        "batch_size": 4,
        "in_flight": "auto",
        "precision": "auto",
        "kv_cache": "auto",
        "max_num_seqs": 22,
        "max_model_len": 16_384,
    }


def test_two_gpus_that_share_an_engine_hold_more() -> None:
    shared = advised(RTX_3090, engine=plan(gpus=2, tensor_parallel=2))
    assert int(shared["max_num_seqs"].value) > 2 * 22


def test_an_old_gpu_has_no_bf16() -> None:
    assert advised(T4)["precision"].value == "fp16"


def test_a_checkpoint_that_is_quantised_stays_as_it_is() -> None:
    engine = replace(plan(), precision="int4 (awq)", quantization=None)
    precision = advised(H200, engine=engine)["precision"]
    assert precision.value == "auto"
    assert "int4 (awq)" in precision.reason


def test_weights_that_were_measured_in_fp8_stay_in_fp8() -> None:
    assert advised(H200, engine=plan(precision="fp8"))["precision"].value == "fp8"


def test_a_cpu_keeps_every_default() -> None:
    advice = advised(CPU, EMBEDDED, CPU_FIGURES, plan(gpus=0))
    assert set(values(advice).values()) == {4, "auto"}
    assert "fp32" in advice["precision"].reason
    assert "87,381 tokens, 263 documents of 332" in advice["max_num_seqs"].reason
    assert "--seconds 640" in advice["batch_size"].reason


def test_a_cpu_with_little_cache_decodes_fewer() -> None:
    engine = plan(gpus=0, kv_cache_gb=1)
    large = replace(EMBEDDED, kv_values_per_token=QWEN3_4B.kv_values_per_token)
    advice = advised(CPU, large, CPU_FIGURES, engine)
    assert values(advice)["max_num_seqs"] == (1 << 30) // (4 * large.kv_values_per_token) // 332
    assert values(advice)["max_model_len"] == 4_096


def test_a_gpu_that_holds_no_document_by_the_estimate_gets_the_smallest_context() -> None:
    advice = advised(Machine("12 GiB", 12 << 30, (8, 6)))
    assert values(advice)["max_model_len"] == 4_096
    assert values(advice)["max_num_seqs"] == 1


def test_no_context_is_advised_that_the_model_was_not_made_for() -> None:
    short = replace(QWEN3_4B, max_context=2_048)
    figures = replace(FIGURES, shape=Shape(1_500, 256))
    assert values(advised(Machine("12 GiB", 12 << 30, (8, 6)), short, figures))["max_model_len"] == 2_048


@pytest.mark.parametrize(("fastest", "batch_size"), [(12.5, 4), (12.7, 16)])
def test_another_batch_size_has_to_be_more_than_five_percent_faster(fastest: float, batch_size: int) -> None:
    figures = replace(FIGURES, sweep=(rate(10.0, 1), rate(12.0, 4), rate(fastest, 16)))
    advice = advised(H200, figures=figures)["batch_size"]
    assert advice.value == batch_size
    assert f"1: 10, 4: 12, 16: {fastest}" in advice.reason


def test_of_a_server_only_batches_are_told() -> None:
    assert list(advised(CPU, None)) == ["batch_size", "in_flight"]


def test_a_gpu_of_unknown_size_gets_no_advice_on_memory() -> None:
    assert list(advised(Machine("GPU"))) == ["batch_size", "in_flight", "precision"]
