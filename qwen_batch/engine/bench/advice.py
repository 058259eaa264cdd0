"""From what was measured, the machine and the model's size to settings for this machine. Numbers in, advice out.

Only what documents of the measured size need is told; a run still fits its context to its own documents.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from qwen_batch.engine.bench.figures import Figures
from qwen_batch.engine.engine import EnginePlan
from qwen_batch.engine.model.facts import ModelFacts
from qwen_batch.engine.plan import (
    CPU_MAX_MODEL_LEN,
    CPU_MAX_NUM_SEQS,
    GPU_MAX_MODEL_LEN,
    GPU_MAX_NUM_SEQS,
    MIN_MODEL_LEN,
)
from qwen_batch.engine.precision import KV_VALUE_BYTES, TIMES_SMALLER

DEFAULT_BATCH_SIZE = 4
WORTH_A_CHANGE = 1.05
"""A batch size that is faster by less than this is not worth leaving the default for: runs differ by as much."""
FP8_CAPABILITY = (8, 9)
BF16_CAPABILITY = (8, 0)
FP8_SPEED_UP, FP8_KV_SPEED_UP = 1.15, 1.4
"""Of fp8 weights over bf16, without and with an fp8 KV cache, on H100s and H200s (docs/benchmarks.md)."""
LONG_DOCUMENT_PART = 4  # the longest document takes at most this part of the KV cache

GIB = 1 << 30
Value = int | str


@dataclass(frozen=True, slots=True)
class Limits:
    """What `auto` gives at most: sequences that are decoded at a time, and context in tokens."""

    max_num_seqs: int
    max_model_len: int


GPU_LIMITS = Limits(GPU_MAX_NUM_SEQS, GPU_MAX_MODEL_LEN)
CPU_LIMITS = Limits(CPU_MAX_NUM_SEQS, CPU_MAX_MODEL_LEN)


@dataclass(frozen=True, slots=True)
class Machine:
    """What the model ran on, in words; of a GPU its memory in bytes and its compute capability.

    0 and (0, 0) are unknown or no GPU.
    """

    name: str
    gpu_bytes: int = 0
    capability: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Advice:
    """A key of the `engine` section, the value for this machine, and why, in one line."""

    key: str
    value: Value
    reason: str


def figures_to_advice(
    figures: Figures, plan: EnginePlan, machine: Machine, facts: ModelFacts | None
) -> tuple[Advice, ...]:
    """One line a setting; those that need the model's size are left out where it is unknown, as for a server."""
    advice = (_batch_size(figures), _in_flight(figures))
    if facts is None:
        return advice
    if not plan.gpus:
        memory = max(1, round(plan.settings.kv_cache_gb)) * GIB
        cache = memory // (facts.kv_values_per_token * (4 if plan.dtype == "float32" else 2))
        return (*advice, *_cpu_formats(plan), *_fitting(figures, facts, cache, CPU_LIMITS))
    precision = _precision(plan, machine)
    if not machine.gpu_bytes:
        return (*advice, precision)
    if precision.value == "fp8":
        facts = replace(facts, weights_bytes=facts.weights_bytes // TIMES_SMALLER["fp8"])
    gpu_bytes = machine.gpu_bytes * plan.settings.gpu_memory_utilization * plan.tensor_parallel
    kv_cache = _kv_cache(figures, machine, facts.cache_tokens(gpu_bytes, KV_VALUE_BYTES["auto"]))
    cache = facts.cache_tokens(gpu_bytes, KV_VALUE_BYTES[str(kv_cache.value)])
    return (*advice, precision, kv_cache, *_fitting(figures, facts, cache, GPU_LIMITS))


def _batch_size(figures: Figures) -> Advice:
    rates = figures.sweep
    if not rates:
        reason = f"the default; --seconds {math.ceil(figures.sweep_needs_s)} would be enough to compare others"
        return Advice("batch_size", DEFAULT_BATCH_SIZE, reason)
    best = max(rates, key=lambda rate: rate.documents_per_s)
    usual = next((rate for rate in rates if rate.batch_size == DEFAULT_BATCH_SIZE), best)
    seen = ", ".join(f"{rate.batch_size}: {rate.documents_per_s:.3g}" for rate in rates)
    if best.documents_per_s > usual.documents_per_s * WORTH_A_CHANGE:
        gain = best.documents_per_s / usual.documents_per_s - 1
        return Advice("batch_size", best.batch_size, f"{gain:.0%} faster than the default (documents/s {seen})")
    return Advice("batch_size", usual.batch_size, f"none is more than 5 % faster (documents/s {seen})")


def _in_flight(figures: Figures) -> Advice:
    reason = f"{figures.full.in_flight} shards in flight are {figures.speed_up:.2g} times as fast as one at a time"
    return Advice("in_flight", "auto", reason)


def _cpu_formats(plan: EnginePlan) -> tuple[Advice, Advice]:
    precision = f"what this CPU computes fastest; measured in {plan.precision}"
    return Advice("precision", "auto", precision), Advice("kv_cache", "auto", "fp8 needs a GPU")


def _precision(plan: EnginePlan, machine: Machine) -> Advice:
    major, minor = machine.capability
    if "(" in plan.precision and plan.quantization is None:
        return Advice("precision", "auto", f"the checkpoint is quantised already: {plan.precision}")
    if machine.capability >= FP8_CAPABILITY:
        faster = f"about {FP8_SPEED_UP} times as fast as bf16 on an H100 or H200, {FP8_KV_SPEED_UP} with kv_cache fp8"
        reason = f"compute capability {major}.{minor} multiplies fp8: {faster}; answers change, so auto leaves it"
        return Advice("precision", "fp8", reason)
    if (0, 0) < machine.capability < BF16_CAPABILITY:
        return Advice("precision", "fp16", f"compute capability {major}.{minor} has no bf16")
    return Advice("precision", "auto", "bf16; this GPU does not multiply fp8")


def _kv_cache(figures: Figures, machine: Machine, cache_tokens: int) -> Advice:
    holds = cache_tokens // figures.shape.tokens
    if holds >= GPU_LIMITS.max_num_seqs:
        return Advice("kv_cache", "auto", f"holds {holds} documents of {figures.shape.tokens:,} tokens as it is")
    if machine.capability >= FP8_CAPABILITY:
        return Advice("kv_cache", "fp8", f"holds twice the {holds} documents of bf16, but answers change a little")
    return Advice("kv_cache", "auto", "this GPU does not compute in fp8")


def _fitting(figures: Figures, facts: ModelFacts, cache_tokens: int, limits: Limits) -> tuple[Advice, Advice]:
    """How many typical documents the KV cache holds, and how long one may be that leaves room for them."""
    typical = figures.shape.tokens
    holds = max(1, cache_tokens // typical)
    cache = f"the KV cache holds {cache_tokens:,} tokens"
    seqs: Value = "auto" if holds >= limits.max_num_seqs else holds
    number = Advice("max_num_seqs", seqs, f"{cache}, {holds:,} documents of {typical:,}")
    room = max(cache_tokens // LONG_DOCUMENT_PART, cache_tokens - limits.max_num_seqs * typical)
    longest = min(limits.max_model_len, facts.max_context)
    if room >= longest:
        reason = f"as long as a run needs, up to {longest:,}: {cache}"
        return number, Advice("max_model_len", "auto", reason)
    length = min(longest, max(MIN_MODEL_LEN, 1 << room.bit_length() >> 1))
    beside = max(0, cache_tokens - length) // typical
    return number, Advice("max_model_len", length, f"a document of so many leaves room for {beside:,} of {typical:,}")
