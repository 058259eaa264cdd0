"""runner: every document and job ends exactly once, whatever is killed, repeated or named twice."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers.runs import no_session, request_for, run, serially, sources

from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.errors import OutputError, UsageError
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.output.layout import open_output
from qwen_batch.output.tables.rows import read_published
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.request import Machinery
from qwen_batch.run.stopping import RESERVE_S, Limits, Stop

pytestmark = pytest.mark.subprocess


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.txt").write_text(f"Contract number {number} between Alpha Ltd and Beta Ltd.")
    (folder / "empty.txt").write_text("")
    return folder


@pytest.fixture(params=["local", "s3"])
def output(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "out") if request.param == "local" else f"{request.getfixturevalue('s3_bucket')}/out"


def test_counts_add_up_and_each_job_has_its_rows(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    request = request_for(folder, tmp_path / "out", null_config, jobs_dir, "contract_summary", "report_outline")
    summary = run(request)
    assert summary.rows == {"contract_summary": 5, "report_outline": 5, "failures": 2}
    assert summary.failure_codes == {"empty_file": 2}
    assert sources(tmp_path / "out", "report_outline") == [f"{number}.txt" for number in range(5)]
    manifest = json.loads((tmp_path / "out" / "_runs" / f"{summary.run_id}.json").read_text())
    assert manifest["rows"] == summary.rows
    assert manifest["documents"] == 6
    assert manifest["engine"]["batch_size"] == 4


def test_the_same_command_again_does_nothing_and_a_new_document_alone_is_done(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    request = request_for(folder, tmp_path / "out", null_config, jobs_dir)
    run(request)
    again = run(request)
    assert (again.done_before, again.failed_before, again.rows) == (5, 1, {"contract_summary": 0, "failures": 0})
    assert again.failed == 1
    (folder / "new.txt").write_text("A new contract.")
    third = run(request)
    assert third.rows == {"contract_summary": 1, "failures": 0}
    assert sources(tmp_path / "out", "contract_summary") == ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt", "new.txt"]


def test_changed_settings_ask_every_document_again(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    run(request_for(folder, tmp_path / "out", null_config, jobs_dir))
    other = load_config(None, ("engine.kind=null", "clean.headers=false"))
    assert run(request_for(folder, tmp_path / "out", other, jobs_dir)).rows["contract_summary"] == 5


def test_a_failure_is_tried_again_when_the_limits_of_reading_have_changed(
    folder: Path, tmp_path: Path, jobs_dir: Path
) -> None:
    (folder / "empty.txt").write_text("No contract." + " " * 1_100_000)
    small = load_config(None, ("engine.kind=null", "read.max_file_mb=1"))
    assert run(request_for(folder, tmp_path / "out", small, jobs_dir)).failure_codes == {"too_large": 1}
    larger = load_config(None, ("engine.kind=null", "read.max_file_mb=3"))
    summary = run(request_for(folder, tmp_path / "out", larger, jobs_dir))
    assert summary.rows == {"contract_summary": 1, "failures": 0}
    assert summary.failed == 0


def test_one_content_under_two_names_is_read_once_and_reported_under_both(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    (folder / "copy.txt").write_bytes((folder / "0.txt").read_bytes())
    seen: list[str] = []

    def counting(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        seen.extend(work.document.uri for work in works)
        yield from serially(works, spec, stop)

    run(request_for(folder, tmp_path / "out", null_config, jobs_dir), Machinery(no_session, counting))
    assert len(seen) == 6
    assert {"0.txt", "copy.txt"} <= set(sources(tmp_path / "out", "contract_summary"))


def test_a_renamed_or_copied_file_gets_its_row_without_being_asked_again(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    request = request_for(folder, tmp_path / "out", null_config, jobs_dir)
    run(request)
    (folder / "0.txt").rename(folder / "renamed.txt")
    (folder / "copy.txt").write_bytes((folder / "1.txt").read_bytes())

    def nothing_to_do(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        pytest.fail(f"asked again: {works}")
        yield

    assert run(request, Machinery(no_session, nothing_to_do)).rows == {"contract_summary": 2, "failures": 0}
    query = f"select doc_id, parse_filename(source_uri) from '{tmp_path}/out/contract_summary/run=*/*.parquet'"
    names: dict[str, set[str]] = {}
    for doc_id, name in duckdb.sql(query).fetchall():
        names.setdefault(doc_id, set()).add(name)
    assert {"0.txt", "renamed.txt"} in names.values()
    assert {"1.txt", "copy.txt"} in names.values()


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_a_renamed_file_s_row_was_older_than_its_publication_and_no_watermark_saw_it(
    folder: Path, output: str, jobs_dir: Path, form: str
) -> None:
    config = load_config(None, ("engine.kind=null", f"sink.format={form}"))
    request = request_for(folder, output, config, jobs_dir)
    run(request)
    seen = max(row["published_at"] for row in rows_of(output))
    (folder / "0.txt").rename(folder / "renamed.txt")
    (folder / "new.txt").write_text("One more contract.")
    summary = run(request)
    new = [row for row in rows_of(output) if row["published_at"] > seen]
    assert {row["document"] for row in new} == {"renamed.txt", "new.txt"}
    assert {row["run_id"] for row in new} == {summary.run_id}
    assert len({row["published_at"] for row in new}) == 1
    (old,) = (row for row in rows_of(output) if row["document"] == "0.txt")
    (copied,) = (row for row in new if row["document"] == "renamed.txt")
    assert copied["processed_at"] == old["processed_at"], "it was not asked again"


def rows_of(output: Path | str, table: str = "contract_summary") -> list[dict[str, Any]]:
    return read_published(open_output(str(output)), table).to_pylist()


def test_each_run_is_newer_than_the_one_before_also_if_the_clock_goes_back(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Yesterday(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) - timedelta(days=1)

    request = request_for(folder, tmp_path / "out", null_config, jobs_dir)
    run(request)
    seen = max(row["published_at"] for row in rows_of(tmp_path / "out"))
    monkeypatch.setattr("qwen_batch.output.tables.stamps.datetime", Yesterday)
    for number in range(2):
        (folder / f"new {number}.txt").write_text(f"One more contract, {number}.")
        run(request)
        (new,) = (row for row in rows_of(tmp_path / "out") if row["published_at"] > seen)
        assert new["document"] == f"new {number}.txt"
        seen = new["published_at"]


def test_what_another_run_published_since_the_command_was_checked_is_checked_again(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    lines = load_config(None, ("engine.kind=null", "sink.format=jsonl"))
    late = request_for(folder, tmp_path / "out", lines, jobs_dir)
    run(request_for(folder, tmp_path / "out", null_config, jobs_dir))
    with pytest.raises(UsageError, match="its tables are in parquet"):
        run(late)


@pytest.mark.parametrize("after", [0, 1, 3])
def test_an_interrupted_run_loses_and_repeats_nothing(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path, after: int
) -> None:
    request = request_for(folder, tmp_path / "out", null_config, jobs_dir)
    asked: list[str] = []

    def interrupted(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        for number, outcome in enumerate(serially(works, spec, stop)):
            if number == after:
                raise KeyboardInterrupt
            yield outcome

    def noting(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        asked.extend(work.document.uri for work in works)
        yield from serially(works, spec, stop)

    with pytest.raises(KeyboardInterrupt):
        run(request, Machinery(no_session, interrupted))
    assert not list((tmp_path / "out").glob("*/run=*"))
    summary = run(request, Machinery(no_session, noting))
    assert len(asked) == 6 - after
    assert summary.rows == {"contract_summary": 5, "failures": 1}


def test_an_outcome_that_comes_twice_counts_once(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    def stuttering(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        for outcome in serially(works, spec, stop):
            yield outcome
            yield outcome

    request = request_for(folder, tmp_path / "out", null_config, jobs_dir)
    assert run(request, Machinery(no_session, stuttering)).rows == {"contract_summary": 5, "failures": 1}


def test_a_result_that_never_comes_fails_the_run_and_keeps_the_others(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    def forgetful(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        yield from list(serially(works, spec, stop))[1:]

    request = request_for(folder, tmp_path / "out", null_config, jobs_dir)
    with pytest.raises(OutputError, match="1 results never came"):
        run(request, Machinery(no_session, forgetful))
    assert run(request).rows == {"contract_summary": 5, "failures": 1}


def test_jsonl_rows_equal_parquet_rows(folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path) -> None:
    jsonl = load_config(None, ("engine.kind=null", "sink.format=jsonl"))
    run(request_for(folder, tmp_path / "a", null_config, jobs_dir))
    run(request_for(folder, tmp_path / "b", jsonl, jobs_dir))
    columns = "doc_id, source_uri, pages, language, result.summary as summary, result.effective_date is null as undated"
    query = "select {columns} from {function}('{path}') order by source_uri"
    table = f"{tmp_path}/{{}}/contract_summary/run=*/part-*"
    first = duckdb.sql(query.format(columns=columns, function="read_parquet", path=table.format("a"))).fetchall()
    second = duckdb.sql(query.format(columns=columns, function="read_json_auto", path=table.format("b"))).fetchall()
    assert first == second
    assert len(first) == 5


def test_a_run_that_is_asked_to_stop_publishes_what_it_has_and_the_next_one_goes_on(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    def asked_after_two(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        for number, outcome in enumerate(serially(works, spec, stop), 1):
            if number == 2:
                stop.ask("SIGTERM")
            yield outcome

    request = request_for(folder, tmp_path / "out", null_config, jobs_dir)
    first = run(request, Machinery(no_session, asked_after_two))
    assert (sum(first.rows.values()), first.left, first.stopped_by) == (2, 4, "SIGTERM")
    assert json.loads((tmp_path / "out" / "_runs" / f"{first.run_id}.json").read_text())["left"] == 4
    second = run(request)
    assert (sum(second.rows.values()), second.left) == (4, 0)
    assert len(sources(tmp_path / "out", "contract_summary")) == 5


def test_sigterm_while_the_session_opens_ends_it_at_once_and_publishes_what_was_staged(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    closed: list[bool] = []

    @contextmanager
    def slow_to_open(_config: Config) -> Iterator[None]:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(30)
            yield
        finally:
            closed.append(True)

    summary = run(request_for(folder, tmp_path / "out", null_config, jobs_dir), Machinery(slow_to_open, serially))
    assert (summary.left, summary.stopped_by, closed) == (6, "SIGTERM", [True])
    assert not list((tmp_path / "out").glob("_runs/*"))


def test_documents_that_outlast_the_time_that_is_left_are_left_and_the_others_published(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    def hanging_at_the_third(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        outcomes = serially(works, spec, Stop())  # these were begun in time
        yield next(outcomes)
        yield next(outcomes)
        stop.ask("the time limit")
        time.sleep(60)

    stop = Stop(Limits(grace_s=RESERVE_S + 0.5))
    request = request_for(folder, tmp_path / "out", null_config, jobs_dir)
    summary = run(request, Machinery(no_session, hanging_at_the_third), stop)
    assert (sum(summary.rows.values()), summary.left, summary.stopped_by) == (2, 4, "the time limit")
    assert sum(run(request).rows.values()) == 4


def test_only_what_was_named_is_done_again_though_it_failed_before(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    request = request_for(folder, tmp_path / "out", null_config, jobs_dir)
    run(request)
    (folder / "new.txt").write_text("Not asked for.")
    only = frozenset({(str(folder / "empty.txt"), "contract_summary")})
    again = run(replace(request, only=only))
    assert (again.rows, again.failed_before) == ({"contract_summary": 0, "failures": 1}, 0)


def test_a_failure_that_was_staged_by_a_killed_run_and_then_answered_is_published_as_its_row_alone(
    folder: Path, tmp_path: Path, jobs_dir: Path
) -> None:
    (folder / "empty.txt").write_text("No contract." + " " * 1_100_000)

    def killed_at_the_end(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        yield from serially(works, spec, stop)
        raise KeyboardInterrupt

    settings = ("engine.kind=null", "sink.flush_seconds=0.000001")
    small = load_config(None, (*settings, "read.max_file_mb=1"))
    with pytest.raises(KeyboardInterrupt):
        run(request_for(folder, tmp_path / "out", small, jobs_dir), Machinery(no_session, killed_at_the_end))
    larger = load_config(None, (*settings, "read.max_file_mb=3"))
    assert run(request_for(folder, tmp_path / "out", larger, jobs_dir)).rows == {"contract_summary": 6, "failures": 0}
