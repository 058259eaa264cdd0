"""Where things lie on the user's machine, outside of inputs and outputs."""

from __future__ import annotations

import os
from pathlib import Path


def cache_directory() -> Path:
    """The user's cache folder for this program."""
    configured = os.environ.get("XDG_CACHE_HOME", "")  # relative ones are to be ignored, says its specification
    base = Path(configured) if Path(configured).is_absolute() else Path.home() / ".cache"
    return base / "qwen_batch"
