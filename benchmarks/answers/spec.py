"""Settings and job files as what the pipeline's stages need to know, without a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from qwen_batch.config_file import load_config
from qwen_batch.engine.choice import choose_engine
from qwen_batch.job.files import JobSource
from qwen_batch.run.document.spec import RunSpec

FINGERPRINT = "benchmark"


def files_to_spec(settings: Sequence[str], files: Iterable[Path]) -> RunSpec:
    """The spec for settings as section.key=value and the jobs in these files, by name."""
    config = load_config(None, tuple(settings))
    chosen = choose_engine(config)
    jobs = sorted(files)
    sources = tuple(JobSource(str(path), path.read_text("utf-8")) for path in jobs)
    fingerprints = dict.fromkeys((path.stem for path in jobs), FINGERPRINT)
    return RunSpec(config, sources, chosen.plan, chosen.model, fingerprints)
