"""What a model's files say of its size: the longest context, what a token takes in the KV cache, what weights take.

From config.json alone, as `transformers` writes it for decoders with attention in every layer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OVERHEAD_BYTES = 4 << 30
"""What vLLM takes on a GPU beside weights and KV cache: activations of one step, CUDA graphs, the context."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Context in tokens, numbers that a token takes in the KV cache, bytes of the weights as the files hold them."""

    max_context: int
    kv_values_per_token: int
    weights_bytes: int

    def cache_tokens(self, gpu_bytes: float, bytes_per_value: int) -> int:
        """Tokens that the KV cache holds in so much of GPU memory."""
        free = gpu_bytes - self.weights_bytes - OVERHEAD_BYTES
        return max(0, int(free / (self.kv_values_per_token * bytes_per_value)))


def model_facts(directory: Path) -> ModelFacts | None:
    """The facts of a local model; None if its config.json does not tell them."""
    try:
        config: dict[str, Any] = json.loads((directory / "config.json").read_text("utf-8"))
        heads = config["num_attention_heads"]
        head_dim = config.get("head_dim") or config["hidden_size"] // heads
        values = 2 * config["num_hidden_layers"] * config.get("num_key_value_heads", heads) * head_dim
        context = int(config["max_position_embeddings"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    weights = sum(file.stat().st_size for file in directory.glob("*.safetensors"))
    return ModelFacts(context, values, weights)
