"""The engine starts a process of its own that would live for a day, as vLLM's core process would."""

from __future__ import annotations

import subprocess

MODULE = "qwen_batch.engine.kinds.null"
CHILD = ["sleep", "86399"]


def apply(module) -> None:
    original = module.ENGINE.start

    def start(plan):
        subprocess.Popen(CHILD)
        return original(plan)

    object.__setattr__(module.ENGINE, "start", start)
