"""Outputs as a run publishes them, made from results alone, in either format."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from qwen_batch.job.definition import Job, job_schema
from qwen_batch.outcomes import CleanSummary, ConfidenceParts, Evidence, Record
from qwen_batch.output.catalog import CATALOGS
from qwen_batch.output.format import FORMATS
from qwen_batch.output.layout import TablePart, open_output
from qwen_batch.output.manifest import Publication, RunFile, RunManifest, RunTable
from qwen_batch.output.record_table import job_table_schema, records_to_table
from qwen_batch.output.tables.known import new_table, put_known
from qwen_batch.records import Document, MatchKind

PROCESSED = datetime(2026, 1, 1, tzinfo=UTC)


def evidence(field: str, value: str, quote: str, page: int | None = 1, match: MatchKind = "exact") -> Evidence:
    return Evidence(field, value, quote, page, 0, len(quote), (), match, 1.0)


def parts(field: str = "law", **values: Any) -> ConfidenceParts:
    fixed: dict[str, Any] = {
        "scanned": False,
        "absent": False,
        "token": 0.9,
        "weakest": 0.8,
        "ocr": None,
        "match": "exact",
        "score": 1.0,
        "agreement": 1.0,
    }
    return ConfidenceParts(field=field, **fixed | values)


def record(job: Job, source: str, result: dict[str, Any], **values: Any) -> Record:
    fixed: dict[str, Any] = {
        "document": Document(f"id-{source}", f"/in/{source}", "text/plain", 1),
        "clean": CleanSummary(1, 0, None, "en"),
        "job": job.name,
        "job_fingerprint": "f" * 16,
        "model": "null",
        "prompt_tokens": 1,
        "output_tokens": 1,
        "cached_tokens": 0,
        "finish_reason": "stop",
        "attempts": 1,
        "warnings": (),
        "result": result,
        "evidence": (),
        "confidence": dict.fromkeys(result, 0.5),
    }
    return Record(**fixed | values)


def publish(
    output: Path,
    job: Job,
    records: list[Record],
    form: str = "parquet",
) -> str:
    """Writes one published run."""
    table = records_to_table(job_table_schema(job.name, job_schema(job)), records, "run1", PROCESSED)
    part, written, store = TablePart(job.name, "run1"), FORMATS.load(form), open_output(str(output))
    path = f"{part.folder}/{part.file(0, written.extension)}"
    store.put(path, partial(written.write, table))
    put_known(store, new_table(job.name, job.name, form, table.schema))
    file = RunFile(path=path, rows=len(table))
    about = RunTable(staged_as=job.name, format=form, schema_version=1, rows=len(table), files=(file,))
    manifest = RunManifest(run_id="run1", started=PROCESSED, finished=PROCESSED, tables={job.name: about})
    CATALOGS.load("plain").publish(store, Publication(moves=(), shards=(), manifest=manifest))
    return str(output)
