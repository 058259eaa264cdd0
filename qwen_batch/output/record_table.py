"""The table's Arrow schema and rows. Every file of a job has the same schema, also where all is null.

Types come from the job's JSON schema, not from the data. Text stays text, dates become date32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple

import pyarrow as pa

from qwen_batch.errors import JobError
from qwen_batch.outcomes import RECORD_CONFIDENCE, CleanSummary, ConfidenceParts, Evidence, Failure, MemberOf, Record
from qwen_batch.output.layout import FAILURES, Table
from qwen_batch.output.tables.stamps import DOCUMENT, PUBLISHED_AT, UTC_TIME
from qwen_batch.records import Box, Document, tokens_of
from qwen_batch.schema_walk import definitions_of, resolved
from qwen_batch.value_paths import EACH, key_path

_BOX = pa.struct([(side, pa.float32()) for side in ("x0", "y0", "x1", "y1")])
_EVIDENCE = pa.struct(
    [
        ("field", pa.string()),
        ("value", pa.string()),
        ("quote", pa.string()),
        ("page", pa.int32()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("boxes", pa.list_(_BOX)),
        ("match", pa.string()),
        ("score", pa.float32()),
        ("standing", pa.string()),
        ("who", pa.string()),
        ("decided_at", UTC_TIME),
        ("doc_id", pa.string()),
        ("source_uri", pa.string()),
        ("cell", pa.string()),
    ]
)
_CONFIDENCE_PARTS = pa.struct(
    [
        ("field", pa.string()),
        ("scanned", pa.bool_()),
        ("absent", pa.bool_()),
        ("token", pa.float32()),
        ("weakest", pa.float32()),
        ("ocr", pa.float32()),
        ("match", pa.string()),
        ("score", pa.float32()),
        ("agreement", pa.float32()),
        ("self_check", pa.float32()),
        ("quoted", pa.float32()),
        ("quote_start", pa.float32()),
        ("worded", pa.float32()),
    ]
)
_MEMBER = [("doc_id", pa.string()), ("source_uri", pa.string())]
MEMBER_COLUMNS = [
    ("members", pa.list_(pa.struct(_MEMBER))),
    ("failed_members", pa.list_(pa.struct([*_MEMBER, ("code", pa.string()), ("message", pa.string())]))),
]
"""What the table of a job has that is asked over the rows of another."""
READ_COLUMNS = [
    ("mime", pa.string()),
    ("size_bytes", pa.int64()),
    ("pages", pa.int32()),
    ("ocr_pages", pa.int32()),
    ("ocr_confidence", pa.float32()),
    ("language", pa.string()),
]
SOURCE_COLUMNS = [("doc_id", pa.string()), ("source_uri", pa.string()), DOCUMENT]
FAILURE_SCHEMA = pa.schema(
    [
        *SOURCE_COLUMNS,
        ("job", pa.string()),
        ("job_fingerprint", pa.string()),
        ("stage", pa.string()),
        ("code", pa.string()),
        ("message", pa.string()),
        ("page", pa.int32()),
        ("retryable", pa.bool_()),
        ("attempts", pa.int32()),
        ("raw_text", pa.string()),
        ("run_id", pa.string()),
        ("processed_at", UTC_TIME),
        PUBLISHED_AT,
    ]
)
FAILURE_TABLE = Table(FAILURES, "all", FAILURE_SCHEMA)
_ASKED = [
    ("job", pa.string()),
    ("job_fingerprint", pa.string()),
    ("model", pa.string()),
    ("run_id", pa.string()),
    ("processed_at", UTC_TIME),
    PUBLISHED_AT,
    ("prompt_tokens", pa.int64()),
    ("output_tokens", pa.int64()),
    ("cached_tokens", pa.int64()),
    ("finish_reason", pa.string()),
    ("attempts", pa.int32()),
    ("warnings", pa.list_(pa.string())),
    ("incomplete", pa.list_(pa.string())),
]
_PROVEN = [("evidence", pa.list_(_EVIDENCE)), ("confidence_parts", pa.list_(_CONFIDENCE_PARTS))]
JOB_COLUMNS = pa.schema([*SOURCE_COLUMNS, *READ_COLUMNS, *_ASKED, *_PROVEN])
"""What the table of any job has."""


def job_table_schema(job: str, json_schema: dict[str, Any], *, of_members: bool = False) -> pa.Schema:
    """The Arrow schema of the table of a job's answers. Raises JobError for a field that has no Arrow type.

    `of_members` is for a job that is asked over the rows of another.
    """
    if RECORD_CONFIDENCE in json_schema["properties"]:
        raise JobError(f"job {job}: a field may not be called {RECORD_CONFIDENCE!r}", "rename the field")
    confidence = [(name, pa.float32()) for name in (*json_schema["properties"], RECORD_CONFIDENCE)]
    return pa.schema(
        [
            *SOURCE_COLUMNS,
            *(MEMBER_COLUMNS if of_members else ()),
            *READ_COLUMNS,
            *_ASKED,
            ("result", _arrow_type(job, "result", json_schema, definitions_of(json_schema))),
            ("evidence", pa.list_(_EVIDENCE)),
            ("confidence", pa.struct(confidence)),
            ("confidence_parts", pa.list_(_CONFIDENCE_PARTS)),
        ]
    )


def records_to_table(schema: pa.Schema, records: Sequence[Record], run_id: str, processed_at: datetime) -> pa.Table:
    """Rows of one job; `processed_at` is in UTC."""
    rows = [_record_to_row(record, schema, run_id, processed_at) for record in records]
    return pa.Table.from_pylist(rows, schema=schema)


class KeyedFailure(NamedTuple):
    """A failure and the fingerprint that its row has."""

    failure: Failure
    job_fingerprint: str


def failures_to_table(failures: Sequence[KeyedFailure], *, run_id: str, processed_at: datetime) -> pa.Table:
    """Rows of the failures; `processed_at` is in UTC."""
    rows = [
        {
            **asked_columns(failure.document, failure.job, fingerprint, run_id, processed_at),
            "stage": failure.stage,
            "code": failure.code,
            "message": failure.message,
            "page": failure.page,
            "retryable": failure.retryable,
            "attempts": failure.attempts,
            "raw_text": failure.raw_text,
        }
        for failure, fingerprint in failures
    ]
    return pa.Table.from_pylist(rows, schema=FAILURE_SCHEMA)


def asked_columns(
    document: Document, job: str | None, fingerprint: str, run_id: str, processed_at: datetime
) -> dict[str, Any]:
    """What every row says of what was asked: the document, the job with its fingerprint, the run and when."""
    return {
        "doc_id": document.id,
        "source_uri": document.uri,
        "job": job,
        "job_fingerprint": fingerprint,
        "run_id": run_id,
        "processed_at": processed_at,
    }


def document_columns(document: Document, clean: CleanSummary) -> dict[str, Any]:
    """The values of SOURCE_COLUMNS and READ_COLUMNS."""
    source = {"doc_id": document.id, "source_uri": document.uri, "mime": document.mime, "size_bytes": document.size}
    return source | _clean_columns(clean)


def columns_of(kind: type) -> Callable[[Any], dict[str, Any]]:
    """The fields of such a value by name. dataclasses.asdict copies all that is in them, at a third of a row's cost."""
    names = tuple(field.name for field in fields(kind))
    values = attrgetter(*names)
    return lambda one: dict(zip(names, values(one), strict=True))


_clean_columns = columns_of(CleanSummary)
_evidence_columns = columns_of(Evidence)
_box_columns = columns_of(Box)
_parts_columns = columns_of(ConfidenceParts)
_member_columns = columns_of(MemberOf)


def _evidence_row(evidence: Evidence) -> dict[str, Any]:
    return _evidence_columns(evidence) | {"boxes": [_box_columns(box) for box in evidence.boxes]}


def _record_to_row(record: Record, schema: pa.Schema, run_id: str, processed_at: datetime) -> dict[str, Any]:
    return {
        **document_columns(record.document, record.clean),
        **asked_columns(record.document, record.job, record.job_fingerprint, run_id, processed_at),
        "model": record.model,
        **tokens_of((record,)),
        "finish_reason": record.finish_reason,
        "attempts": record.attempts,
        "warnings": list(record.warnings),
        "incomplete": list(record.incomplete),
        "members": [_member_columns(one) for one in record.members],
        "failed_members": [_member_columns(one) for one in record.failed_members],
        "result": _to_arrow_value(record.result, schema.field("result").type),
        "evidence": [_evidence_row(one) for one in record.evidence],
        "confidence": record.confidence,
        "confidence_parts": [_parts_columns(parts) for parts in record.confidence_parts],
    }


def _to_arrow_value(value: Any, arrow_type: pa.DataType) -> Any:
    if value is None:
        return None
    if pa.types.is_struct(arrow_type):
        return {field.name: _to_arrow_value(value.get(field.name), field.type) for field in arrow_type}
    if pa.types.is_list(arrow_type):
        return [_to_arrow_value(item, arrow_type.value_type) for item in value]
    if pa.types.is_date(arrow_type):
        return date.fromisoformat(value)
    if pa.types.is_timestamp(arrow_type):
        return datetime.fromisoformat(value)
    return value


def _arrow_type(job: str, path: str, schema: dict[str, Any], definitions: dict[str, Any]) -> pa.DataType:
    schema = resolved(schema, definitions)
    match schema.get("type"):
        case "object":
            columns = schema["properties"].items()
            return pa.struct(
                [(name, _arrow_type(job, key_path(path, name), one, definitions)) for name, one in columns]
            )
        case "array":
            return pa.list_(_arrow_type(job, path + EACH, schema["items"], definitions))
        case "string":
            return {"date": pa.date32(), "date-time": UTC_TIME}.get(schema.get("format", ""), pa.string())
        case "integer":
            return pa.int64()
        case "number":
            return pa.float64()
        case "boolean":
            return pa.bool_()
    raise JobError(f"job {job}: {path} has no single table type", "use one type a field, or a nested model")
