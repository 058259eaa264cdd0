"""The tensors of a quantised model file as bfloat16 in a safetensors file, one after the other.

Needs numpy and gguf alone; no model is built, and no more than a tensor is ever in memory. Knows
the names of models that are built like Qwen2 and Qwen3, whose tensors llama.cpp stores as they are.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwen_batch.errors import ModelError

if TYPE_CHECKING:
    import numpy as np

ARCHITECTURES = ("qwen2", "qwen3")
OUTER = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
IN_BLOCK = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_BLOCK = re.compile(r"blk\.(\d+)\.(\w+)\.(weight|bias)")
BFLOAT16_BYTES = 2
ALIGNMENT_BYTES = 8
ROWS_AT_ONCE = 4096
"""So many rows of a tensor are numbers of 32 bits at a time: they stay small, and two cores share a large tensor."""


def convert_tensors(source: Path, target: Path) -> None:
    """Writes the tensors of `source` to `target`. Raises ModelError for a model of another build."""
    from gguf import GGUFReader

    reader = GGUFReader(source)
    architecture = str(reader.fields["general.architecture"].contents())
    if architecture not in ARCHITECTURES:
        raise ModelError(
            f"{source.name}: a model of the kind {architecture}", f"take one of {' or '.join(ARCHITECTURES)}"
        )
    named = {hugging_face_name(tensor.name): tensor for tensor in reader.tensors}
    with target.open("wb") as file, ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
        file.write(safetensors_header({name: tuple(map(int, reversed(one.shape))) for name, one in named.items()}))
        for tensor in named.values():
            file.writelines(_bfloat16_parts(tensor.data, tensor.tensor_type, threads))


def safetensors_header(shapes: Mapping[str, Sequence[int]]) -> bytes:
    """What a safetensors file of bfloat16 tensors begins with: their bytes follow, in this order.

    https://github.com/huggingface/safetensors#format
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        begin, end = end, end + math.prod(shape) * BFLOAT16_BYTES
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % ALIGNMENT_BYTES)
    return len(text).to_bytes(ALIGNMENT_BYTES, "little") + text


def hugging_face_name(name: str) -> str:
    """What transformers calls a tensor. Raises ModelError for one that is not known."""
    if found := _BLOCK.fullmatch(name):
        number, part, kind = found.groups()
        if part in IN_BLOCK:
            return f"model.layers.{number}.{IN_BLOCK[part]}.{kind}"
    part, _, kind = name.partition(".")
    if part in OUTER and kind == "weight":
        return f"{OUTER[part]}.{kind}"
    raise ModelError(f"the tensor {name} is not known", "take a model that is built like Qwen2 or Qwen3")


def to_bfloat16(numbers: np.ndarray) -> np.ndarray:
    """Numbers of 32 bits as the bits of the nearest bfloat16, of two equally near ones the even."""
    import numpy as np

    bits = np.ascontiguousarray(numbers, np.float32).view(np.uint32)
    odd = (bits >> np.uint32(16)) & np.uint32(1)
    return ((bits + odd + np.uint32(0x7FFF)) >> np.uint32(16)).astype(np.uint16)


def _bfloat16_parts(data: np.ndarray, kind: Any, threads: Executor) -> Iterator[bytes]:
    """Rows of blocks, or of plain numbers, as the bits of bfloat16."""
    from gguf import dequantize

    rows = data.reshape(-1, data.shape[-1])

    def part(first: int) -> bytes:
        return to_bfloat16(dequantize(rows[first : first + ROWS_AT_ONCE], kind)).tobytes()

    return threads.map(part, range(0, len(rows), ROWS_AT_ONCE))  # numpy counts without the interpreter


if __name__ == "__main__":
    convert_tensors(Path(sys.argv[1]), Path(sys.argv[2]))
