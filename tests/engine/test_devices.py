"""devices: GPUs and number formats as the system and the driver tell them."""

from __future__ import annotations

import pytest

from qwen_batch.engine.devices import fastest_cpu_dtype, gpu_count, gpu_memory_bytes


@pytest.mark.parametrize(
    ("flags", "dtype"),
    [("fpu avx2", "float32"), ("avx512f avx512_bf16", "bfloat16"), ("amx_bf16 amx_tile", "bfloat16")],
)
def test_dtype_follows_the_cpu_flags(tmp_path, flags, dtype):
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n\nprocessor\t: 1\nflags\t\t: {flags}\n")
    assert fastest_cpu_dtype(tmp_path / "cpuinfo") == dtype
    assert fastest_cpu_dtype(tmp_path / "none") == "float32"


@pytest.mark.parametrize(("visible", "count"), [(None, 2), ("0", 1), ("0,1,2", 2), ("", 0), ("-1", 0)])
def test_gpus_are_those_that_the_driver_lists_and_the_process_may_see(tmp_path, monkeypatch, visible, count):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'GPU 0: NVIDIA H200 (UUID: a)'\necho 'GPU 1: NVIDIA H200 (UUID: b)'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert gpu_count() == count


@pytest.mark.parametrize(("said", "memory"), [("143771\n81559\n", 81_559 << 20), ("[N/A]\n", 0), ("", 0)])
def test_the_smallest_gpu_counts(tmp_path, monkeypatch, said, memory):
    (tmp_path / "said").write_text(said)
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\ncat {tmp_path / 'said'}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert gpu_memory_bytes() == memory
