"""For measuring: every answer is QB_OUTPUT_TOKENS tokens long, whatever the model writes; prompts and times are kept.

The engine computes exactly that many tokens without a grammar; the pipeline gets the smallest valid answer instead of
the text, since random weights write none. QB_RECORD names a folder for the prompts' token ids and the times of the
answers. Applied by tests/faults/sitecustomize.py in the engine's process.
"""

from __future__ import annotations

import os
import pickle
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qwen_batch.records import Completion, Prompt

MODULE = "qwen_batch.engine.kinds.vllm"


def apply(module: Any) -> None:
    """Replaces the engine's way to generate."""
    from qwen_batch.engine.constraint import CONSTRAINT
    from qwen_batch.engine.kinds.null import smallest_instance

    tokens = int(os.environ["QB_OUTPUT_TOKENS"])
    folder = Path(os.environ["QB_RECORD"])
    original = module.VllmEngine.generate

    async def generate(self: Any, shard: Sequence[Prompt]) -> list[Completion]:
        if shard[0].job == CONSTRAINT:  # the engine's own question before the first document
            return await original(self, shard)
        began = time.time()
        fixed = [replace(one, json_schema=None, max_tokens=tokens, temperature=0.0) for one in shard]
        completions = await original(self, fixed)
        rows = [
            (began, time.time(), one.token_ids, done.output_tokens, done.cached_tokens, done.error)
            for one, done in zip(fixed, completions, strict=True)
        ]
        with (folder / f"{os.getpid()}.pickle").open("ab") as file:
            pickle.dump(rows, file)
        return [
            replace(done, text=smallest_instance(one.json_schema), finish_reason="stop", token_texts=(), logprobs=())
            for one, done in zip(shard, completions, strict=True)
        ]

    module.VllmEngine.generate = generate
