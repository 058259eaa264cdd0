"""An engine of the model UNREADABLE fails at its start with an error that nobody foresaw."""

from __future__ import annotations

import struct

MODULE = "qwen_batch.engine.kinds.null"
UNREADABLE = "unreadable"


def apply(module) -> None:
    original = module.ENGINE.start

    def start(plan):
        if plan.model == UNREADABLE:
            struct.unpack("<Q", b"")
        return original(plan)

    object.__setattr__(module.ENGINE, "start", start)
