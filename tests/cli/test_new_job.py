"""jobs new: a job file from fields or a JSON Schema, which `jobs check` takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qwen_batch.cli import exit_code_of
from qwen_batch.errors import EXIT_OK, EXIT_USAGE
from qwen_batch.job.files import find_job, load_job


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_fields_become_a_job_that_passes_the_check(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fields = "vendor: text who is paid, as printed; total: money; due: date; parties"
    assert exit_code_of(["jobs", "new", "bills", "--fields", fields, "--documents", "a bill"]) == EXIT_OK
    job = load_job(find_job("bills", here / "jobs"))
    assert list(job.schema.model_fields) == ["vendor", "total", "due", "parties"]
    assert job.schema.model_fields["vendor"].description == "who is paid, as printed"
    assert exit_code_of(["jobs", "check", "bills"]) == EXIT_OK
    assert "ok  bills: 4 result columns" in capsys.readouterr().out


def test_a_json_schema_becomes_a_job_file(here: Path) -> None:
    schema = {"type": "object", "properties": {"vendor": {"type": "string"}}}
    (here / "a.json").write_text(json.dumps(schema))
    assert exit_code_of(["jobs", "new", "bills", "--schema", "a.json"]) == EXIT_OK
    assert list(load_job(find_job("bills", here / "jobs")).schema.model_fields) == ["vendor"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bills"], "one of --fields and --schema"),
        (["bills", "--fields", "a:coins"], "no kind of fact 'coins'"),
        (["Bills", "--fields", "a"], "Bills: not the name of a job"),
        (["bills", "--schema", "no.json"], "no.json: No such file"),
        (["there", "--fields", "a"], "there.py: it is there"),
    ],
)
def test_what_makes_no_job_is_named_and_writes_nothing(
    arguments: list[str], said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "jobs").mkdir()
    (here / "jobs" / "there.py").write_text("mine")
    assert exit_code_of(["jobs", "new", *arguments]) == EXIT_USAGE
    assert said in capsys.readouterr().err
    assert [file.read_text() for file in (here / "jobs").iterdir()] == ["mine"]
