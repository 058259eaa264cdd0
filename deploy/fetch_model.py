"""Fetches the embedded model's file while the packages are installed: needs none of them. `model pull` converts it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from qwen_batch.engine.model.resolve import fetch_embedded
from qwen_batch.errors import QwenBatchError


def main() -> None:
    """Says each step on stderr; what fails here is tried again, and explained, by `qwen-batch model pull`."""
    try:
        fetch_embedded(lambda line: print(f"[model] {line}", file=sys.stderr, flush=True))
    except QwenBatchError as error:
        print(f"[model] {error.message}", file=sys.stderr)


if __name__ == "__main__":
    main()
