"""Converting a quantised model file to a Hugging Face directory, and marking the directory complete.

Two processes do the work side by side, so that their memory goes away: one writes the tensors, one all the rest.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from qwen_batch.engine.model.fetch import GgufModel, run_or_raise

CONVERT_TIMEOUT_S = 1_800
WEIGHTS = "model.safetensors"
MARKER = "qwen_batch.json"  # written last: a directory without it is unfinished


def convert_in_subprocess(source: Path, target: Path) -> None:
    """Writes bfloat16 weights, config and tokenizer into the directory `target`; 37 CPU seconds for 0.5B."""
    target.mkdir(parents=True, exist_ok=True)

    def run(module: str, to: Path) -> None:
        run_or_raise(
            [sys.executable, "-m", f"qwen_batch.engine.model.{module}", str(source), str(to)],
            CONVERT_TIMEOUT_S,
            f"{source.name}: the conversion failed",
            "it needs the packages of the cpu or gpu extra and 2 GB of memory; then run `qwen-batch model pull`",
            {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"},
        )

    with ThreadPoolExecutor() as both:
        tensors = both.submit(run, "gguf_tensors", target / WEIGHTS)
        run("gguf_tokenizer", target)
        tensors.result()


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
