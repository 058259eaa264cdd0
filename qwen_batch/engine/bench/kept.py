"""The last bench of each model on this machine, kept in the user's cache folder: what a plan takes for rates.

A measurement that cannot be kept is printed all the same, and a file that does not read is none.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from qwen_batch.engine.bench.report import Report, report_to_json
from qwen_batch.folders import cache_directory


@dataclass(frozen=True, slots=True)
class KeptBench:
    """What one engine did: tokens a second, how long it took to start, and when; `gpus` are those it had."""

    measured: str
    tokens_in_a_s: float
    tokens_out_a_s: float
    start_s: float
    gpus: int


def keep_bench(report: Report) -> None:
    """Keeps it in place of the one before of the same model."""
    content = {"measured": datetime.now(UTC).isoformat(timespec="minutes"), **json.loads(report_to_json(report))}
    with suppress(OSError):
        path = _path(report.model)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".tmp")
        unfinished.write_text(json.dumps(content))
        unfinished.replace(path)


def kept_bench(model: str) -> KeptBench | None:
    """The last one of a model, as rows of a run name it."""
    try:
        content = json.loads(_path(model).read_text("utf-8"))
        full, plan = content["figures"]["full"], content["plan"]
        return KeptBench(
            measured=str(content["measured"]),
            tokens_in_a_s=float(full["input_tokens_per_s"]),
            tokens_out_a_s=float(full["output_tokens_per_s"]),
            start_s=float(content["figures"]["start_s"]),
            gpus=int(plan["gpus"]) // max(1, int(plan["replicas"])),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _path(model: str) -> Path:
    return cache_directory() / "bench" / f"{hashlib.sha256(model.encode()).hexdigest()[:16]}.json"
