"""Documents with these texts meet an error: an engine that is dead, as vLLM is without its core process, or another."""

from __future__ import annotations

MODULE = "qwen_batch.engine.kinds.null"
FINDS_IT_DEAD = "This document finds the engine dead."
MEETS_AN_ERROR = "This document meets an error in the engine."


def apply(module) -> None:
    from qwen_batch.errors import EngineError

    errors = {
        FINDS_IT_DEAD: EngineError("the core process ran out of memory"),
        MEETS_AN_ERROR: LookupError("no such token: 17"),
    }
    original = module.NullEngine.generate

    async def generate(self, shard):
        for mark, error in errors.items():
            if any(mark in prompt.chunk.text for prompt in shard):
                raise error
        return await original(self, shard)

    module.NullEngine.generate = generate
