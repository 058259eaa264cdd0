"""retry: the failures that are asked for again, with the settings of the newest run, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.runs import extract, extract_serially, no_session, request_for, run, sources

from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.errors import OutputError, UsageError
from qwen_batch.output.status import unresolved_failures
from qwen_batch.run.prepare import Place
from qwen_batch.run.progress import SilentReporter
from qwen_batch.run.request import Machinery
from qwen_batch.run.retry import Retry, Wanted, prepare_retry
from qwen_batch.run.runner import execute_run
from qwen_batch.storage.places import open_store

pytestmark = pytest.mark.subprocess

SETTINGS = ("engine.kind=null", "read.max_file_mb=1", "clean.captions=true")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text("A contract between Alpha Ltd and Beta Ltd.")
    (folder / "empty.txt").write_text("")
    (folder / "large.txt").write_text("A long contract." + " " * 1_100_000)
    return folder


@pytest.fixture
def out(folder: Path, tmp_path: Path, jobs_dir: Path) -> Path:
    """An output whose newest run had settings of its own, and two failures."""
    out = tmp_path / "out"
    summary = run(request_for(folder, out, load_config(None, SETTINGS), jobs_dir))
    assert summary.failure_codes == {"empty_file": 1, "too_large": 1}
    return out


def again(out: Path, *codes: str, overrides: tuple[str, ...] = ()) -> Retry:
    return prepare_retry(Wanted(codes), Place(str(out)), None, overrides)


def test_one_code_is_retried_with_a_setting_changed_and_nothing_else_is_touched(folder: Path, out: Path) -> None:
    (folder / "new.txt").write_text("Not asked for.")
    retry = again(out, "too_large", overrides=("read.max_file_mb=3",))
    assert retry.messages[0] == "1 failures are tried again"
    assert retry.run is not None
    assert retry.run.spec.config.clean.captions, "the settings of the newest run are the base"
    summary = run(retry.run)
    assert (summary.rows, summary.failed) == ({"contract_summary": 1, "failures": 0}, 0)
    assert sources(out, "contract_summary") == ["good.txt", "large.txt"]
    assert [one.code for one in unresolved_failures(open_store(str(out)))] == ["empty_file"]


def test_without_a_code_all_failures_are_retried_and_those_that_fail_again_stand_with_their_new_run(out: Path) -> None:
    retry = again(out)
    assert retry.run is not None
    summary = run(retry.run)
    assert summary.failure_codes == {"empty_file": 1, "too_large": 1}
    unresolved = unresolved_failures(open_store(str(out)))
    assert {(one.code, one.run_id) for one in unresolved} == {
        ("empty_file", summary.run_id),
        ("too_large", summary.run_id),
    }


def test_files_that_are_gone_are_said_and_left_out(folder: Path, out: Path) -> None:
    (folder / "large.txt").unlink()
    (folder / "empty.txt").unlink()
    retry = again(out)
    assert retry.run is None
    assert "no failure to try again" in retry.messages[0]
    assert retry.messages[1].startswith("2 files that failed are gone")


def test_a_code_that_no_failure_has_is_answered_with_those_there_are(out: Path) -> None:
    with pytest.raises(UsageError, match="1 x empty_file, 1 x too_large"):
        again(out, "timeout")


def test_a_folder_that_is_no_output_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no published run"):
        again(tmp_path)


def test_failures_of_an_extraction_are_retried_too(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "text"
    extract(folder, out, load_config(None, SETTINGS))
    retry = again(out, "too_large", overrides=("read.max_file_mb=3",))
    assert retry.extract is not None
    summary = execute_run(retry.extract, Machinery(no_session, extract_serially), SilentReporter())
    assert summary.rows == {"documents": 1, "pages": 1, "failures": 0}


def test_failures_of_jobs_and_of_extract_in_one_output_are_not_mixed(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    out = tmp_path / "both"
    run(request_for(folder, out, null_config, jobs_dir))
    extract(folder, out, load_config(None))
    with pytest.raises(UsageError, match="extract"):
        again(out)
    chosen = prepare_retry(Wanted(jobs=("contract_summary",)), Place(str(out)), None, ("engine.kind=null",))
    assert chosen.run is not None
