"""nights: what a record says, held against the lock, the process and what was published."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qwen_batch.output.layout import open_output, run_path
from qwen_batch.output.log.nights import newest_nights
from qwen_batch.output.log.record import KEPT, RunRecord, drop_old_records, newest_records, write_record
from qwen_batch.output.manifest import RunManifest
from qwen_batch.output.status import output_status
from qwen_batch.storage.lock.holder import ourselves

NOW = datetime.now(UTC)
WORKS = """
import sys
from qwen_batch.output.layout import open_output
from qwen_batch.run.recording import RunLog
from qwen_batch.storage.lock import hold
log = RunLog(sys.argv[1], "run", ["notes", "in"])
with hold(open_output(sys.argv[1]), log.run_id):
    log.running()
    print(log.run_id, flush=True)
    sys.stdin.read()
"""


def record(**values: Any) -> RunRecord:
    me = ourselves("r1")
    fixed = {"run_id": "r1", "command": "run", "started": NOW, "state": "running", "host": me.host}
    process = {"pid": me.pid, "pid_began": me.pid_began, "machine": me.machine}
    return RunRecord(**{**fixed, **process, **values})


@pytest.mark.subprocess
def test_a_killed_night_left_no_trace(tmp_path: Path) -> None:
    output = str(tmp_path / "out")
    program = subprocess.Popen(
        [sys.executable, "-c", WORKS, output], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    run_id = program.stdout.readline().strip()
    (night,) = output_status(output).nights
    assert (night.run_id, night.state, night.arguments) == (run_id, "running", ("notes", "in"))
    program.kill()
    program.communicate()
    (night,) = output_status(output).nights
    assert (night.run_id, night.state, night.exit_code) == (run_id, "died", None)


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, "running"),
        ({"pid_began": 1}, "died"),
        ({"machine": "another"}, "died"),
        ({"machine": "another", "state": "preparing"}, "preparing"),
        ({"machine": "another", "state": "preparing", "started": NOW - timedelta(hours=2)}, "died"),
        ({"pid_began": 1, "state": "preparing"}, "died"),
        ({"machine": "another", "state": "complete"}, "complete"),
        ({"machine": "another", "state": "asleep"}, "asleep"),
    ],
)
def test_who_has_not_said_its_end_has_died_unless_it_lives(tmp_path: Path, values: dict[str, Any], state: str) -> None:
    store = open_output(str(tmp_path))
    write_record(store, record(**values))
    assert [night.state for night in newest_nights(store, None, ())] == [state]


def test_a_holder_on_another_machine_lives(tmp_path: Path) -> None:
    store = open_output(str(tmp_path))
    write_record(store, record(machine="another"))
    assert [night.state for night in newest_nights(store, ourselves("r1"), ())] == ["running"]
    assert [night.state for night in newest_nights(store, ourselves("r2"), ())] == ["died"]


def test_a_night_that_died_after_its_publication_was_decided_has_its_rows(tmp_path: Path) -> None:
    store = open_output(str(tmp_path))
    write_record(store, record(pid_began=1))
    manifest = RunManifest(
        run_id="r1", started=NOW, finished=NOW, documents=3, rows={"t": 2, "failures": 1}, failures_by_code={"lost": 1}
    )
    store.put(run_path("r1"), manifest.write)
    (night,) = newest_nights(store, None, (manifest,))
    assert (night.state, night.published, night.rows, night.failures) == ("died", True, {"t": 2}, {"lost": 1})
    assert night.documents == 3


def test_what_is_written_is_read_again_and_old_records_are_bounded(tmp_path: Path) -> None:
    store = open_output(str(tmp_path))
    written = record(rows={"t": 2}, failures={"lost": 1}, exit_code=3, ended=NOW)
    write_record(store, written)
    assert newest_records(store) == [written]
    for number in range(KEPT + 1):
        (tmp_path / "_log" / f"q{number:05d}.json").touch()
    drop_old_records(store)
    left = sorted(path.stem for path in (tmp_path / "_log").iterdir())
    assert len(left) == KEPT
    assert left[-1] == "r1"
    assert left[0] == "q00002"
