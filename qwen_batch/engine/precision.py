"""What the weights are held in: the checkpoint's own quantisation, or one that vLLM makes while it loads.

A helper of the package, not an engine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from qwen_batch.config import EngineSettings
from qwen_batch.errors import ConfigError, ModelError

DTYPES = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}
TIMES_SMALLER = {"fp8": 2, "int4": 4}
"""Weights that vLLM quantises while it loads, to the 16-bit ones in the files."""
KV_VALUE_BYTES = {"auto": 2, "fp8": 1}
"""What each number of a GPU's KV cache takes, by `engine.kv_cache`."""
_NAMES = {dtype: name for name, dtype in DTYPES.items()}
_FP8_METHODS = frozenset({"fp8", "fbgemm_fp8"})


@dataclass(frozen=True, slots=True)
class WeightsPrecision:
    """`name` is for people and the manifest; `quantization` is vLLM's word, None where the checkpoint says it."""

    name: str
    dtype: str
    quantization: str | None


def weights_precision(settings: EngineSettings, model: str, *, gpu: bool, cpu_dtype: str) -> WeightsPrecision:
    """The precision of the settings for this model. Raises ConfigError or ModelError if it is not to be had."""
    asked = settings.precision
    dtype = DTYPES.get(asked, "bfloat16" if gpu else cpu_dtype)
    if not gpu and (asked in {"fp8", "int4"} or settings.kv_cache == "fp8"):
        key = "precision" if asked in {"fp8", "int4"} else "kv_cache"
        value = getattr(settings, key)
        raise ConfigError(
            f"engine.{key}: {value} needs a GPU, and this machine shows none", f"set engine.{key} to auto"
        )
    own = checkpoint_quantization(model)
    if own is not None:
        bits = own.split(" ")[0]
        if asked not in {"auto", bits}:
            raise ModelError(
                f"engine.precision: {asked}, but the checkpoint {model} is quantised to {own} already",
                "leave engine.precision at auto, or name the checkpoint that is not quantised",
            )
        return WeightsPrecision(own, dtype, None)
    if asked == "fp8":
        return WeightsPrecision("fp8", dtype, "fp8")
    if asked == "int4":
        if find_spec("bitsandbytes") is None:
            raise ConfigError(
                f"engine.precision: int4, but {model} is not quantised and bitsandbytes is not installed",
                "name a checkpoint in AWQ, GPTQ or compressed-tensors format, or `pip install bitsandbytes`",
            )
        return WeightsPrecision("int4 (bitsandbytes)", dtype, "bitsandbytes")
    return WeightsPrecision(_NAMES.get(dtype, dtype), dtype, None)


def loaded_bytes(settings: EngineSettings, model: Path, file_bytes: int) -> int:
    """What weights take in memory whose files take so much: less where vLLM quantises 16-bit ones while it loads."""
    smaller = TIMES_SMALLER.get(settings.precision, 1) if checkpoint_quantization(str(model)) is None else 1
    return file_bytes // smaller


def checkpoint_quantization(model: str) -> str | None:
    """How a local checkpoint is quantised, such as "int4 (awq)" or "fp8 (compressed-tensors)"; None if it is not."""
    file = Path(model, "config.json")
    try:
        config: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    quantised = config.get("quantization_config") or config.get("compression_config")
    if not quantised:
        return None
    method = str(quantised.get("quant_method", "unknown"))
    return f"{_bits(quantised, method)} ({method})"


def _bits(quantised: dict[str, Any], method: str) -> str:
    groups = quantised.get("config_groups") or {}
    weights: dict[str, Any] = next((group.get("weights") or {} for group in groups.values()), {})
    if method in _FP8_METHODS or weights.get("type") == "float":
        return "fp8"
    return f"int{weights.get('num_bits') or quantised.get('bits') or quantised.get('w_bit') or 4}"
