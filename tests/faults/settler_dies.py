"""A document with this text ends the worker that merges its answers."""

from __future__ import annotations

import os
import signal

MODULE = "qwen_batch.evidence.ground"
MARK = "This document kills its settler."


def apply(module) -> None:
    original = module.text_to_index

    def text_to_index(text):
        if MARK in text:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(text)

    module.text_to_index = text_to_index
