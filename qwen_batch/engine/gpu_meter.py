"""Reads what this process's GPUs do, once a second, through NVIDIA's management library. Alone imports pynvml.

Busy is NVML's share of the last sample period in which a kernel ran; energy is the driver's own counter where the GPU
has one (Volta and later), else power added up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from qwen_batch.engine.devices import visible_gpus
from qwen_batch.engine.usage import GpuUsage

SAMPLE_S = 1.0
MILLI = 1000


@dataclass(slots=True)
class _Sums:
    """Totals over the samples so far, of all GPUs."""

    work_s: float = 0.0
    busy_s: float = 0.0
    energy_j: float = 0.0
    memory_bytes: int = 0
    busy: float = 0.0
    power_w: float = 0.0


class GpuMeter:
    """Samples in a thread of its own to the end of its process. `devices` are NVML handles."""

    def __init__(self, nvml: Any, devices: Sequence[Any]) -> None:
        self._nvml = nvml
        self._devices = devices
        self._sums = _Sums()
        self._began_s = self._last_s = time.monotonic()
        self._last_mj = [self._energy_mj(device) for device in devices]
        self._works = False
        threading.Thread(target=self._run, name="gpu-meter", daemon=True).start()

    def works(self) -> None:
        """The first prompt is there: from now on an idle GPU counts as idle."""
        self._works = True

    def usage(self) -> GpuUsage:
        """Totals up to the last sample."""
        sums = self._sums
        return GpuUsage(
            gpus=len(self._devices),
            held_s=(self._last_s - self._began_s) * len(self._devices),
            work_s=sums.work_s,
            busy_s=sums.busy_s,
            energy_j=sums.energy_j,
            busy=sums.busy,
            memory_bytes=sums.memory_bytes,
            power_w=sums.power_w,
        )

    def _run(self) -> None:
        with suppress(self._nvml.NVMLError):  # a driver that stops telling ends the sampling, not the run
            while True:
                time.sleep(SAMPLE_S)
                self.sample()

    def sample(self) -> None:
        """Reads all GPUs once and adds the time since the last reading."""
        now_s = time.monotonic()
        seconds, self._last_s = now_s - self._last_s, now_s
        sums, nvml = self._sums, self._nvml
        shares = [nvml.nvmlDeviceGetUtilizationRates(device).gpu / 100 for device in self._devices]
        powers = [nvml.nvmlDeviceGetPowerUsage(device) / MILLI for device in self._devices]
        memory = max(nvml.nvmlDeviceGetMemoryInfo(device).used for device in self._devices)
        energies = [self._energy_mj(device) for device in self._devices]
        for before, after, power in zip(self._last_mj, energies, powers, strict=True):
            sums.energy_j += power * seconds if before is None or after is None else (after - before) / MILLI
        self._last_mj = energies
        sums.busy, sums.power_w = sum(shares) / len(shares), sum(powers)
        sums.memory_bytes = max(sums.memory_bytes, memory)
        if self._works:
            sums.work_s += seconds * len(shares)
            sums.busy_s += seconds * sum(shares)

    def _energy_mj(self, device: Any) -> int | None:
        try:
            return int(self._nvml.nvmlDeviceGetTotalEnergyConsumption(device))
        except self._nvml.NVMLError:
            return None


def start_gpu_meter(gpus: int) -> GpuMeter | None:
    """A meter of the first `gpus` GPUs that this process may use; None without GPUs or a driver that tells."""
    if not gpus:
        return None
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        devices = visible_devices(pynvml, visible_gpus())[:gpus]
        return GpuMeter(pynvml, devices) if devices else None
    except pynvml.NVMLError:
        return None


def visible_devices(nvml: Any, visible: Sequence[str] | None) -> list[Any]:
    """NVML's handles of GPUs by number or UUID; of all for None."""
    if visible is None:
        return [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(nvml.nvmlDeviceGetCount())]
    return [
        nvml.nvmlDeviceGetHandleByIndex(int(name)) if name.isdigit() else nvml.nvmlDeviceGetHandleByUUID(name)
        for name in visible
    ]
