"""order: member jobs are found beside the job that names them, each before what is made of its rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.told import CHAIN, rules_job, write_jobs

from qwen_batch.errors import JobError
from qwen_batch.job.files import find_job, load_job
from qwen_batch.run.groups.order import with_member_jobs


def names(folder: Path, *jobs: str) -> list[str]:
    return [load_job(one).name for one in with_member_jobs([find_job(job, folder) for job in jobs])]


def test_what_is_missing_is_added_and_comes_first(tmp_path: Path) -> None:
    folder = write_jobs(tmp_path / "jobs", rules=rules_job("rules", '"folder"'), last=of(CHAIN, "last", "rules"))
    assert names(folder, "last") == ["facts", "rules", "last"]
    assert names(folder, "last", "facts", "rules") == ["facts", "rules", "last"]


def test_a_circle_is_refused_with_its_jobs(tmp_path: Path) -> None:
    folder = write_jobs(tmp_path / "jobs", one=of(CHAIN, "one", "two"), two=of(CHAIN, "two", "one"))
    with pytest.raises(JobError, match=r"circle: (one of two of one|two of one of two)"):
        names(folder, "one")


def test_a_member_job_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    folder = write_jobs(tmp_path / "jobs", one=of(CHAIN, "one", "nobody"))
    with pytest.raises(JobError, match="job one is of the rows of 'nobody'") as error:
        names(folder, "one")
    assert "facts" in error.value.remedy


def of(text: str, name: str, other: str) -> str:
    """A chain of another job whose only path is one that every chain has."""
    text = text.replace('"chain"', f'"{name}"').replace('of="facts"', f'of="{other}"')
    return text.replace('FromMembers("count", "facts[].value")', 'FromMembers("count")')
