"""A document with this text ends the engine's process; answers take a moment, so that others are in it."""

from __future__ import annotations

import asyncio
import os

MODULE = "qwen_batch.engine.kinds.null"
MARK = "This document kills its engine."
ANSWER_S = 0.2


def apply(module) -> None:
    original = module.NullEngine.generate

    async def generate(self, shard):
        await asyncio.sleep(ANSWER_S)
        if any(MARK in prompt.chunk.text for prompt in shard):
            os._exit(9)
        return await original(self, shard)

    module.NullEngine.generate = generate
