"""Deciding every `auto` of the engine settings for the machine at hand.

A helper of the package, not an engine.
"""

from __future__ import annotations

import math

from qwen_batch.config import EngineSettings
from qwen_batch.engines import EnginePlan

GPU_MAX_NUM_SEQS = 256
CPU_MAX_NUM_SEQS = 32
GPU_MAX_MODEL_LEN = 32_768
CPU_MAX_MODEL_LEN = 8_192
IN_FLIGHT_SLACK = 1.25  # a shard's place is free only when its slowest prompt is done


def engine_plan(settings: EngineSettings, model: str, *, gpus: int, cpu_dtype: str) -> EnginePlan:
    """The plan for `gpus` GPUs (0: the CPU, which computes fastest in `cpu_dtype`)."""
    max_num_seqs = settings.max_num_seqs
    if max_num_seqs == "auto":
        max_num_seqs = GPU_MAX_NUM_SEQS if gpus else CPU_MAX_NUM_SEQS
    max_model_len = settings.max_model_len
    if max_model_len == "auto":
        max_model_len = GPU_MAX_MODEL_LEN if gpus else CPU_MAX_MODEL_LEN
    in_flight = math.ceil(max_num_seqs / settings.batch_size * IN_FLIGHT_SLACK)
    if settings.in_flight != "auto":
        in_flight = settings.in_flight
    return EnginePlan(
        kind=settings.kind,
        model=model,
        max_model_len=max_model_len,
        max_num_seqs=max_num_seqs,
        batch_size=settings.batch_size,
        in_flight=in_flight,
        dtype=settings.dtype if settings.dtype != "auto" else "bfloat16" if gpus else cpu_dtype,
        gpus=gpus,
        eager=not gpus,
        settings=settings,
    )


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
