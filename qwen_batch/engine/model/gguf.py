"""Converting a quantised model file to a Hugging Face directory, and marking the directory complete.

torch and transformers are imported only in `convert`, which runs as
`python -m qwen_batch.gguf SOURCE TARGET` so that its memory goes away.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from qwen_batch.engine.model.fetch import GgufModel, run_or_raise

CONVERT_TIMEOUT_S = 1_800
MARKER = "qwen_batch.json"  # written last: a directory without it is unfinished


def convert_in_subprocess(source: Path, target: Path) -> None:
    """Writes bfloat16 weights, config and tokenizer into the directory `target`; about 80 s for 0.5B on two cores."""
    run_or_raise(
        [sys.executable, "-m", "qwen_batch.engine.model.gguf", str(source), str(target)],
        CONVERT_TIMEOUT_S,
        f"{source.name}: the conversion failed",
        "the packages of the cpu or gpu extra are needed, and 4 GB of free memory; then run `qwen-batch model pull`",
        {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"},
    )


def write_card(model: GgufModel, target: Path) -> None:
    """Writes what the directory holds and under which licence, and last of all the marker with the hash."""
    (target / "README.md").write_text(
        f"---\nlicense: {model.licence.lower()}\nbase_model: {model.base_model}\n---\n"
        f"# {model.name}\n\n"
        f"Licence: {model.licence}, as the original {model.base_model}.\n\n"
        f"Converted by qwen_batch from `{model.filename}` (Q4_K_M, sha256 {model.sha256}) to bfloat16: the precision "
        "is that of the four-bit file, not of the original weights.\n",
        "utf-8",
    )
    facts = {"name": model.name, "base_model": model.base_model, "license": model.licence, "sha256": model.sha256}
    unfinished = target / f"{MARKER}.part"
    with unfinished.open("w", encoding="utf-8") as file:
        json.dump(facts, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(target / MARKER)


def marked_sha256(target: Path) -> str | None:
    """The hash in the directory's marker; None for a directory that is missing, unfinished or not ours."""
    try:
        facts = json.loads((target / MARKER).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return facts.get("sha256") if isinstance(facts, dict) else None


def convert(source: Path, target: Path) -> None:
    """The conversion itself, in this process: needs torch, transformers, gguf and accelerate."""
    import torch
    import transformers

    folder, file = str(source.parent), source.name
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder,
        gguf_file=file,
        dtype=torch.bfloat16,
        quantization_config=transformers.GgufConfig(gguf_file=file, dequantize=True),
    )
    # The weights are plain now; with these left in, save_pretrained refuses and vLLM looks for a quantised model.
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(target)
    transformers.AutoTokenizer.from_pretrained(folder, gguf_file=file).save_pretrained(target)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
