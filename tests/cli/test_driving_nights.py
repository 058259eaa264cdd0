"""driving, night after night: what each left behind, whatever came of it, and with which exit code it ended."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from helpers.nights import Nights, nights
from helpers.runs import serially

from qwen_batch.cli.endings import Stopped
from qwen_batch.errors import EngineError, OutputError
from qwen_batch.output.layout import log_paths, open_output
from qwen_batch.storage.lock import hold

pytestmark = pytest.mark.subprocess


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text("A contract between Alpha Ltd and Beta Ltd.")
    (folder / "bad.txt").write_text("")
    return folder


@pytest.fixture(params=["local", "s3"])
def output(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "local":
        return str(tmp_path / "out")
    bucket: str = request.getfixturevalue("s3_bucket")
    return f"{bucket}/out"


@pytest.fixture(params=["parquet", "jsonl"])
def here(
    request: pytest.FixtureRequest,
    folder: Path,
    output: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Nights:
    return nights(str(folder), output, request.param, monkeypatch, capsys)


def test_a_night_that_did_nothing_left_no_trace_and_its_id_existed_nowhere(here: Nights) -> None:
    here.run()
    again = here.run()
    (run_id,) = re.findall(r"^run (\S+):", again.out, re.MULTILINE)
    newest = here.newest()
    assert (newest["run_id"], newest["state"], newest["exit_code"]) == (run_id, "nothing_new", 0)
    assert (newest["documents"], newest["failed_before"], newest["published"]) == (2, 1, False)
    assert newest["seconds"] is not None
    assert open_output(here.output).exists(f"_log/{run_id}.json")
    told = here.told()
    assert "nothing new" in told
    assert "newest published run" in told
    assert "1 new rows in contract_summary, 1 new failures (1 empty_file)" in told


def test_a_night_whose_ray_did_not_start_left_no_trace(here: Nights) -> None:
    here.ray_raises(lambda: EngineError("Ray did not start: no room", "free some memory"))
    assert here.run().code == 1
    newest = here.newest()
    assert (newest["state"], newest["exit_code"], newest["documents"]) == ("failed", 1, 2)
    assert (newest["error"], newest["remedy"]) == ("Ray did not start: no room", "free some memory")
    assert "remedy: free some memory" in here.told()
    here.ray_is_well()
    assert here.run().code == 3
    states = [night["state"] for night in here.status()["nights"]]
    assert states == ["complete", "failed"]


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt, 130), (lambda: Stopped(signal.SIGTERM), 143)], ids=["SIGINT", "SIGTERM"]
)
def test_a_night_that_a_signal_ended_left_no_trace(here: Nights, error: Any, code: int) -> None:
    here.ray_raises(error)
    assert here.run().code == code
    newest = here.newest()
    assert (newest["state"], newest["exit_code"]) == ("stopped", code)


def test_status_and_retry_crashed_on_json_lines(here: Nights) -> None:
    here.run()
    (one,) = here.status()["unresolved"]
    assert (one["code"], one["source_uri"]) == ("empty_file", f"{here.folder}/bad.txt")
    assert re.match(r"\d{4}-\d\d-\d\dT", one["processed_at"])
    assert "1 x empty_file" in here.told()
    (Path(here.folder) / "bad.txt").write_text("Not empty any more.")
    assert here.retry().code == 0
    assert here.status()["unresolved"] == []
    assert [night["rows"] for night in here.status()["nights"]] == [{"contract_summary": 1}] * 2


def test_exit_code_3_came_for_ever_because_of_one_old_broken_file(here: Nights) -> None:
    assert here.run("--fail-on", "none").code == 0
    second = here.run()
    assert second.code == 0
    assert "1 failures" in second.out
    assert "qwen-batch retry" in second.out
    assert here.run("--fail-on", "any").code == 3
    (Path(here.folder) / "worse.txt").write_text("")
    assert here.run().code == 3
    assert here.newest()["failures"] == {"empty_file": 1}
    assert here.retry().code == 3, "these failed anew, in this run"


def test_failures_that_a_killed_night_had_staged_are_new_in_the_night_that_publishes_them(here: Nights) -> None:
    def killed(*arguments: Any) -> Any:
        yield from serially(*arguments)
        raise KeyboardInterrupt

    here.patch.setattr("qwen_batch.run.on_ray.run_documents", killed)
    assert here.run().code == 130
    here.patch.setattr("qwen_batch.run.on_ray.run_documents", serially)
    assert here.run().code == 3
    assert here.newest()["failures"] == {"empty_file": 1}
    assert here.newest()["failed_before"] == 0
    assert here.run().code == 0


def test_a_held_lock_a_wrong_output_and_a_crash_all_ended_with_1(here: Nights, tmp_path: Path) -> None:
    here.run()
    with hold(open_output(here.output), "another"):
        refused = here.run()
        assert refused.code == 5
        assert here.newest()["state"] == "refused"
        assert here.newest()["exit_code"] == 5
    (tmp_path / "file").write_text("")
    for wrong in (str(tmp_path / "file"), str(tmp_path / "file" / "below"), "/proc/foo"):
        said = here.run("--output", wrong)
        assert (said.code, "remedy: give --output a folder" in said.err) == (2, True), said.err
    for command in ("status", "retry"):
        assert here.command(command, str(tmp_path / "nowhere")).code == 2
    here.patch.setattr("qwen_batch.run.on_ray.run_documents", lambda *_: 1 / 0)
    (Path(here.folder) / "new.txt").write_text("One more.")
    with pytest.raises(ZeroDivisionError):
        here.run()
    newest = here.newest()
    assert (newest["state"], newest["exit_code"]) == ("failed", 1)
    assert newest["error"].startswith("ZeroDivisionError")


def test_a_refused_night_left_no_trace(here: Nights) -> None:
    here.run()
    for options, code, words in (
        (("--set", "no.such=1"), 2, "unknown key"),
        (("--set", "ocr.languages=[xyz]"), 1, "xyz"),
        (("--time-limit", "soon"), 2, "span of time"),
    ):
        assert here.run(*options).code == code
        newest = here.newest()
        assert (newest["state"], newest["exit_code"]) == ("refused", code)
        assert words in newest["error"]
    assert here.retry("--code", "nope").code == 2
    assert (here.newest()["command"], here.newest()["state"]) == ("retry", "refused")


def test_a_refusal_where_there_is_no_output_writes_nothing(here: Nights) -> None:
    assert here.run("--set", "no.such=1").code == 2
    assert here.run("--set", "ocr.languages=[xyz]").code == 1
    assert open_output(here.output).files() == []


def test_a_record_that_cannot_be_written_fails_no_run(here: Nights) -> None:
    def full(*_: Any) -> None:
        raise OutputError("no room for records")

    here.patch.setattr("qwen_batch.run.recording.write_record", full)
    (Path(here.folder) / "bad.txt").unlink()
    said = here.run()
    assert said.code == 0
    assert "no room for records" in said.err
    assert here.newest()["state"] == "complete", "told from its manifest"
    assert log_paths(open_output(here.output)) == []


def test_an_output_of_the_version_before_is_told_from_its_manifests(here: Nights) -> None:
    here.run()
    store = open_output(here.output)
    store.delete("_log")
    newest = here.newest()
    assert (newest["state"], newest["rows"], newest["failures"]) == (
        "complete",
        {"contract_summary": 1},
        {"empty_file": 1},
    )
    assert "complete" in here.told()
    assert here.run().code == 0
    assert [night["state"] for night in here.status()["nights"]] == ["nothing_new", "complete"]


def test_a_failure_of_a_file_that_was_removed_still_stood(here: Nights) -> None:
    here.run()
    assert [one["code"] for one in here.status()["unresolved"]] == ["empty_file"]
    assert "1 x empty_file" in here.told()
    assert "remedy: Copy it again" in here.told()
    (Path(here.folder) / "bad.txt").unlink()
    here.run()
    assert here.status()["unresolved"] == []


def test_progress_and_summary_disagreed_about_documents_and_failures(here: Nights) -> None:
    """Files that fail as they are found were in the second alone."""
    folder = Path(here.folder)
    os.mkfifo(folder / "pipe.txt")
    (folder / "twin.txt").write_bytes((folder / "good.txt").read_bytes())
    Path(os.fsdecode(bytes(folder) + b"/b\xe4d.txt")).write_text("A name in latin-1.")
    said = here.run("--progress")
    last = said.err.splitlines()[-1]
    found = re.match(r"(\d+)/(\d+) documents, .*?(\d+) failures", last)
    assert found, said.err
    summary = re.search(r": (\d+) documents in", said.out)
    failures = re.search(r"failures: (\d+) rows", said.out)
    assert summary
    assert failures
    assert found.groups() == (summary[1], summary[1], failures[1])
    assert int(summary[1]) >= 4


def test_a_limit_of_20_s_did_nothing_and_did_not_say_that_it_never_can(here: Nights) -> None:
    here.patch.setattr("qwen_batch.run.recording.RunLog.first_document_s", lambda _self: 43.0)
    said = here.run("--time-limit", "20s")
    assert "20 s are too short to finish a document: 43 s until the first is done" in said.err
    assert "exit code 4" in said.err
    assert "too short" not in here.run("--time-limit", "4h").err


def test_what_a_run_here_needs_is_known_from_the_runs_before(here: Nights) -> None:
    from qwen_batch.run.recording import RunLog

    assert RunLog(here.output, "run").first_document_s() is None
    here.run()
    assert RunLog(here.output, "run").first_document_s() is not None


def test_a_night_of_extract_and_its_retry_are_told_like_any(here: Nights) -> None:
    assert here.extract().code == 3
    newest = here.newest()
    assert (newest["command"], newest["arguments"], newest["state"]) == ("extract", [here.folder], "complete")
    assert (newest["rows"], newest["failures"]) == ({"documents": 1, "pages": 1}, {"empty_file": 1})
    (Path(here.folder) / "bad.txt").write_text("Not empty any more.")
    assert here.retry("--code", "empty_file").code == 0
    newest = here.newest()
    assert (newest["command"], newest["arguments"]) == ("retry", ["--code=empty_file"])
    assert here.status()["unresolved"] == []


def test_a_run_that_could_not_say_what_it_had_published_was_no_failed_one(here: Nights) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise BrokenPipeError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("qwen_batch.cli.driving.summary_text", gone)
        assert here.run().code == 1
    newest = here.newest()
    assert (newest["state"], newest["exit_code"], newest["rows"]) == ("complete", 1, {"contract_summary": 1})
    assert newest["error"] == "who read the output has gone"
