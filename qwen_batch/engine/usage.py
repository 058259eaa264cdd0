"""What a run's engines have used so far: GPU time, energy and memory, prompts and tokens, the prefix cache.

Values alone, and their sums; `gpu_meter` reads the GPUs, the engine's actor counts prompts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

JOULES_PER_KWH = 3_600_000
PAGES = 1000
"""What GPU time and energy are given for."""


@dataclass(frozen=True, slots=True)
class GpuUsage:
    """What the GPUs of one engine did since it was asked to start; `gpus` of them, times and energy summed over all.

    `held_s` is GPU time from the engine's start, loading included, `work_s` that from its first prompt on, and
    `busy_s` the part of it in which a kernel ran. `busy` is the share of the last second, `memory_bytes` the most
    that was taken on one GPU, `power_w` all of them now.
    """

    gpus: int
    held_s: float
    work_s: float
    busy_s: float
    energy_j: float
    busy: float
    memory_bytes: int
    power_w: float


@dataclass(frozen=True, slots=True)
class EngineUsage:
    """One engine process: totals since it began; prompts `waiting` and `running` now, `waiting_most` at any time.

    An engine that is started again is another `process` of the same `engine`. This was said at `told_s`, in seconds
    since the epoch; `start_s` is how long its start took, `work_s` how long ago its first prompts came, and `busy_s`
    how long there have been prompts in it since, in seconds.
    `gpu` is None for an engine without GPUs of its own, or whose driver does not tell. `context_used` is the longest
    prompt with its answer so far, of the `context_tokens` that the engine was started with.
    """

    engine: str
    process: int
    told_s: float
    start_s: float
    work_s: float
    prompts: int
    prompt_tokens: int
    cached_tokens: int
    output_tokens: int
    waiting: int
    running: int
    waiting_most: int = 0
    busy_s: float = 0.0
    gpu: GpuUsage | None = None
    context_tokens: int = 0
    context_used: int = 0


@dataclass(frozen=True, slots=True)
class RunUsage:
    """All engines of a run together. Shares are between 0 and 1, None where nothing was measured.

    Totals are those of all processes; `engines`, `gpus` and what is so now are of those that have not been replaced.
    `work_s` is how long ago the first of them had its first prompts, and rates are over that time. `busy_s` is how long
    one of them had prompts, on average.
    """

    engines: int
    restarts: int
    start_s: float
    work_s: float
    prompts: int
    prompt_tokens_per_s: float | None
    output_tokens_per_s: float | None
    gpus: int
    gpu_seconds: float | None
    gpu_busy: float | None
    gpu_busy_now: float | None
    gpu_memory_bytes: int | None
    power_w: float | None
    energy_j: float | None
    waiting: int
    running: int
    waiting_most: int
    cache_hits: float | None
    context_tokens: int = 0
    context_used: int = 0
    busy_s: float = 0.0

    def per_1000_pages(self, pages: int) -> dict[str, float]:
        """GPU-seconds and watt-hours that a thousand pages take; empty where neither is known."""
        if not pages or self.gpu_seconds is None or self.energy_j is None:
            return {}
        watt_hours = self.energy_j / JOULES_PER_KWH * 1000
        return {"gpu_seconds": self.gpu_seconds / pages * PAGES, "watt_hours": watt_hours / pages * PAGES}


def run_usage(engines: Iterable[EngineUsage]) -> RunUsage | None:
    """The sum of the last word of every process; None before any has spoken."""
    known = sorted(engines, key=lambda one: one.told_s)
    if not known:
        return None
    newest = list({one.engine: one for one in known}.values())
    gpus = [one.gpu for one in known if one.gpu is not None]
    gpus_now = [one.gpu for one in newest if one.gpu is not None]
    read = sum(one.prompt_tokens for one in known)
    seconds = _spanned_s(known)
    work_s = sum(gpu.work_s for gpu in gpus)
    count = sum(gpu.gpus for gpu in gpus_now)
    return RunUsage(
        engines=len(newest),
        restarts=len(known) - len(newest),
        start_s=max(one.start_s for one in known),
        work_s=seconds,
        prompts=sum(one.prompts for one in known),
        prompt_tokens_per_s=read / seconds if seconds else None,
        output_tokens_per_s=sum(one.output_tokens for one in known) / seconds if seconds else None,
        gpus=count,
        gpu_seconds=sum(gpu.held_s for gpu in gpus) if gpus else None,
        gpu_busy=sum(gpu.busy_s for gpu in gpus) / work_s if work_s else None,
        gpu_busy_now=sum(gpu.busy * gpu.gpus for gpu in gpus_now) / count if count else None,
        gpu_memory_bytes=max((gpu.memory_bytes for gpu in gpus), default=None),
        power_w=sum(gpu.power_w for gpu in gpus_now) if gpus_now else None,
        energy_j=sum(gpu.energy_j for gpu in gpus) if gpus else None,
        waiting=sum(one.waiting for one in newest),
        running=sum(one.running for one in newest),
        waiting_most=max(one.waiting_most for one in known),
        cache_hits=sum(one.cached_tokens for one in known) / read if read else None,
        context_tokens=max(one.context_tokens for one in newest),
        context_used=max(one.context_used for one in known),
        busy_s=sum(one.busy_s for one in known) / len(newest),
    )


def _spanned_s(engines: Sequence[EngineUsage]) -> float:
    """From the first prompts of any process to the last word of any."""
    working = [one for one in engines if one.work_s]
    return max(one.told_s for one in working) - min(one.told_s - one.work_s for one in working) if working else 0.0


def usage_facts(usage: RunUsage, pages: int) -> dict[str, Any]:
    """What a run manifest says of it: totals, and what a thousand pages took."""
    facts = {
        "engines": usage.engines,
        "engine_restarts": usage.restarts,
        "engine_start_s": usage.start_s,
        "engine_work_s": usage.work_s,
        "engine_busy_s": usage.busy_s,
        "prompt_tokens_per_s": usage.prompt_tokens_per_s,
        "output_tokens_per_s": usage.output_tokens_per_s,
        "prompts_waiting_most": usage.waiting_most,
        "gpus": usage.gpus,
        "gpu_seconds": usage.gpu_seconds,
        "gpu_busy": usage.gpu_busy,
        "gpu_memory_peak_bytes": usage.gpu_memory_bytes,
        "energy_j": usage.energy_j,
        "prefix_cache_hits": usage.cache_hits,
        "per_1000_pages": usage.per_1000_pages(pages),
    }
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in facts.items()}


def usage_now(usage: RunUsage) -> str:
    """What a progress line says of the engines now; empty while there is nothing to say."""
    parts = []
    if usage.gpu_busy_now is not None and usage.gpu_memory_bytes is not None and usage.power_w is not None:
        memory = f"{usage.gpu_memory_bytes / (1 << 30):.0f} GiB"
        parts.append(f"GPU {usage.gpu_busy_now:.0%} {memory} {usage.power_w:.0f} W")
    if usage.context_used:
        parts.append(f"context {usage.context_used:,} of {usage.context_tokens:,}")
    if usage.cache_hits is not None:
        parts.append(f"prefix cache {usage.cache_hits:.0%}")
    if usage.running or usage.waiting:
        parts.append(f"{usage.running} prompts in the engine and {usage.waiting} waiting")
    return ", ".join(parts)
