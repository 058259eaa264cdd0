"""gpu_meter: times and energy add up over samples; which GPUs are ours; a driver that stops telling."""

from __future__ import annotations

import sys
import time
from types import SimpleNamespace

import pytest

from qwen_batch.engine.gpu_meter import GpuMeter, start_gpu_meter, visible_devices


class FakeNvmlError(Exception):
    """What the fake driver raises."""


class FakeNvml:
    """A driver with four GPUs whose answers are set by the test. `counts_energy` is what older ones do not."""

    NVMLError = FakeNvmlError

    def __init__(self) -> None:
        self.busy, self.counts_energy, self.energy_mj = 50, True, 0

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 4

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:  # noqa: N802
        return f"GPU {index}"

    def nvmlDeviceGetHandleByUUID(self, name: str) -> str:  # noqa: N802
        return f"by {name}"

    def nvmlDeviceGetUtilizationRates(self, _device: str) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(gpu=self.busy)

    def nvmlDeviceGetPowerUsage(self, _device: str) -> int:  # noqa: N802
        return 400_000

    def nvmlDeviceGetMemoryInfo(self, device: str) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(used=7 if device == "GPU 0" else 9)

    def nvmlDeviceGetTotalEnergyConsumption(self, _device: str) -> int:  # noqa: N802
        if not self.counts_energy:
            raise FakeNvmlError("not supported")
        self.energy_mj += 5_000
        return self.energy_mj


def sampled_by_hand(nvml: FakeNvml, devices: list[str], monkeypatch: pytest.MonkeyPatch) -> GpuMeter:
    monkeypatch.setattr("qwen_batch.engine.gpu_meter.SAMPLE_S", 3600.0)
    return GpuMeter(nvml, devices)


def test_busy_time_counts_from_the_first_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = sampled_by_hand(FakeNvml(), ["GPU 0", "GPU 1"], monkeypatch)
    time.sleep(0.02)
    meter.sample()
    before = meter.usage()
    meter.works()
    time.sleep(0.02)
    meter.sample()
    after = meter.usage()
    assert before.held_s >= 0.04
    assert (before.work_s, before.busy_s) == (0.0, 0.0)
    assert after.work_s >= 0.04
    assert after.busy_s == pytest.approx(after.work_s / 2)
    assert (after.gpus, after.busy, after.memory_bytes, after.power_w) == (2, 0.5, 9, 800.0)


def test_energy_is_the_drivers_counter(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = sampled_by_hand(FakeNvml(), ["GPU 0"], monkeypatch)
    meter.sample()
    meter.sample()
    assert meter.usage().energy_j == pytest.approx(10.0)


def test_energy_without_a_counter_is_power_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = FakeNvml()
    nvml.counts_energy = False
    meter = sampled_by_hand(nvml, ["GPU 0"], monkeypatch)
    time.sleep(0.02)
    meter.sample()
    assert meter.usage().energy_j == pytest.approx(meter.usage().held_s * 400.0)


def test_devices_are_found_by_number_and_by_uuid() -> None:
    nvml = FakeNvml()
    assert visible_devices(nvml, ["2", "0"]) == ["GPU 2", "GPU 0"]
    assert visible_devices(nvml, ["GPU-4f", "1"]) == ["by GPU-4f", "GPU 1"]
    assert visible_devices(nvml, None) == ["GPU 0", "GPU 1", "GPU 2", "GPU 3"]


def test_without_a_driver_there_is_no_meter(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_driver() -> None:
        raise FakeNvmlError("no driver")

    monkeypatch.setitem(sys.modules, "pynvml", SimpleNamespace(NVMLError=FakeNvmlError, nvmlInit=no_driver))
    assert start_gpu_meter(0) is None
    assert start_gpu_meter(1) is None
