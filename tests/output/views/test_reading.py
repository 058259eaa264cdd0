"""reading: the functions of the package's face, on a disk and on S3, whatever became of the job."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers.published import evidence, publish_run, record
from helpers.views import both
from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Day, Job, Quoted, latest_rows, read_evidence, read_failures, read_rows
from qwen_batch.errors import OutputError
from qwen_batch.outcomes import Failure
from qwen_batch.records import Document

DAY = {"date": "2024-05-06", "quote": "6 May 2024", "original": "6 May 2024"}


class Law(Quoted):
    place: str = Field(max_length=40)


class Before(BaseModel):
    begin: Day | None
    months: int | None
    law: Law | None


class After(BaseModel):
    """`begin` is now `start`, months may be broken, `note` is new."""

    start: Day | None
    months: float | None
    law: Law | None
    note: str | None = Field(max_length=40)


def job(schema: type[BaseModel]) -> Job:
    return Job(name="lease", schema=schema, instruction="Read.", sampling=EXTRACTION)


LAW = {"place": "Ontario", "quote": "of Ontario"}
FAILED = Failure(Document("id-bad", "/in/bad.txt", "text/plain", 0), "read", "empty_file", "empty", job="lease")


@pytest.fixture(params=["parquet", "jsonl"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def fill(output: Path | str, form: str) -> None:
    """Two runs of a job that changed between them; the first row of the second run is all null."""
    old = record(
        job(Before),
        "a.txt",
        {"begin": DAY, "months": 3, "law": LAW},
        evidence=(evidence("law.place", "Ontario", "of Ontario", 2),),
    )
    publish_run(output, job(Before), [old], (FAILED,), run_id="run1", form=form)
    new = [
        record(job(After), "b.txt", dict.fromkeys(After.model_fields)),
        record(job(After), "c.txt", {"start": DAY, "months": 2.5, "law": None, "note": "n"}),
    ]
    publish_run(output, job(After), new, run_id="run2", form=form)


@pytest.mark.parametrize("place", ["disk", "s3"])
def test_a_job_that_gained_and_renamed_a_field_lost_half_of_its_rows(
    place: str, form: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    output = f"{request.getfixturevalue('s3_bucket')}/out" if place == "s3" else str(tmp_path / "out")
    fill(output, form)
    columns = ["document", "begin", "start", "months", "law", "law__page", "note"]
    rows = [list(row.values()) for row in read_rows(output, "lease", "flat").select(columns).to_pylist()]
    day = pd.Timestamp("2024-05-06").date()
    assert rows == [
        ["a.txt", day, None, 3.0, "Ontario", 2, None],
        ["b.txt", None, None, None, None, None, None],
        ["c.txt", None, day, 2.5, None, None, "n"],
    ]
    for view in ("latest", "latest_all", "all"):
        assert read_rows(output, "lease", view)["document"].to_pylist() == ["a.txt", "b.txt", "c.txt"]
    assert read_evidence(output, "lease")["path"].to_pylist() == ["law.place"]
    assert read_failures(output)["document"].to_pylist() == ["bad.txt"]


def test_sql_and_python_read_a_changed_job_alike(form: str, tmp_path: Path) -> None:
    fill(tmp_path, form)
    assert len(both(tmp_path, "lease_flat", "document", "begin", "start", "months", "law", "note")) == 3
    assert both(tmp_path, "lease_evidence", "document", "path", "page") == [("a.txt", "law.place", 2)]
    assert both(tmp_path, "lease_all", "document", "run_id", "result", "confidence", "evidence")


def test_a_glob_in_duckdb_gave_null_for_what_a_job_had_renamed(tmp_path: Path) -> None:
    fill(tmp_path, "parquet")
    query = f"from read_parquet('{tmp_path}/lease/**/*.parquet', union_by_name = true)"
    found = duckdb.sql(f"select document, result.begin.date, result.start.date, result.months {query} order by all")
    day = pd.Timestamp("2024-05-06").date()
    assert found.fetchall() == [("a.txt", day, None, 3.0), ("b.txt", None, None, None), ("c.txt", None, day, 2.5)]


def test_the_files_of_a_changed_job_were_refused_or_lost_fields_without_the_schema_of_the_newest(
    tmp_path: Path,
) -> None:
    """What docs/tables.md says of polars, pandas and pyarrow over the files, and its way to scan them all."""
    fill(tmp_path, "parquet")
    folder = tmp_path / "lease"
    with pytest.raises(pl.exceptions.SchemaError):
        pl.read_parquet(folder)
    for read in (pq.read_table, pd.read_parquet):
        try:
            found = read(folder)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            continue
        schema = found.schema if isinstance(found, pa.Table) else pa.Schema.from_pandas(found)
        assert "note" not in {field.name for field in schema.field("result").type}
    scanned = pl.scan_parquet(
        folder / "**" / "*.parquet",
        schema=pl.read_parquet_schema(max(folder.rglob("*.parquet"))),
        missing_columns="insert",
        cast_options=pl.ScanCastOptions(missing_struct_fields="insert", integer_cast="allow-float"),
    )
    rows = scanned.select("document", "result").sort("document").collect()
    stored = pl.from_arrow(read_rows(tmp_path, "lease", "all").select(["document", "result"]))
    assert rows.to_dicts() == stored.to_dicts()
    assert [row["months"] for row in rows["result"]] == [3.0, None, 2.5]


def test_types_are_the_table_s_own_in_either_format(form: str, tmp_path: Path) -> None:
    fill(tmp_path, form)
    schema = latest_rows(tmp_path, "lease").schema
    assert schema.field("published_at").type == pa.timestamp("us", tz="UTC")
    assert schema.field("pages").type == pa.int32()
    assert schema.field("result").type.field("months").type == pa.float64()
    assert schema.field("evidence").type.value_type.field("score").type == pa.float32()


def test_pandas_and_polars_take_what_the_functions_give(form: str, tmp_path: Path) -> None:
    fill(tmp_path, form)
    flat = read_rows(tmp_path, "lease", "flat")
    assert flat.to_pandas()["law"].tolist()[0] == "Ontario"
    assert pl.from_arrow(flat)["law"].to_list() == ["Ontario", None, None]
    assert len(pl.from_arrow(read_failures(tmp_path))) == 1


def test_an_empty_table_has_its_columns_and_types(form: str, tmp_path: Path) -> None:
    publish_run(tmp_path, job(Before), [], (FAILED,), form=form)
    flat = read_rows(tmp_path, "lease", "flat")
    assert (len(flat), flat.schema.field("begin").type, flat.schema.field("months").type) == (
        0,
        pa.date32(),
        pa.int64(),
    )
    assert both(tmp_path, "lease_flat", "begin", "months") == []
    assert both(tmp_path, "lease_evidence", "path", "page") == []
    assert both(tmp_path, "failures_latest", "document", "page") == [("bad.txt", None)]


def test_a_folder_s_name_was_taken_for_a_pattern(form: str, tmp_path: Path) -> None:
    out = tmp_path / "out [1] a'b *?"
    fill(out, form)
    assert len(both(out, "lease_latest", "document")) == 3


@pytest.mark.subprocess
def test_the_face_of_the_package_has_them_and_loads_them_when_they_are_asked_for() -> None:
    program = """
    import sys
    import qwen_batch
    assert not {"pyarrow", "pydantic", "duckdb"} & set(sys.modules)
    from qwen_batch import latest_rows, read_evidence, read_failures, read_rows
    assert "duckdb" not in sys.modules
    print(latest_rows.__module__)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == latest_rows.__module__


def test_an_unknown_table_is_named(tmp_path: Path) -> None:
    for read in (latest_rows, read_rows, read_evidence):
        with pytest.raises(OutputError, match="no published table 'nothing'"):
            read(tmp_path, "nothing")
