"""Every prompt that a run would put to the engine, a JSON line each: two versions ask the same if two files are equal.

Reads documents as a run does, without the cache. Needs the model's tokenizer, asks no model.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.answers.spec import files_to_spec
from benchmarks.common import ROOT, SAMPLES, path_to_document
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.definition import Job
from qwen_batch.outcomes import Failure
from qwen_batch.reading.document_to_text import ReadTools, document_to_text, make_tools
from qwen_batch.run.document.prompting import prompt_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.work import Work

USUAL = tuple(SAMPLES / folder for folder in ("contracts", "reports"))


def write_prompts(out: Path, documents: Sequence[Path], settings: Sequence[str]) -> int:
    """Writes the prompts of files, and of the files in folders, for every job of jobs/; gives the exit code."""
    spec = files_to_spec(("cache.enabled=false", *settings), (ROOT / "jobs").glob("*.py"))
    tokenizer, jobs, tools = make_tokenizer(spec), load_jobs(spec), make_tools(spec.config)
    rows: list[dict[str, Any]] = []
    with tools.isolator:
        for path in _files(documents or USUAL):
            rows += _rows(path, spec, tools, tokenizer, jobs)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows), "utf-8")
    sys.stdout.write(f"{out}: {len(rows)} lines, {spec.model_name}, context {spec.plan.max_model_len}\n")
    return 0


def _files(places: Sequence[Path]) -> Iterator[Path]:
    for place in places:
        yield from sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]


def _rows(
    path: Path, spec: RunSpec, tools: ReadTools, tokenizer: Tokenizer, jobs: dict[str, Job]
) -> Iterator[dict[str, Any]]:
    """A line a prompt; one line a job for a document that cannot be asked. It is read once for all jobs."""
    document = path_to_document(path)
    text = document_to_text(document, tools)
    for name in jobs:
        about = {"document": f"{path.parent.name}/{path.name}", "job": name}
        if isinstance(text, Failure):
            work = Work(document, (name,), failure=text)
        else:
            work = prompt_stage(Work(text.document, (name,), text.clean), spec, tokenizer, jobs)
        if work.failure:
            yield about | {"failure": work.failure.code, "message": work.failure.message}
        for number, prompt in enumerate(work.prompts):
            yield about | {
                "number": number,
                "doc_id": prompt.doc_id,
                "messages": prompt.messages,
                "token_ids": prompt.token_ids,
                "json_schema": prompt.json_schema,
                "sampling": {
                    "temperature": prompt.temperature,
                    "top_p": prompt.top_p,
                    "max_tokens": prompt.max_tokens,
                },
            }
