"""gguf_tensors and gguf_tokenizer: the same bits and the same files as transformers makes by loading the model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from qwen_batch.engine.model.gguf_tensors import (
    ROWS_AT_ONCE,
    convert_tensors,
    hugging_face_name,
    safetensors_header,
    to_bfloat16,
)
from qwen_batch.errors import ModelError

WIDE, BLOCK = 256, 64
VOCABULARY = ROWS_AT_ONCE + 3
"""More rows than are converted at a time, and not a multiple of them."""
HEADS = 2
SHAPES = {
    "token_embd.weight": (VOCABULARY, WIDE),
    "output.weight": (VOCABULARY, WIDE),
    "output_norm.weight": (WIDE,),
    "blk.0.attn_norm.weight": (WIDE,),
    "blk.0.ffn_norm.weight": (WIDE,),
    **{f"blk.0.attn_{part}.bias": (WIDE,) for part in "qkv"},
    **{f"blk.0.attn_{part}.weight": (WIDE, WIDE) for part in ("q", "k", "v", "output")},
    **{f"blk.0.ffn_{part}.weight": (WIDE, WIDE) for part in ("gate", "up", "down")},
}
"""One layer as llama.cpp stores it, the rows of each matrix first."""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Qwen2 of one layer with random numbers, as blocks of four, five, six and eight bits."""
    gguf = pytest.importorskip("gguf")
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_block_count(1)
    writer.add_context_length(512)
    writer.add_embedding_length(WIDE)
    writer.add_feed_forward_length(WIDE)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_freq_base(1_000_000.0)
    writer.add_layer_norm_rms_eps(1e-6)
    letters = ["a", "b", "c", "ab", "<|end|>"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(letters + [f"x{number}" for number in range(VOCABULARY - len(letters))])
    writer.add_token_types([1] * 4 + [3] + [1] * (VOCABULARY - len(letters)))
    writer.add_token_merges(["a b"])
    writer.add_eos_token_id(4)
    writer.add_pad_token_id(4)
    chance = np.random.default_rng(26)
    kinds = [gguf.GGMLQuantizationType[name] for name in ("Q4_0", "Q5_0", "Q8_0", "Q6_K", "Q4_K")]
    for number, (name, shape) in enumerate(SHAPES.items()):
        numbers = chance.normal(0, 0.3, shape).astype(np.float32)
        kind = kinds[number % len(kinds)]
        if len(shape) == 1:
            writer.add_tensor(name, numbers)
        elif kind.name.endswith("_K"):  # gguf reads these but does not write them: any bits are such blocks
            _, size = gguf.GGML_QUANT_SIZES[kind]
            blocks = chance.integers(0, 60, (shape[0], size), np.uint8)
            writer.add_tensor(name, blocks, raw_shape=blocks.shape, raw_dtype=kind)
        else:
            writer.add_tensor(name, gguf.quantize(numbers, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.vllm
def test_every_tensor_and_file_is_what_transformers_makes_of_the_loaded_model(tiny: Path, tmp_path: Path) -> None:
    transformers, torch = pytest.importorskip("transformers"), pytest.importorskip("torch")
    safetensors = pytest.importorskip("safetensors.torch")
    from qwen_batch.engine.model.gguf import convert_in_subprocess

    convert_in_subprocess(tiny, tmp_path / "new")
    old = tmp_path / "old"
    model = transformers.AutoModelForCausalLM.from_pretrained(
        str(tiny.parent),
        gguf_file=tiny.name,
        dtype=torch.bfloat16,
        quantization_config=transformers.GgufConfig(gguf_file=tiny.name, dequantize=True),
    )
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(old)
    transformers.AutoTokenizer.from_pretrained(str(tiny.parent), gguf_file=tiny.name).save_pretrained(old)
    assert names_in(tmp_path / "new") == names_in(old)
    for name in names_in(old) - {"model.safetensors"}:
        assert lines_of(tmp_path / "new" / name) == lines_of(old / name), name
    mine, theirs = (safetensors.load_file(folder / "model.safetensors") for folder in (tmp_path / "new", old))
    assert mine.keys() == theirs.keys()
    for name, tensor in theirs.items():
        assert mine[name].dtype == tensor.dtype == torch.bfloat16
        assert torch.equal(mine[name].view(torch.int16), tensor.view(torch.int16)), name


def names_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def lines_of(file: Path) -> list[str]:
    """Without what says whether the Hub could have been asked."""
    return [line for line in file.read_text("utf-8").splitlines() if "local_files_only" not in line]


def test_the_nearest_bfloat16_is_taken_and_the_even_one_of_two() -> None:
    bits = np.array([0x3F808000, 0x3F818000, 0x3F808001, 0x3F807FFF, 0xBF818000, 0x00000000], np.uint32)
    assert to_bfloat16(bits.view(np.float32)).tolist() == [0x3F80, 0x3F82, 0x3F81, 0x3F80, 0xBF82, 0]


def test_a_header_says_where_each_tensor_lies_and_is_aligned() -> None:
    header = safetensors_header({"a": (2, 3), "b": (5,)})
    size = int.from_bytes(header[:8], "little")
    assert len(header) == 8 + size
    assert size % 8 == 0
    told = json.loads(header[8:])
    assert [told[name]["data_offsets"] for name in "ab"] == [[0, 12], [12, 22]]


@pytest.mark.parametrize(
    "name", ["rope_freqs.weight", "blk.0.ffn_gate_exps.weight", "output.bias", "blk.x.attn_q.bias"]
)
def test_a_tensor_that_is_not_known_is_named(name: str) -> None:
    with pytest.raises(ModelError, match=name):
        hugging_face_name(name)


def test_a_model_of_another_build_is_refused(tmp_path: Path) -> None:
    gguf = pytest.importorskip("gguf")
    writer = gguf.GGUFWriter(tmp_path / "other.gguf", "llama")
    writer.add_tensor("output_norm.weight", np.zeros(32, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(ModelError, match="llama"):
        convert_tensors(tmp_path / "other.gguf", tmp_path / "out.safetensors")
