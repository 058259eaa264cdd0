"""record_table: one Arrow schema a job, whatever the rows hold."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Annotated, Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import BaseModel, Field, create_model

from qwen_batch.errors import JobError
from qwen_batch.job.definition import Job, Quoted, job_schema
from qwen_batch.outcomes import CleanSummary, ConfidenceParts, Evidence, Failure, Record
from qwen_batch.output.record_table import (
    FAILURE_SCHEMA,
    failures_to_table,
    job_table_schema,
    records_to_table,
)
from qwen_batch.output.tables.stamps import UTC_TIME
from qwen_batch.records import Box, Document

NOW = dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.UTC)
Short = Annotated[str, Field(max_length=20)]


class Colour(StrEnum):
    RED = "red"


class Day(Quoted):
    date: dt.date


class Everything(BaseModel):
    text: Short
    maybe: Short | None
    whole: int
    number: float | None
    truth: bool
    day: dt.date
    moment: dt.datetime | None
    clock: dt.time | None
    colour: Colour
    kind: Literal["a", "b"] | None
    start: Day | None
    days: list[Day] = Field(max_length=3)
    tags: list[Short] | None = Field(max_length=3)


JOB = Job("everything", Everything, "Read.")
FULL: dict[str, Any] = {
    "text": "合同",
    "maybe": "x",
    "whole": 3,
    "number": 2.5,
    "truth": True,
    "day": "2024-02-29",
    "moment": "2024-05-01T08:00:00+02:00",
    "clock": "08:00:00",
    "colour": "red",
    "kind": "b",
    "start": {"quote": "1 May", "date": "2024-05-01"},
    "days": [{"quote": "a", "date": "1999-12-31"}],
    "tags": ["t"],
}
NULLS: dict[str, Any] = {name: [] if name == "days" else None for name in FULL}


def record(result: dict[str, Any], **changes: Any) -> Record:
    values: dict[str, Any] = {
        "document": Document("ab12", "/docs/合同.pdf", "application/pdf", 5_000_000_000),
        "clean": CleanSummary(12, 3, 0.75, "zh"),
        "job": "everything",
        "job_fingerprint": "f" * 16,
        "model": "some/model",
        "prompt_tokens": 1000,
        "output_tokens": 50,
        "cached_tokens": 400,
        "finish_reason": "stop",
        "attempts": 2,
        "warnings": ("page 3: faint",),
        "result": result,
        "evidence": (Evidence("start.date", "2024-05-01", "1 May", 2, 10, 15, (Box(1, 2, 3, 4),), "exact", 1.0),),
        "confidence": {"text": 0.5, "record": 0.25},
    }
    return Record(**{**values, **changes})


def table_schema(job: Job) -> pa.Schema:
    return job_table_schema(job.name, job_schema(job))


def table(*records: Record, job: Job = JOB) -> pa.Table:
    return records_to_table(table_schema(job), records, "run", NOW)


def bare(result: dict[str, Any]) -> Record:
    return record(result, warnings=(), evidence=(), confidence={}, clean=CleanSummary(1, 0, None, "und"))


def test_result_types_come_from_the_schema() -> None:
    day = pa.struct([("quote", pa.string()), ("date", pa.date32())])
    assert table_schema(JOB).field("result").type == pa.struct(
        [
            ("text", pa.string()),
            ("maybe", pa.string()),
            ("whole", pa.int64()),
            ("number", pa.float64()),
            ("truth", pa.bool_()),
            ("day", pa.date32()),
            ("moment", UTC_TIME),
            ("clock", pa.string()),
            ("colour", pa.string()),
            ("kind", pa.string()),
            ("start", day),
            ("days", pa.list_(day)),
            ("tags", pa.list_(pa.string())),
        ]
    )


def test_rows_keep_what_the_record_says() -> None:
    (row,) = table(record(FULL)).to_pylist()
    assert row["doc_id"] == "ab12"
    assert row["source_uri"] == "/docs/合同.pdf"
    assert row["size_bytes"] == 5_000_000_000
    assert (row["pages"], row["ocr_pages"], row["ocr_confidence"], row["language"]) == (12, 3, 0.75, "zh")
    assert (row["prompt_tokens"], row["output_tokens"], row["cached_tokens"]) == (1000, 50, 400)
    assert (row["run_id"], row["processed_at"], row["attempts"]) == ("run", NOW, 2)
    assert row["warnings"] == ["page 3: faint"]
    assert row["evidence"] == [
        {
            "field": "start.date",
            "value": "2024-05-01",
            "quote": "1 May",
            "page": 2,
            "start": 10,
            "end": 15,
            "boxes": [{"x0": 1, "y0": 2, "x1": 3, "y1": 4}],
            "match": "exact",
            "score": 1.0,
            "standing": "value",
            "who": None,
            "decided_at": None,
            "doc_id": None,
            "source_uri": None,
            "cell": None,
        }
    ]


def test_dates_are_dates_and_times_are_utc() -> None:
    (row,) = table(record(FULL)).to_pylist()
    result = row["result"]
    assert result["day"] == dt.date(2024, 2, 29)
    assert result["start"] == {"quote": "1 May", "date": dt.date(2024, 5, 1)}
    assert result["days"] == [{"quote": "a", "date": dt.date(1999, 12, 31)}]
    assert result["moment"] == dt.datetime(2024, 5, 1, 6, tzinfo=dt.UTC)
    assert result["clock"] == "08:00:00"


def test_values_that_are_no_dates_come_back_as_they_went_in() -> None:
    (row,) = table(record(FULL)).to_pylist()
    plain = set(FULL) - {"day", "moment", "start", "days"}
    assert {name: row["result"][name] for name in plain} == {name: FULL[name] for name in plain}


@pytest.mark.parametrize("records", [(), (bare(NULLS),), (bare(NULLS), record(FULL)), (record(FULL),)])
def test_every_table_of_a_job_has_the_same_schema_also_on_disk(records: tuple[Record, ...]) -> None:
    file = io.BytesIO()
    pq.write_table(table(*records), file)
    back = pq.read_table(file)
    assert back.schema.equals(table_schema(JOB))
    assert back.num_rows == len(records)
    assert back.schema.equals(table(record(FULL)).schema)


def test_tables_with_and_without_values_can_be_joined() -> None:
    assert pa.concat_tables([table(bare(NULLS)), table(), table(record(FULL))]).num_rows == 2


def test_nulls_stay_nulls_and_empty_lists_empty() -> None:
    (row,) = table(bare(NULLS)).to_pylist()
    assert row["result"] == NULLS
    assert (row["evidence"], row["warnings"]) == ([], [])


def test_confidence_has_every_field_and_the_record() -> None:
    (row,) = table(record(FULL)).to_pylist()
    assert list(row["confidence"]) == [*Everything.model_fields, "record"]
    assert (row["confidence"]["text"], row["confidence"]["record"]) == (0.5, 0.25)
    assert row["confidence"]["whole"] is None


def test_two_records_give_two_rows_in_their_order() -> None:
    assert table(record(FULL, attempts=1), record(FULL, attempts=3)).column("attempts").to_pylist() == [1, 3]


def test_evidence_has_a_column_for_every_field_of_its_record() -> None:
    columns = [column.name for column in table_schema(JOB).field("evidence").type.value_type]
    assert columns == [field.name for field in fields(Evidence)]


def test_what_confidence_is_made_of_has_a_row_a_field_with_all_its_parts() -> None:
    parts = ConfidenceParts("text", True, False, 0.5, 0.25, None, "fuzzy", 0.75, None)
    (row,) = table(record(FULL, confidence_parts=(parts,))).to_pylist()
    assert row["confidence_parts"] == [asdict(parts)]
    assert table(record(FULL)).to_pylist()[0]["confidence_parts"] == []


def test_a_field_called_record_is_refused() -> None:
    job = Job("job", create_model("Model", record=(int, ...)), "Read.")
    with pytest.raises(JobError, match="may not be called 'record'"):
        table_schema(job)


@pytest.mark.parametrize("annotation", [int | Short, Literal["a", 1]])
def test_a_field_without_one_type_is_refused_with_its_path(annotation: Any) -> None:
    inner = create_model("Inner", value=(annotation, ...))
    job = Job("job", create_model("Model", items=(Annotated[list[inner], Field(max_length=2)], ...)), "Read.")
    with pytest.raises(JobError, match=r"job job: result\.items\[\]\.value has no single table type"):
        table_schema(job)


def test_the_jobs_of_a_document_differ_only_in_result_and_confidence() -> None:
    other = table_schema(Job("other", create_model("Model", n=(int, ...)), "Read."))
    differing = [field.name for field in table_schema(JOB) if not other.field(field.name).equals(field)]
    assert differing == ["result", "confidence"]


def failure(**changes: Any) -> Failure:
    values: dict[str, Any] = {
        "document": Document("ab12", "/docs/a.pdf", "application/pdf", 9),
        "stage": "read",
        "code": "encrypted",
        "message": "needs a password",
    }
    return Failure(**{**values, **changes})


def test_failures_keep_all_that_is_known() -> None:
    found = failure(code="timeout", page=4, attempts=3, job="everything", raw_text='{"a":')
    (row,) = failures_to_table([(found, "f" * 16)], run_id="run", processed_at=NOW).to_pylist()
    assert row == {
        "doc_id": "ab12",
        "source_uri": "/docs/a.pdf",
        "document": None,  # publishing writes it, and its moment
        "job": "everything",
        "job_fingerprint": "f" * 16,
        "stage": "read",
        "code": "timeout",
        "message": "needs a password",
        "page": 4,
        "retryable": True,
        "attempts": 3,
        "raw_text": '{"a":',
        "run_id": "run",
        "processed_at": NOW,
        "published_at": None,
    }


@pytest.mark.parametrize("failures", [[], [(failure(), "f")], [(failure(page=1, raw_text="x", job="j"), "f")]])
def test_failure_tables_all_have_one_schema(failures: list[tuple[Failure, str]]) -> None:
    assert failures_to_table(failures, run_id="run", processed_at=NOW).schema.equals(FAILURE_SCHEMA)
