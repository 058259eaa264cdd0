"""The reading child of a worker process, started before the worker has loaded what it needs itself.

Imports nothing large: that is why it is a module of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qwen_batch.reading.isolate.isolator import Isolator

_STARTED: list[Isolator] = []


@dataclass(frozen=True, slots=True)
class ReadingChild:
    """How a reading child is started: its limits, what it loads, and the documents to come if it is fenced."""

    timeout_s: float
    memory_mb: int
    ahead: str
    fenced: bool
    documents: tuple[Path, ...]


def start_reading_child(how: ReadingChild) -> None:
    """Starts a child and does not wait for it."""
    isolator = Isolator(how.timeout_s, how.memory_mb, how.ahead, fenced=how.fenced)
    isolator.start(how.documents)
    _STARTED.append(isolator)


def started_child() -> Isolator | None:
    """The child that was started ahead, for its one user."""
    return _STARTED.pop() if _STARTED else None
