"""Phase 1: every report read by the pipeline's own reading, all of them in one file. Needs no model."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.answers.documents.cases import save
from benchmarks.answers.outline.cases import OutlineCase, outline_gold
from benchmarks.common import path_to_document
from qwen_batch.config_file import load_config
from qwen_batch.outcomes import Failure
from qwen_batch.reading.document_to_text import document_to_text, make_tools


def prepare_outlines(out: Path, data: Path) -> int:
    """Writes the cases to the file OUT; gives the exit code, 1 if a report could not be read."""
    tools = make_tools(load_config(None, ()))
    cases, failed = [], 0
    with tools.isolator:
        for gold in outline_gold(data):
            text = document_to_text(path_to_document(gold.path), tools)
            if isinstance(text, Failure):
                print(f"{gold.name}: {text.code}: {text.message}", file=sys.stderr)
                failed += 1
                continue
            known = replace(text.document, uri=f"outline/{gold.name}")
            cases.append(OutlineCase(gold, replace(text.clean, document=known)))
            print(
                f"{gold.half:<4} {gold.name}: {text.clean.pages} pages, {len(text.clean.text):,} characters", flush=True
            )
    print(f"{out}: {len(cases)} reports, {save(cases, out) >> 10} KiB, {failed} not read")
    return 1 if failed else 0
