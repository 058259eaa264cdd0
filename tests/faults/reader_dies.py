"""A document with this text ends the reading actor itself, outside of the child that is there to die."""

from __future__ import annotations

import os
import signal

MODULE = "qwen_batch.asking.chunk"
MARK = "This document kills its reader."


def apply(module) -> None:
    original = module.document_to_chunks

    def document_to_chunks(clean, *arguments):
        if MARK in clean.text:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(clean, *arguments)

    module.document_to_chunks = document_to_chunks
