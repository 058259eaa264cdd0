"""facts: what config.json tells of context and KV cache."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qwen_batch.engine.model.facts import OVERHEAD_BYTES, ModelFacts, model_facts

QWEN3_4B = {
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "hidden_size": 2560,
    "max_position_embeddings": 262_144,
}


def test_qwen3_4b_takes_144_kib_of_cache_a_token(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(QWEN3_4B))
    (tmp_path / "model.safetensors").write_bytes(b"0" * 1000)
    facts = model_facts(tmp_path)
    assert facts == ModelFacts(262_144, 73_728, 1000)
    assert facts.kv_values_per_token * 2 == 144 << 10
    assert facts.cache_tokens(OVERHEAD_BYTES + 1000 + 147_456 * 10, 2) == 10
    assert facts.cache_tokens(0, 2) == 0


def test_the_size_of_a_head_follows_from_the_others(tmp_path: Path) -> None:
    config = {key: value for key, value in QWEN3_4B.items() if key != "head_dim"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    facts = model_facts(tmp_path)
    assert facts is not None
    assert facts.kv_values_per_token == 2 * 36 * 8 * 80


@pytest.mark.parametrize("text", ["{}", "no json", None])
def test_other_models_tell_nothing(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "config.json").write_text(text)
    assert model_facts(tmp_path) is None
