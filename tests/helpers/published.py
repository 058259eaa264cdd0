"""Outputs as a run publishes them, made from results alone, in either format, on a disk or S3."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qwen_batch.job.definition import Job, job_schema
from qwen_batch.outcomes import CleanSummary, ConfidenceParts, Evidence, Failure, Record
from qwen_batch.output.format import FORMATS
from qwen_batch.output.layout import Table, open_output
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.manifest import RunManifest
from qwen_batch.output.publishing import PublishAs
from qwen_batch.output.publishing import publish as publish_staged
from qwen_batch.output.record_table import (
    FAILURE_TABLE,
    KeyedFailure,
    failures_to_table,
    job_table_schema,
    records_to_table,
)
from qwen_batch.output.views.files import write_views
from qwen_batch.records import Document, MatchKind


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


class Open:
    """A fence that nobody has taken down."""

    def check(self) -> None:
        return


def publish_run(  # noqa: PLR0913  what a run is made of
    output: Path | str,
    job: Job,
    records: list[Record],
    failures: tuple[Failure, ...] = (),
    *,
    run_id: str = "run1",
    form: str = "parquet",
) -> None:
    """One run of a job, with the views of the output after it."""
    store, now = open_output(str(output)), datetime.now(UTC)
    ledger = Ledger(store, Open())
    table = Table(job.name, "all", job_table_schema(job.name, job_schema(job)))
    ledger.stage(table, records_to_table(table.schema, records, run_id, now), run_id)
    failed = [KeyedFailure(failure, "f" * 16) for failure in failures]
    if failed:
        ledger.stage(FAILURE_TABLE, failures_to_table(failed, run_id=run_id, processed_at=now), run_id)
    manifest = RunManifest(run_id=run_id, started=now, finished=now)
    publish_staged(ledger, [table, FAILURE_TABLE], manifest, PublishAs(FORMATS.load(form), 1000))
    write_views(store)


def publish(output: Path, job: Job, records: list[Record], form: str = "parquet") -> str:
    """Writes one published run."""
    publish_run(output, job, records, form=form)
    return str(output)
