"""How the reading benchmarks read: as a run does, without the cache, and with time for odd files."""

from __future__ import annotations

from qwen_batch.config import Config

CONFIG = Config.model_validate({"cache": {"enabled": False}, "read": {"timeout_s": 60}})
POINTS_PER_INCH = 72
