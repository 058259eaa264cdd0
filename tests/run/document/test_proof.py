"""proof: a job on a sample without a model makes a row, or the check fails with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from qwen_batch.cli import exit_code_of
from qwen_batch.errors import EXIT_OK
from qwen_batch.job.files import find_job, load_job
from qwen_batch.run.document.proof import refusal

STRICT = '''"""Strict."""
from pydantic import BaseModel, Field, field_validator
from qwen_batch import Job


class Note(BaseModel):
    title: str = Field(max_length=20, description="heading as printed")

    @field_validator("title")
    @classmethod
    def has_words(cls, title: str) -> str:
        if not title:
            raise ValueError("say something")
        return title


JOB = Job("strict", Note, "Read the note.")
'''


@pytest.fixture
def strict(tmp_path: Path) -> str:
    (tmp_path / "strict.py").write_text(STRICT)
    return str(tmp_path / "strict.py")


@pytest.fixture
def sample(tmp_path: Path) -> str:
    (tmp_path / "a.txt").write_text("Contract between Alpha Ltd and Beta Ltd.")
    return str(tmp_path / "a.txt")


def test_an_answer_that_finds_nothing_is_taken_unless_a_validator_refuses_it(strict: str, jobs_dir: Path) -> None:
    assert refusal(load_job(find_job("contract_terms", jobs_dir))) == ""
    assert "say something" in refusal(load_job(find_job(strict, jobs_dir)))


@pytest.mark.subprocess
def test_a_job_is_proven_on_a_sample(sample: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["jobs", "check", "contract_terms", "--sample", sample]) == EXIT_OK
    told = capsys.readouterr().out
    assert "proven a.txt: pages 1, prompts 1, the longest of" in told
    assert "the null engine's answer makes a row" in told


@pytest.mark.subprocess
def test_a_sample_without_a_row_fails_the_check_with_the_reason(
    strict: str, sample: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(["jobs", "check", strict, "--sample", sample]) != EXIT_OK
    told = capsys.readouterr()
    assert "hard   an answer that finds nothing is refused" in told.out
    assert "failed a.txt" in told.out
    assert "strict on a.txt" in told.err
