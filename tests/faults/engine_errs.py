"""Documents with this text meet an error in the engine that nobody foresaw."""

from __future__ import annotations

MODULE = "qwen_batch.engines.null"
MARK = "This document meets an error in the engine."


def apply(module) -> None:
    original = module.NullEngine.generate

    async def generate(self, shard):
        if any(MARK in prompt.chunk.text for prompt in shard):
            raise LookupError("no such token: 17")
        return await original(self, shard)

    module.NullEngine.generate = generate
