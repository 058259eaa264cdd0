"""completing: what a shell offers, asked as bash asks; and colours where nobody wants them."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.places import ROOT
from helpers.published import publish_run, record
from pydantic import BaseModel
from rich.console import Console

from qwen_batch import EXTRACTION, Job
from qwen_batch.run.progress import Counts, make_reporter

pytestmark = pytest.mark.subprocess
COLOUR = re.compile(r"\x1b\[[0-9;]*[34]\d[0-9;]*m")


class Letter(BaseModel):
    yes: bool


def program(folder: Path, variable: str, **more: str) -> str:
    start = "import sys; sys.argv[0] = 'qwen-batch'; from qwen_batch.cli import main; main()"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "_QWEN_BATCH_COMPLETE": variable, **more}
    done = subprocess.run(
        [sys.executable, "-c", start], cwd=folder, env=env, check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    return done.stdout


def offered(folder: Path, line: str) -> list[str]:
    """What follows the words of a line, the last of which is not done."""
    words = line.split(" ")
    text = program(folder, "bash_complete", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1))
    return [item.partition(",")[2] for item in text.splitlines() if item]


def test_commands_options_and_jobs_are_offered(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "letter.py").write_text("")
    (tmp_path / "jobs" / "lease.py").write_text("")
    assert set(offered(tmp_path, "qwen-batch ex")) == {"export", "extract"}
    assert "--time-limit" in offered(tmp_path, "qwen-batch run --ti")
    assert offered(tmp_path, "qwen-batch run l") == ["lease", "letter"]
    assert offered(tmp_path, "qwen-batch jobs show le") == ["lease", "letter"]
    assert program(tmp_path, "bash_complete", COMP_WORDS="qwen-batch run ./in", COMP_CWORD="2") == "file,./in\n"


def test_the_jobs_of_an_output_are_offered(tmp_path: Path) -> None:
    job = Job(name="letter", schema=Letter, instruction="Read.", sampling=EXTRACTION)
    publish_run(tmp_path / "out", job, [record(job, "a.txt", {"yes": True})])
    assert offered(tmp_path, "qwen-batch export out --job ") == ["letter"]
    assert offered(tmp_path, "qwen-batch report out --job l") == ["letter"]
    assert offered(tmp_path, "qwen-batch export nowhere --job ") == []


def test_what_is_wrong_with_the_settings_is_not_said_in_the_middle_of_a_line(tmp_path: Path) -> None:
    (tmp_path / "pipeline.yaml").write_text("enginee: 1\n")
    assert offered(tmp_path, "qwen-batch run l") == []


def test_the_line_of_the_readme_is_taken_by_bash(tmp_path: Path) -> None:
    (line,) = re.findall(r"`eval \"\$\((_\w+)=bash_source qwen-batch\)\"`", (ROOT / "README.md").read_text("utf-8"))
    assert line == "_QWEN_BATCH_COMPLETE"
    script = program(tmp_path, "bash_source")
    subprocess.run(["bash", "-c", f"{script}\ncomplete -p qwen-batch"], check=True, capture_output=True)


@pytest.mark.parametrize(("value", "coloured"), [("", True), ("1", False)])
def test_no_colour_where_it_is_not_wanted(value: str, coloured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", value)
    monkeypatch.setenv("TERM", "xterm-256color")
    text = io.StringIO()
    reporter = make_reporter(Console(file=text, force_terminal=True, width=120), wanted=True)
    counts = Counts(3)
    reporter.start(counts)
    counts.done = 1
    reporter.update(counts)
    reporter.stop(counts)
    assert "documents" in text.getvalue()
    assert bool(COLOUR.search(text.getvalue())) is coloured
