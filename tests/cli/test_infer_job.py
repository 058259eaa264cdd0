"""jobs infer: a draft from samples, without a model here; what is no sample is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from qwen_batch.cli import exit_code_of
from qwen_batch.cli.infer_job import ASKED
from qwen_batch.errors import EXIT_OK, EXIT_USAGE
from qwen_batch.job.files import JobSource, find_job, load_job

NULL = ("--set", "engine.kind=null", "--set", "cache.enabled=false")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for number, total in enumerate(("EUR 12.00", "EUR 7.50")):
        (tmp_path / f"{number}.txt").write_text(f"BILL\nBill date: {number + 1} May 2026\nTotal: {total}\n")
    return tmp_path


@pytest.mark.subprocess
def test_samples_become_a_draft_that_passes_the_check(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["jobs", "infer", "bills", "0.txt", "1.txt", "--documents", "a bill", *NULL]) == EXIT_OK
    assert "a draft of 2 facts, from 2 samples" in capsys.readouterr().out
    job = load_job(find_job("bills", here / "jobs"))
    assert list(job.schema.model_fields) == ["bill_date", "total"]
    assert exit_code_of(["jobs", "check", "bills"]) == EXIT_OK


@pytest.mark.subprocess
def test_samples_without_a_fact_write_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "prose.txt").write_text("It rained all day and nobody came.")
    assert exit_code_of(["jobs", "infer", "bills", "prose.txt", *NULL]) == EXIT_USAGE
    assert "no fact was found" in capsys.readouterr().err
    assert not (here / "jobs").exists()


def test_the_question_to_the_model_is_a_job() -> None:
    assert load_job(JobSource("infer_sample.py", ASKED)).name == "infer_sample"
