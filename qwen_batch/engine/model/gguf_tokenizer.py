"""The tokenizer and the settings of a quantised model file, as transformers reads them from it; no tensor is touched.

Runs as `python -m qwen_batch.engine.model.gguf_tokenizer SOURCE TARGET`, beside the tensors.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path


def convert_settings(source: Path, target: Path) -> None:
    """Writes config, generation config, tokenizer and chat template into the directory `target`."""
    import gguf
    from transformers import AutoConfig, AutoTokenizer, GenerationConfig
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    # transformers opens the file for each of the two, and each time its 150,000 tokens are looked at one by one
    gguf.GGUFReader = lru_cache(gguf.GGUFReader)  # type: ignore[misc,assignment]
    folder, file = str(source.parent), source.name
    config = AutoConfig.from_pretrained(folder, gguf_file=file)
    config.architectures = [MODEL_FOR_CAUSAL_LM_MAPPING_NAMES[config.model_type]]
    config.dtype = "bfloat16"
    config.save_pretrained(target)
    GenerationConfig.from_model_config(config).save_pretrained(target)
    AutoTokenizer.from_pretrained(folder, gguf_file=file).save_pretrained(target)


if __name__ == "__main__":
    convert_settings(Path(sys.argv[1]), Path(sys.argv[2]))
