"""endings: every exit code stands in one table, and no process ends with another."""

from __future__ import annotations

import inspect
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from helpers.nights import JOB, Nights, nights
from helpers.places import ROOT

from qwen_batch import errors
from qwen_batch.cli.endings import Stopped, ending_of
from qwen_batch.errors import EXIT_CODES, QwenBatchError

TIMES = 4
"""The fault that this looks for came in 7 of 8 calls; `python -m benchmarks.faults --only codes` makes fifty."""
PROGRAM = [sys.executable, "-c", "from qwen_batch.cli import main; main()"]
ERRORS = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, QwenBatchError)]
PATIENCE_S = 120


def test_the_page_has_every_code_and_no_other() -> None:
    rows = re.findall(r"^\| `(\d+)` \| (.+?) \|$", (ROOT / "docs" / "nightly.md").read_text("utf-8"), re.MULTILINE)
    assert {int(code): meaning for code, meaning in rows} == EXIT_CODES


def test_every_code_of_the_module_and_of_its_errors_is_in_the_table() -> None:
    named = {value for name, value in vars(errors).items() if name.startswith("EXIT_") and isinstance(value, int)}
    assert named == set(EXIT_CODES)
    assert {one.exit_code for one in ERRORS} <= set(EXIT_CODES)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = dict(re.findall(r"(\w+Error) +exit (\d)", errors.__doc__ or ""))
    assert drawn == {one.__name__: str(one.exit_code) for one in ERRORS}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (click.UsageError("x"), 2),
        (click.ClickException("x"), 1),
        (click.Abort(), 130),
        (KeyboardInterrupt(), 130),
        (Stopped(signal.SIGTERM), 143),
        (BrokenPipeError(), 1),
        (ZeroDivisionError(), 1),
        *((one("x"), one.exit_code) for one in ERRORS),
    ],
)
def test_what_ends_a_command_has_a_code(error: BaseException, code: int) -> None:
    assert ending_of(error).exit_code == code


def together(commands: Sequence[Sequence[str]], folder: Path) -> list[int]:
    """The exit codes of programs that run side by side."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    programs = [
        subprocess.Popen(
            [*PROGRAM, *command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for command in commands
    ]
    said = [program.communicate(timeout=PATIENCE_S)[1].decode() for program in programs]
    assert not any("terminate called" in one for one in said)
    return [program.returncode for program in programs]


@pytest.mark.subprocess
@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_status_and_retry_ended_with_134_on_s3_too(
    form: str, s3_bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = made_output(tmp_path, form, monkeypatch, capsys, f"{s3_bucket}/out")
    for command, code in ((("status", here.output), 0), (("retry", here.output, "--code", "nope"), 2)):
        assert set(together([command] * TIMES, tmp_path)) == {code}, command


@pytest.mark.subprocess
@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_status_and_retry_ended_with_134(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = made_output(tmp_path, form, monkeypatch, capsys)
    (tmp_path / "gold.jsonl").write_text(json.dumps({"source": "good.txt", "fields": {"summary": None}}) + "\n")
    settings = ("--set", "engine.kind=null", "--set", f"jobs_dir={ROOT / 'jobs'}")
    commands: dict[tuple[str, ...], set[int]] = {
        ("status", here.output): {0},
        ("retry", here.output, "--code", "nope"): {2},
        ("eval", "gold.jsonl", here.output, *settings[2:]): {0},
        ("doctor", *settings): {0, 1},
        ("jobs", "list", *settings[2:]): {0},
    }
    for command, codes in commands.items():
        assert set(together([command] * TIMES, tmp_path)) <= codes, command
    run = ("run", JOB, here.folder, "--output", here.output, "--format", form, "--no-progress", *settings)
    for _ in range(2):  # one after the other: two at a time is what exit code 5 is for
        assert together([run], tmp_path) == [0]
    assert set(together([run] * 2, tmp_path)) <= {0, 5}


def made_output(
    tmp_path: Path,
    form: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    output: str | None = None,
) -> Nights:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text("A contract between Alpha Ltd and Beta Ltd.")
    (folder / "bad.txt").write_text("")
    here = nights(str(folder), output or str(tmp_path / "out"), form, monkeypatch, capsys)
    assert here.run().code == 3
    return here


@pytest.mark.subprocess
def test_a_reader_that_has_gone_made_python_end_with_120(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = made_output(tmp_path, "parquet", monkeypatch, capsys)
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*PROGRAM, "status", here.output], stdout=writing, check=False, env=environment)
    os.close(writing)
    assert done.returncode in EXIT_CODES


@pytest.mark.subprocess
def test_sigterm_before_the_work_ended_as_if_it_were_ctrl_c(tmp_path: Path) -> None:
    """The input is a pipe that nobody writes to: settings are read from it before anything else."""
    os.mkfifo(tmp_path / "settings.yaml")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    program = subprocess.Popen(
        [*PROGRAM, "doctor", "--config", "settings.yaml"], cwd=tmp_path, env=environment, stderr=subprocess.PIPE
    )
    handler_is_set(program.pid)
    program.send_signal(signal.SIGTERM)
    words = program.communicate(timeout=PATIENCE_S)[1].decode()
    assert (program.returncode, "stopped by SIGTERM" in words) == (143, True)


def handler_is_set(pid: int) -> None:
    """Waits until a process catches SIGTERM (proc_pid_status(5): SigCgt)."""
    for _ in range(PATIENCE_S * 20):
        caught = re.search(r"^SigCgt:\s*([0-9a-f]+)", Path(f"/proc/{pid}/status").read_text("ascii"), re.MULTILINE)
        if caught and int(caught[1], 16) >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.05)
