"""What an engine's actor tells of its use: to the driver with its answers, and to Ray's Prometheus endpoint."""

from __future__ import annotations

import os
import time
from typing import Any

from qwen_batch.engine.engine import EnginePlan
from qwen_batch.engine.gpu_meter import start_gpu_meter
from qwen_batch.engine.shards import Shards
from qwen_batch.engine.usage import EngineUsage

GAUGES = {
    "prompts_total": "Prompts answered",
    "prompt_tokens_total": "Prompt tokens read",
    "cached_tokens_total": "Prompt tokens found in the prefix cache",
    "output_tokens_total": "Tokens written",
    "prompts_waiting": "Prompts that wait for the engine",
    "prompts_running": "Prompts in the engine",
    "gpu_busy_ratio": "Share of the last second in which the GPU worked",
    "gpu_memory_bytes": "Most GPU memory taken so far",
    "gpu_power_watts": "Power of the engine's GPUs",
    "gpu_energy_joules_total": "Energy that the engine's GPUs took",
}
TELL_EVERY_S = 2.0


class UsageTeller:
    """From before the engine starts to its process's end; a restarted engine is another one."""

    def __init__(self, actor_id: str, plan: EnginePlan) -> None:
        self._engine, self._process = actor_id, os.getpid()
        self._context = plan.max_model_len
        self._meter = start_gpu_meter(plan.tensor_parallel if plan.gpus else 0)
        self._began_s = time.monotonic()
        self._start_s = 0.0
        self._worked_from_s: float | None = None
        self._gauges = _make_gauges()
        self._gauges_set_s = -TELL_EVERY_S
        self._waiting_most = 0

    def engine_is_up(self) -> None:
        """The engine has started."""
        self._start_s = time.monotonic() - self._began_s

    def prompts_come(self) -> None:
        """From the first call on an idle GPU counts as idle."""
        if self._worked_from_s is None:
            self._worked_from_s = time.monotonic()
            if self._meter:
                self._meter.works()

    def so_far(self, shards: Shards) -> EngineUsage:
        """Totals up to now of the engine behind `shards`; the gauges are set now and then."""
        traffic = shards.traffic
        now_s = time.monotonic()
        self._waiting_most = max(self._waiting_most, shards.waiting)
        usage = EngineUsage(
            engine=self._engine,
            process=self._process,
            told_s=time.time(),
            start_s=self._start_s,
            work_s=0.0 if self._worked_from_s is None else now_s - self._worked_from_s,
            prompts=traffic.prompts,
            prompt_tokens=traffic.prompt_tokens,
            cached_tokens=traffic.cached_tokens,
            output_tokens=traffic.output_tokens,
            waiting=shards.waiting,
            running=traffic.running,
            waiting_most=self._waiting_most,
            busy_s=traffic.busy_so_far_s(),
            gpu=self._meter.usage() if self._meter else None,
            context_tokens=self._context,
            context_used=traffic.longest_tokens,
        )
        if now_s - self._gauges_set_s >= TELL_EVERY_S:
            self._gauges_set_s = now_s
            self._tell(usage)
        return usage

    def _tell(self, usage: EngineUsage) -> None:
        values: dict[str, float] = {
            "prompts_total": usage.prompts,
            "prompt_tokens_total": usage.prompt_tokens,
            "cached_tokens_total": usage.cached_tokens,
            "output_tokens_total": usage.output_tokens,
            "prompts_waiting": usage.waiting,
            "prompts_running": usage.running,
        }
        if usage.gpu is not None:
            values |= {
                "gpu_busy_ratio": usage.gpu.busy,
                "gpu_memory_bytes": usage.gpu.memory_bytes,
                "gpu_power_watts": usage.gpu.power_w,
                "gpu_energy_joules_total": usage.gpu.energy_j,
            }
        for name, value in values.items():
            self._gauges[name].set(float(value), {"engine": f"{self._engine}-{self._process}"})


def _make_gauges() -> dict[str, Any]:
    from ray.util.metrics import Gauge

    return {
        name: Gauge(f"qwen_batch_{name}", description=description, tag_keys=("engine",))
        for name, description in GAUGES.items()
    }
