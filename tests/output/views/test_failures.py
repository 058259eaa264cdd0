"""failures_latest: what still stands, one row a source and job, in views, in Python and in status alike."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from helpers.published import Open, publish_run, record
from helpers.runs import request_for, run
from helpers.views import both
from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Job, read_failures
from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.outcomes import Failure
from qwen_batch.output.layout import open_output
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.record_table import FAILURE_TABLE, KeyedFailure, failures_to_table
from qwen_batch.output.status import unresolved_failures
from qwen_batch.records import Document

pytestmark = pytest.mark.subprocess

JOB = "contract_summary"


class Lease(BaseModel):
    note: str = Field(max_length=40)


LEASE = Job(name="lease", schema=Lease, instruction="Read.", sampling=EXTRACTION)


@pytest.fixture(params=["parquet", "jsonl"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def settings(form: str, *more: str) -> Config:
    return load_config(None, ("engine.kind=null", f"sink.format={form}", *more))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text("Contract A.")
    (folder / "big.txt").write_text("x" * 2_000_000)
    (folder / "empty.txt").write_text("")
    return folder


def standing(output: Path) -> list[tuple[str, str, str]]:
    """Document, job and code of what stands, as views, Python and status agree on it."""
    found = both(output, "failures_latest", "document", "job", "code")
    by_status = unresolved_failures(open_output(str(output)))
    assert sorted((Path(one.source_uri).name, one.job, one.code) for one in by_status) == found
    return found


def test_a_failure_was_counted_once_for_each_try_and_setting(
    folder: Path, tmp_path: Path, form: str, jobs_dir: Path
) -> None:
    out = tmp_path / "out"
    for megabytes in (1, 2):
        config = settings(
            form, f"read.max_file_mb={megabytes}", "clean.headers=false" if megabytes == 1 else "clean.headers=true"
        )
        (folder / "big.txt").write_text("x" * 4_000_000)
        run(request_for(folder, out, config, jobs_dir, JOB, "report_outline"))
    assert len(read_failures(out, "all")) > 4
    assert standing(out) == [
        ("big.txt", JOB, "too_large"),
        ("big.txt", "report_outline", "too_large"),
        ("empty.txt", JOB, "empty_file"),
        ("empty.txt", "report_outline", "empty_file"),
    ]


def test_a_failure_stood_beside_the_row_that_came_after_it(
    folder: Path, tmp_path: Path, form: str, jobs_dir: Path
) -> None:
    out = tmp_path / "out"
    run(request_for(folder, out, settings(form, "read.max_file_mb=1"), jobs_dir, JOB))
    assert standing(out) == [("big.txt", JOB, "too_large"), ("empty.txt", JOB, "empty_file")]
    run(request_for(folder, out, settings(form), jobs_dir, JOB))
    assert standing(out) == [("empty.txt", JOB, "empty_file")]


def test_a_failure_of_a_file_s_former_content_or_of_a_deleted_file_stood(
    folder: Path, tmp_path: Path, form: str, jobs_dir: Path
) -> None:
    out = tmp_path / "out"
    config = settings(form, "read.max_file_mb=1")
    run(request_for(folder, out, config, jobs_dir, JOB))
    (folder / "empty.txt").write_text("Contract B.")
    (folder / "big.txt").unlink()
    run(request_for(folder, out, config, jobs_dir, JOB))
    assert standing(out) == []
    assert len(read_failures(out, "all")) == 2


def test_an_output_without_failures_had_no_view_of_them(
    folder: Path, tmp_path: Path, form: str, jobs_dir: Path
) -> None:
    out = tmp_path / "out"
    for name in ("big.txt", "empty.txt"):
        (folder / name).unlink()
    run(request_for(folder, out, settings(form), jobs_dir, JOB))
    assert standing(out) == []
    assert "published_at" in read_failures(out).column_names
    assert len(read_failures(out, "all")) == 0


def test_a_failure_that_is_staged_only_stood_behind_an_older_row(tmp_path: Path) -> None:
    out = tmp_path / "out"
    document = Document("id-a", "/in/a.txt", "text/plain", 1)
    publish_run(out, LEASE, [record(LEASE, "a.txt", {"note": "n"}, document=document)])
    ledger = Ledger(open_output(str(out)), Open())
    failed = KeyedFailure(Failure(document, "read", "empty_file", "empty", job=LEASE.name), "other")
    rows = failures_to_table([failed], run_id="killed", processed_at=datetime.now(UTC))
    ledger.stage(FAILURE_TABLE, rows, "killed")
    assert [one.code for one in unresolved_failures(ledger.store)] == ["empty_file"]
    assert len(read_failures(out)) == 0
