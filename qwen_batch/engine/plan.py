"""Deciding every `auto` of the engine settings, for the machine at hand and then for the documents of a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, TypeVar

from qwen_batch.config import EngineSettings
from qwen_batch.engine.engine import EnginePlan
from qwen_batch.engine.precision import weights_precision

GPU_MAX_NUM_SEQS = 512
CPU_MAX_NUM_SEQS = 32
GPU_MAX_MODEL_LEN = 262_144
CPU_MAX_MODEL_LEN = 8_192
MIN_MODEL_LEN = 4_096
GPU_MAX_BATCHED_TOKENS = 16_384
CPU_MAX_BATCHED_TOKENS = 2_048
IN_FLIGHT_SLACK = 2.0
"""Prompts of answers of one length end all at once: as many must be in the engine already, or it waits for them."""
T = TypeVar("T")
EAGER_BELOW_PROMPTS = 500
"""Fewer prompts are answered sooner without compiling. Measured with a 4B model at 3,000 tokens in, 256 out: on an H200
an eager engine is there after 26 s and gives 10.8 answers/s, one whose compilation is cached after 37 s and 12.5: ahead
below 870. On an H100 with slower cores 58 s and 7.6, 75 s and 10.2: below 510."""


def engine_plan(settings: EngineSettings, model: str, *, gpus: int, cpu_dtype: str, model_limit: int = 0) -> EnginePlan:
    """The plan for `gpus` GPUs (0: the CPU, which computes fastest in `cpu_dtype`).

    `model_limit` is the longest context that model and memory allow, in tokens; 0 is unknown. Raises ConfigError
    or ModelError for a number format that is not to be had.
    """
    on_gpu = gpus > 0
    max_num_seqs = decided(settings.max_num_seqs, GPU_MAX_NUM_SEQS if on_gpu else CPU_MAX_NUM_SEQS)
    longest = GPU_MAX_MODEL_LEN if on_gpu else CPU_MAX_MODEL_LEN
    step = max(max_num_seqs, GPU_MAX_BATCHED_TOKENS if on_gpu else CPU_MAX_BATCHED_TOKENS)
    replicas = decided(settings.replicas, max(1, gpus // settings.tensor_parallel))
    weights = weights_precision(settings, model, gpu=on_gpu, cpu_dtype=cpu_dtype)
    return EnginePlan(
        kind=settings.kind,
        model=model,
        max_model_len=decided(settings.max_model_len, min(longest, model_limit or longest)),
        max_num_seqs=max_num_seqs,
        max_batched_tokens=decided(settings.max_batched_tokens, step),
        batch_size=settings.batch_size,
        in_flight=decided(settings.in_flight, covering_shards(max_num_seqs, settings.batch_size)),
        precision=weights.name,
        dtype=weights.dtype,
        quantization=weights.quantization,
        kv_cache=settings.kv_cache,
        gpus=replicas * settings.tensor_parallel if on_gpu else 0,
        replicas=replicas,
        tensor_parallel=settings.tensor_parallel,
        eager=decided(settings.eager, not on_gpu),
        settings=settings,
    )


def covering_shards(max_num_seqs: int, batch_size: int) -> int:
    """Shards in flight that keep an engine full which decodes so many sequences at a time."""
    return math.ceil(max_num_seqs / batch_size * IN_FLIGHT_SLACK)


def fitted_plan(plan: EnginePlan, document_tokens: Sequence[int], jobs: int, room_tokens: int) -> EnginePlan:
    """The plan for documents of about so many tokens, each asked `jobs` times: its context, and whether to compile.

    `room_tokens` is what a prompt and its answer take beside the document. A document that is longer than was
    estimated is cut into chunks, so the context is the power of two that holds the longest estimate.
    """
    settings = plan.settings
    max_model_len = plan.max_model_len
    if settings.max_model_len == "auto":
        need = max(document_tokens, default=0) + room_tokens
        max_model_len = min(plan.max_model_len, max(MIN_MODEL_LEN, 1 << (need - 1).bit_length()))
    eager = plan.eager
    if settings.eager == "auto" and plan.gpus:
        eager = len(document_tokens) * jobs < EAGER_BELOW_PROMPTS * plan.replicas
    return replace(plan, max_model_len=max_model_len, eager=eager)


def decided(value: T | Literal["auto"], auto: T) -> T:
    """The value of a setting, what it is by itself for `auto`."""
    return auto if value == "auto" else value


def plan_warnings(plan: EnginePlan) -> tuple[str, ...]:
    """What makes the engine idle, in sentences for the user."""
    waiting = plan.batch_size * plan.in_flight
    if waiting >= plan.max_num_seqs:
        return ()
    idle = (
        f"the engine will idle: engine.batch_size {plan.batch_size} x engine.in_flight {plan.in_flight} = {waiting} "
        f"prompts, but it decodes {plan.max_num_seqs} at a time; set engine.in_flight to auto"
    )
    return (idle,)
