"""cli: one clear message and the right exit code for everything a user can get wrong; the README names it all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
import pytest
from helpers.places import ROOT

from qwen_batch.cli import exit_code_of, group
from qwen_batch.config import Config
from qwen_batch.errors import EXIT_FATAL, EXIT_OK, EXIT_USAGE, UsageError


def all_commands() -> list[str]:
    names = []
    for name, command in group.commands.items():
        inner = command.commands if isinstance(command, click.Group) else {}
        names += [f"{name} {below}" for below in inner] or [name]
    return names


@pytest.mark.parametrize("command", all_commands())
def test_every_command_has_help_with_an_example_and_stands_in_the_readme(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of([*command.split(), "--help"]) == EXIT_OK
    assert f"Example: qwen-batch {command}" in capsys.readouterr().out
    assert f"qwen-batch {command}" in (ROOT / "README.md").read_text()


def bad_job(folder: Path, text: str) -> str:
    path = folder / "broken.py"
    path.write_text(text)
    return str(path)


WRONG = {
    "unknown key": (
        lambda tmp: ["run", "contract_summary", str(tmp), "--set", "engine.modell=x"],
        EXIT_USAGE,
        ["engine.modell", "unknown key", "model"],
    ),
    "wrong type": (
        lambda tmp: ["run", "contract_summary", str(tmp), "--set", "engine.batch_size=many"],
        EXIT_USAGE,
        ["engine.batch_size", "many"],
    ),
    "config file with an unknown key": (
        lambda tmp: ["run", "contract_summary", str(tmp), "--config", str(tmp / "bad.yaml")],
        EXIT_USAGE,
        ["bad.yaml", "enginee"],
    ),
    "config file that is no YAML": (
        lambda tmp: ["run", "contract_summary", str(tmp), "--config", str(tmp / "torn.yaml")],
        EXIT_USAGE,
        ["torn.yaml", "not valid YAML"],
    ),
    "config file that is not there": (
        lambda tmp: ["run", "contract_summary", str(tmp), "--config", str(tmp / "none.yaml")],
        EXIT_USAGE,
        ["none.yaml", "No such file"],
    ),
    "unknown job": (lambda tmp: ["run", "contrct_summary", str(tmp)], EXIT_USAGE, ["contrct_summary", "did you mean"]),
    "job with a syntax error": (
        lambda tmp: ["run", bad_job(tmp, "from qwen_batch import Job\nJOB = Job(\n"), str(tmp)],
        EXIT_USAGE,
        ["broken.py, line 2"],
    ),
    "job with an error of its own": (
        lambda tmp: ["run", bad_job(tmp, "import math\n\nmath.nothing\n"), str(tmp)],
        EXIT_USAGE,
        ["broken.py, line 3", "nothing"],
    ),
    "job without a JOB": (lambda tmp: ["run", bad_job(tmp, "x = 1\n"), str(tmp)], EXIT_USAGE, ["broken.py", "JOB"]),
    "input that is not there": (
        lambda tmp: ["run", "contract_summary", str(tmp / "nowhere")],
        EXIT_USAGE,
        ["nowhere: no such file or folder"],
    ),
    "unknown OCR engine": (
        lambda tmp: ["run", "contract_summary", str(tmp), "--set", "ocr.engine=magic"],
        EXIT_USAGE,
        ["magic", "tesseract"],
    ),
    "missing tesseract language": (
        lambda tmp: ["run", "contract_summary", str(tmp), "--set", "ocr.languages=[xyz]"],
        EXIT_FATAL,
        ["xyz", "tesseract-ocr-xyz"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_and_nothing_is_written(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "bad.yaml").write_text("enginee:\n  kind: vllm\n")
    (tmp_path / "torn.yaml").write_text("engine: [\n")
    arguments, code, words = WRONG[case]
    output = tmp_path / "out"
    settings = ["--output", str(output), "--no-progress", "--set", "engine.kind=null"]
    assert exit_code_of([*arguments(tmp_path), *settings]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    for word in words:
        assert word in printed.err
    assert "Traceback" not in printed.err
    assert "remedy:" in printed.err
    assert not output.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_output_folder_without_permission_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("text")
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    arguments = ["run", "contract_summary", str(tmp_path / "a.txt"), "--output", str(locked / "out")]
    assert exit_code_of([*arguments, "--set", "engine.kind=null"]) == EXIT_FATAL
    assert f"{locked}: no permission" in capsys.readouterr().err


def test_jobs_are_listed_shown_and_checked(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert exit_code_of(["jobs", "list"]) == EXIT_OK
    assert "contract_summary" in capsys.readouterr().out
    assert exit_code_of(["jobs", "show", "report_outline"]) == EXIT_OK
    shown = capsys.readouterr().out
    assert "<document>" in shown
    assert "temperature 0.7" in shown
    assert exit_code_of(["jobs", "check"]) == EXIT_OK
    checked = capsys.readouterr().out
    assert checked.count("ok  ") == len(list((ROOT / "jobs").glob("*.py")))
    assert "waste" not in checked


@pytest.mark.subprocess
def test_doctor_has_a_line_for_each_thing_and_fails_with_a_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["doctor", "--set", "ocr.languages=[eng, xyz]"]) == EXIT_FATAL
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("ok    tesseract language eng") for line in lines)
    assert any(line.startswith("FAIL  tesseract language xyz") and "apt-get install" in line for line in lines)


@pytest.mark.subprocess
def test_the_package_is_not_imported_for_help() -> None:
    import subprocess
    import sys

    code = "import sys, qwen_batch.cli; print([m for m in ('ray', 'pyarrow', 'pydantic', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_job_in_the_readme_is_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    readme = (ROOT / "README.md").read_text()
    code = readme.partition('```python\n"""Invoice')[2].partition("```")[0]
    (tmp_path / "invoice.py").write_text(f'"""Invoice{code}')
    assert exit_code_of(["jobs", "check", str(tmp_path / "invoice.py")]) == EXIT_OK
    assert "ok  invoice: 3 result columns" in capsys.readouterr().out


def test_eager_is_a_setting_with_a_name_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    taken = []

    def refuse(_arguments: Any, config: Config, *_others: Any) -> None:
        taken.append(config.engine.eager)
        raise UsageError("enough")

    monkeypatch.setattr("qwen_batch.run.prepare.prepare_run", refuse)
    command = ["run", "contract_summary", "data", "--output", str(tmp_path / "out")]
    assert exit_code_of([*command, "--eager"]) == exit_code_of(command) == EXIT_USAGE
    assert taken == [True, "auto"]
