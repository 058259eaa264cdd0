"""Documents with this text find the engine dead, as vLLM's is when its core process has gone."""

from __future__ import annotations

MODULE = "qwen_batch.engines.null"
MARK = "This document finds the engine dead."
WORDS = "the core process ran out of memory"


def apply(module) -> None:
    from qwen_batch.errors import EngineError

    original = module.NullEngine.generate

    async def generate(self, shard):
        if any(MARK in prompt.chunk.text for prompt in shard):
            raise EngineError(WORDS)
        return await original(self, shard)

    module.NullEngine.generate = generate
