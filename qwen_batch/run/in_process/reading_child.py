"""The reading child of a worker process, started before the worker has loaded what it needs itself.

Imports nothing large: that is why it is a module of its own.
"""

from __future__ import annotations

from qwen_batch.reading.isolate.isolator import Isolator

_STARTED: list[Isolator] = []


def start_reading_child(timeout_s: float, memory_mb: int, ahead: str) -> None:
    """Starts a child with these limits and does not wait for it."""
    isolator = Isolator(timeout_s, memory_mb, ahead)
    isolator.start()
    _STARTED.append(isolator)


def started_child() -> Isolator | None:
    """The child that was started ahead, for its one user."""
    return _STARTED.pop() if _STARTED else None
