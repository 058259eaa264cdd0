"""What a run records about itself, put together: versions, settings, model, counts. Writes no file."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qwen_batch.config import Config
from qwen_batch.engine.engine import ENGINES
from qwen_batch.engine.usage import usage_facts
from qwen_batch.output.manifest import RunManifest, SourceState
from qwen_batch.packages import __version__, package_versions
from qwen_batch.reading.ocr.engine import OCR_ENGINES
from qwen_batch.reading.parts.reader import all_readers
from qwen_batch.run.progress import Counts

PACKAGES = ("ray", "pyarrow", "pydantic")
"""Beside those that the engine, the OCR engine and the readers name."""
GIT_TIMEOUT_S = 5
NO_COUNTS = {"engines", "at_once"}


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the manifest is made from; `about` says what was asked, of which engine and model.

    `left` is how many documents were not done because the run had to stop, `execution` what ran the stages,
    `part_of` the run that goes on after it.
    """

    run_id: str
    started: datetime
    inputs: tuple[str, ...]
    config: Config
    about: dict[str, Any]
    documents: int
    left: int
    counts: Counts
    failure_codes: dict[str, int] = field(default_factory=dict)
    skips: dict[str, int] = field(default_factory=dict)
    execution: str | None = None
    messages: tuple[str, ...] = ()
    part_of: str | None = None


def run_manifest(facts: RunFacts) -> RunManifest:
    """The manifest of a run that ends now, without its rows: these are counted as they are published."""
    usage = facts.counts.usage
    counts = {key: value for key, value in asdict(facts.counts).items() if key not in NO_COUNTS}
    used = {"counts": counts, "usage": usage_facts(usage, facts.counts.pages) if usage else None}
    return RunManifest(
        run_id=facts.run_id,
        started=facts.started,
        finished=datetime.now(UTC),
        inputs=facts.inputs,
        documents=facts.documents,
        left=facts.left,
        **({"part_of": facts.part_of} if facts.part_of else used),
        failures_by_code=facts.failure_codes,
        skips_by_job=facts.skips,
        messages=facts.messages,
        execution=facts.execution,
        config=facts.config.model_dump(mode="json"),
        versions={
            "qwen_batch": __version__,
            "python": platform.python_version(),
            **package_versions(packages_of(facts.config)),
        },
        source=_source_state(),
        **facts.about,
    )


def packages_of(config: Config) -> tuple[str, ...]:
    """The distributions whose versions shape a run with these settings."""
    engines = (*ENGINES.load(config.engine.kind).packages, *OCR_ENGINES.load(config.ocr.engine).packages)
    readers = (package for reader in all_readers() for package in reader.packages)
    return tuple(dict.fromkeys((*PACKAGES, *engines, *readers)))


def _source_state() -> SourceState | None:
    """Commit and dirty flag when the program runs from a checkout, else None."""
    folder = Path(__file__).parent
    try:
        commit = _git(folder, "rev-parse", "HEAD")
        return SourceState(commit=commit, dirty=bool(_git(folder, "status", "--porcelain", "--", ".")))
    except (OSError, subprocess.SubprocessError):
        return None


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=GIT_TIMEOUT_S, check=True
    )
    return done.stdout.strip()
