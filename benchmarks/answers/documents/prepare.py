"""Phase 1 of the answer benchmark: every document read by the pipeline's own reading, and kept with its gold.

Needs no model. A document that is there already is not read again; each document of docubench gets a job file.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.answers.documents.cases import Case, case_file, load_cases, save
from benchmarks.answers.documents.docubench import schema_to_job
from benchmarks.answers.documents.labels import SETS, Labelled
from benchmarks.answers.documents.made import long_case, order_cases
from benchmarks.common import path_to_document
from qwen_batch.config import CleanSettings
from qwen_batch.config_file import load_config
from qwen_batch.outcomes import Failure
from qwen_batch.reading.clean.pages_to_clean import pages_to_clean
from qwen_batch.reading.document_to_text import ReadTools, document_to_text, make_tools

RAW_CHARS = 48_000
"""More than 6,000 tokens of English in any contract."""
DIGITAL = "cuad"
FOLDER_LIMIT_BYTES = 40 << 20


def prepare(out: Path, data: Path, sets: Sequence[str], limit: int | None) -> int:
    """Reads the sets into OUT; gives the exit code, 1 if a document could not be read."""
    tools = make_tools(load_config(None, ()))
    failed = 0
    with tools.isolator:
        for set_name in sets:
            for labelled in _first(SETS[set_name](data), limit):
                failed += not _kept(out, data, set_name, labelled, tools)
    _make(out)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"{out}: {size / (1 << 20):.1f} MiB, {failed} documents not read")
    return 1 if failed or size > FOLDER_LIMIT_BYTES else 0


def _first(labelled: Iterator[Labelled], limit: int | None) -> Iterator[Labelled]:
    """The first of a set, the smallest files if there is a limit."""
    if limit is None:
        return labelled
    return iter(sorted(labelled, key=lambda one: one.path.stat().st_size)[:limit])


def _kept(out: Path, data: Path, set_name: str, labelled: Labelled, tools: ReadTools) -> bool:
    """Reads one document into its file; False, with a line on stderr, if it cannot be read or asked."""
    document = path_to_document(labelled.path)
    path = case_file(out, set_name, document.id[:12])
    if set_name == "docubench" and not _job_written(out, data, labelled):
        return False
    if path.exists():
        return True
    began = time.monotonic()
    text = document_to_text(document, tools)
    if isinstance(text, Failure):
        print(f"{labelled.path}: {text.code}: {text.message}", file=sys.stderr)
        return False
    # the file is not where the answers are asked and judged: nothing may depend on it
    known = replace(text.document, uri=f"{set_name}/{labelled.path.name}")
    digital = set_name == DIGITAL
    bare = CleanSettings(**dict.fromkeys(CleanSettings.model_fields, False))
    case = Case(
        set_name=set_name,
        name=labelled.path.stem,
        job=labelled.job,
        clean=replace(text.clean, document=known),
        gold=labelled.gold,
        labels=labelled.labels,
        uncleaned=pages_to_clean(known, text.pages, bare) if digital else None,
        raw_text=_raw_text(labelled.path) if digital else None,
        twin=labelled.original,
    )
    size = save(case, path)
    seconds = time.monotonic() - began
    print(f"{set_name} {case.name[:60]}: {case.clean.pages} pages, {seconds:.1f} s, {size >> 10} KiB", flush=True)
    return True


def _job_written(out: Path, data: Path, labelled: Labelled) -> bool:
    schema = json.loads((data / "docubench" / "schemas" / f"{labelled.path.stem}.json").read_text("utf-8"))
    try:
        text = schema_to_job(labelled.job, schema)
    except ValueError as error:
        print(f"{labelled.path.name}: skipped: {error}", file=sys.stderr)
        return False
    (out / "jobs").mkdir(parents=True, exist_ok=True)
    (out / "jobs" / f"{labelled.job}.py").write_text(text, "utf-8")
    return True


def _raw_text(path: Path) -> str:
    """Pdfplumber's text of the first pages, as a script would take it."""
    import pdfplumber

    parts: list[str] = []
    with pdfplumber.open(path) as pdf:
        for page in pdf.pages:
            parts.append(page.extract_text() or "")
            page.close()
            if sum(map(len, parts)) > RAW_CHARS:
                break
    return "\n".join(parts)[:RAW_CHARS]


def _make(out: Path) -> None:
    """The documents that are made of others, or of nothing: orders, and a long one."""
    contracts = list(load_cases(out, (DIGITAL,)))
    made = [*order_cases(contracts), long_case()]
    for case in made:
        save(case, case_file(out, case.set_name, case.name))
    print(f"made {len(made)} documents: {len(made) - 1} with orders or their controls, 1 of 300 pages")
