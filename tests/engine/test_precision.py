"""precision: what the weights are held in, told from the settings and the checkpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qwen_batch.config import EngineSettings
from qwen_batch.engine.precision import WeightsPrecision, checkpoint_quantization, weights_precision
from qwen_batch.errors import ConfigError, ModelError

AWQ = {"quant_method": "awq", "bits": 4, "group_size": 128}
GPTQ_8 = {"quant_method": "gptq", "bits": 8}
FP8 = {"quant_method": "fp8", "activation_scheme": "dynamic"}
PACKED = {
    "quant_method": "compressed-tensors",
    "config_groups": {"group_0": {"weights": {"num_bits": 4, "type": "int"}}},
}
FLOAT = {
    "quant_method": "compressed-tensors",
    "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "float"}}},
}


@pytest.fixture
def plain(tmp_path: Path) -> str:
    (tmp_path / "config.json").write_text("{}")
    return str(tmp_path)


def quantised(folder: Path, quantization: dict[str, Any]) -> str:
    (folder / "config.json").write_text(json.dumps({"quantization_config": quantization}))
    return str(folder)


def of(model: str, *, gpu: bool = True, **settings: Any) -> WeightsPrecision:
    return weights_precision(EngineSettings(**settings), model, gpu=gpu, cpu_dtype="float32")


@pytest.mark.parametrize(
    ("quantization", "name"),
    [
        (AWQ, "int4 (awq)"),
        (GPTQ_8, "int8 (gptq)"),
        (FP8, "fp8 (fp8)"),
        (PACKED, "int4 (compressed-tensors)"),
        (FLOAT, "fp8 (compressed-tensors)"),
    ],
)
def test_a_quantised_checkpoint_is_taken_as_it_is(tmp_path: Path, quantization: dict[str, Any], name: str) -> None:
    model = quantised(tmp_path, quantization)
    assert checkpoint_quantization(model) == name
    assert of(model) == WeightsPrecision(name, "bfloat16", None)


def test_auto_loses_nothing(plain: str) -> None:
    assert of(plain) == WeightsPrecision("bf16", "bfloat16", None)
    assert of(plain, gpu=False) == WeightsPrecision("fp32", "float32", None)
    assert checkpoint_quantization("nobody/on-this-machine") is None


def test_what_was_asked_is_what_vllm_is_told(plain: str) -> None:
    assert of(plain, precision="fp8") == WeightsPrecision("fp8", "bfloat16", "fp8")
    assert of(plain, precision="fp16") == WeightsPrecision("fp16", "float16", None)
    assert of(plain, gpu=False, precision="bf16") == WeightsPrecision("bf16", "bfloat16", None)


@pytest.mark.parametrize(("key", "value"), [("precision", "fp8"), ("precision", "int4"), ("kv_cache", "fp8")])
def test_what_needs_a_gpu_is_refused_without_one(plain: str, key: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"engine\.{key}: {value} needs a GPU"):
        of(plain, gpu=False, **{key: value})


def test_int4_of_a_checkpoint_that_is_not_quantised_names_what_is_missing(plain: str) -> None:
    with pytest.raises(ConfigError, match="bitsandbytes is not installed") as raised:
        of(plain, precision="int4")
    assert "AWQ" in raised.value.remedy


def test_a_precision_that_the_checkpoint_does_not_have_is_refused(tmp_path: Path) -> None:
    model = quantised(tmp_path, AWQ)
    assert of(model, precision="int4").name == "int4 (awq)"
    with pytest.raises(ModelError, match=r"is quantised to int4 \(awq\) already"):
        of(model, precision="fp8")
