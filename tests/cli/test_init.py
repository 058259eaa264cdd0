"""init: a beginning that runs, and nothing written over."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.places import ROOT

from qwen_batch.cli import exit_code_of
from qwen_batch.config_file import load_config
from qwen_batch.errors import EXIT_OK, EXIT_USAGE
from qwen_batch.job.drafts import KINDS
from qwen_batch.job.files import find_job, load_job

ALL_KINDS = ", ".join(f"f_{kind}:{kind} what stands under {kind}" for kind in KINDS)
ODD = 'a "quoted" \\ back\\n{slash} """ of 合同'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "documents", "facts"),
    [
        ("all_kinds", "a letter", ALL_KINDS),
        ("odd", ODD, f"seller:party {ODD}"),
        ("fact", "a fact", "total:amount, value, list_of:list"),
        ("job", "a job", "day:day, flag:yes_no, Title:text"),
        ("day", "a day", "day:day"),
        *((kind, "a letter", f"one:{kind}") for kind in KINDS),
    ],
)
def test_the_job_passes_the_check_without_waste(
    name: str,
    documents: str,
    facts: str,
    here: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert exit_code_of(["init", "--name", name, "--documents", documents, "--facts", facts]) == EXIT_OK
    capsys.readouterr()
    assert exit_code_of(["jobs", "check", name]) == EXIT_OK
    said = capsys.readouterr().out
    assert f"ok  {name}:" in said
    assert "waste" not in said
    job = load_job(find_job(name, here / "jobs"))
    assert len(job.schema.model_fields) == len(facts.split(","))


def test_the_settings_are_settings_and_what_was_said(tmp_path: Path) -> None:
    assert exit_code_of(["init", str(tmp_path / "new"), "--languages", "deu, fra", "--model", "a/b: c"]) == EXIT_OK
    config = load_config(tmp_path / "new" / "pipeline.yaml")
    assert (config.ocr.languages, config.engine.model, config.jobs_dir) == (("deu", "fra"), "a/b: c", "jobs")
    text = (tmp_path / "new" / "pipeline.yaml").read_text()
    bare = re.sub(r"^( *)# (?=[a-z_]+: \S+$)", r"\1", text, flags=re.MULTILINE)
    assert bare.count("#") < text.count("#")
    (tmp_path / "all.yaml").write_text(bare)
    load_config(tmp_path / "all.yaml")


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pipeline.yaml").write_text("engine: {kind: 'null'}\n")
    assert exit_code_of(["init", str(tmp_path)]) == EXIT_OK
    assert "was there" in capsys.readouterr().out
    assert (tmp_path / "pipeline.yaml").read_text() == "engine: {kind: 'null'}\n"
    before = (tmp_path / "jobs" / "my_job.py").read_text()
    assert exit_code_of(["init", str(tmp_path), "--facts", "other:day"]) == EXIT_USAGE
    assert "my_job.py: it is there" in capsys.readouterr().err
    assert (tmp_path / "jobs" / "my_job.py").read_text() == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--name", "My Job"], "My Job"),
        (["--name", "failures"], "failures"),
        (["--facts", "total:coins"], "'coins'"),
        (["--facts", "class:text"], "'class:text'"),
        (["--facts", "copy:text"], "'copy:text'"),
        (["--facts", "a:text, a:day"], "'a' is named twice"),
        (["--facts", " , "], "no fact"),
        (["--documents", " "], "what a document is"),
        (["--languages", "eng, x]: y"], "'x]:'"),
        (["--languages", "german"], "'german'"),
        (["--facts", "shop, day of sale:day"], "write day_of_sale:day"),
    ],
)
def test_what_makes_no_job_is_named_and_leaves_nothing(
    options: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(["init", str(tmp_path / "new"), *options]) == EXIT_USAGE
    told = capsys.readouterr().err
    assert said in told
    assert "remedy" in told
    assert not (tmp_path / "new").exists()


@pytest.mark.subprocess
def test_one_answer_that_cannot_be_taken_lost_the_four_before_it(tmp_path: Path) -> None:
    out, err = _at_a_terminal(tmp_path, b"a receipt\nday of sale:day\nday_of_sale:day\ngerman\ndeu\n\n")
    assert "write day_of_sale:day" in err
    assert "'german' is no language" in err
    assert "qwen-batch run letters FOLDER" in out
    assert load_config(tmp_path / "pipeline.yaml").ocr.languages == ("deu",)


@pytest.mark.subprocess
def test_somebody_at_a_terminal_is_asked_what_no_option_says(tmp_path: Path) -> None:
    out, err = _at_a_terminal(tmp_path, b"a letter\nsender:party who writes\n\n\n")
    assert err.count("?") == 4
    assert "qwen-batch run letters FOLDER" in out
    assert 'sender: Party | None = Field(description="who writes")' in (tmp_path / "jobs" / "letters.py").read_text()


def _at_a_terminal(folder: Path, typed: bytes) -> tuple[str, str]:
    """What `init --name letters` says to somebody who types this."""
    ours, theirs = pty.openpty()
    code = "import sys; sys.argv[0] = 'qwen-batch'; from qwen_batch.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "init", "--name", "letters"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        os.write(ours, typed)
        out, err = program.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert program.returncode == EXIT_OK, err
    return out, err
