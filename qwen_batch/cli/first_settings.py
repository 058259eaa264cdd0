"""The pipeline.yaml of a beginning, as text with comments."""

from __future__ import annotations

import json
from collections.abc import Sequence


def settings_text(languages: Sequence[str], model: str) -> str:
    """A pipeline.yaml with what is most often changed."""
    return f"""\
# Settings of a run. Every key may be left out, and an unknown one is an error.
# docs/configuration.md has all of them; `--set engine.model=DIR` changes one for a single run.

# Where jobs are found by their names.
jobs_dir: jobs

ocr:
  # Of scanned pages, as tesseract calls them: eng, deu, fra, chi_sim.
  languages: [{", ".join(languages)}]
  # dpi: 300

engine:
  # auto: what fits the machine; else a name on Hugging Face, or a folder.
  model: {json.dumps(model, ensure_ascii=False)}
  # kind: "null"

sink:
  # Or jsonl.
  format: parquet
"""
