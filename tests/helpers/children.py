"""Reading children that stay: a test that needs one, and none of its own, does not wait for it to start."""

from __future__ import annotations

import atexit
import os
from dataclasses import replace
from functools import cache

from qwen_batch.reading.document_to_text import ReadTools
from qwen_batch.reading.isolate.isolator import Isolator


def warm_isolator(timeout_s: float = 300, memory_mb: int = 4096) -> Isolator:
    """The one child with these limits that finds the programs that this process finds; it ends with this process."""
    return _warm_isolator(timeout_s, memory_mb, os.environ["PATH"])


@cache
def _warm_isolator(timeout_s: float, memory_mb: int, _path: str) -> Isolator:
    isolator = Isolator(timeout_s, memory_mb)
    atexit.register(isolator.close)
    return isolator


def warm(tools: ReadTools) -> ReadTools:
    """Tools with a child that stays; whoever takes them must not close it."""
    return replace(tools, isolator=warm_isolator(tools.isolator.timeout_s, tools.isolator.memory_mb))
