"""The isolator that documents are read with, by the settings."""

from __future__ import annotations

from qwen_batch.config import ReadSettings
from qwen_batch.reading.isolate.isolator import Isolator


def new_isolator(settings: ReadSettings, ahead: str = "") -> Isolator:
    """With the limits of reading, fenced unless the settings say otherwise."""
    return Isolator(settings.timeout_s, settings.memory_mb, ahead, fenced=settings.sandbox)
