"""Parameters of a job: what is wrong with one is said by the job's and the parameter's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from qwen_batch.asking.prompts import chunk_messages
from qwen_batch.errors import JobError, UsageError
from qwen_batch.job.definition import job_fingerprint
from qwen_batch.job.files import JobSource, load_job
from qwen_batch.job.params import parsed_params
from qwen_batch.records import Chunk
from qwen_batch.run.arguments import with_params

HEAD = """
from typing import Literal
from pydantic import BaseModel, Field
from qwen_batch import Job
class Answer(BaseModel):
    name: str = Field(max_length=20, description="who")
"""
PLAIN = f'{HEAD}\nJOB = Job(name="plain", schema=Answer, instruction="Ask.")\n'
REGIONS = f"""{HEAD}
class Params(BaseModel):
    region: Literal["North", "South"] | None = None
    top: int = Field(default=3, description="how many")
JOB = Job(name="regions", schema=Answer, instruction="Ask.", params=Params)
"""
NEEDING = f"""{HEAD}
class Params(BaseModel):
    period: str
JOB = Job(name="needing", schema=Answer, instruction="Ask.", params=Params)
"""
REGIONS_SOURCE = JobSource("jobs/regions.py", REGIONS)


def test_values_are_typed_and_defaults_stand() -> None:
    (source,) = with_params([REGIONS_SOURCE], {"top": "5"})
    assert load_job(source).given == (("region", None), ("top", 5))
    assert load_job(REGIONS_SOURCE).given == (("region", None), ("top", 3))


def test_a_wrong_value_is_told_with_what_is_allowed() -> None:
    with pytest.raises(JobError, match=r"job regions: --param region=West") as told:
        with_params([REGIONS_SOURCE], {"region": "West"})
    assert "one of North, South" in str(told.value.remedy)


def test_a_wrong_name_is_told_with_the_names_that_there_are() -> None:
    with pytest.raises(JobError, match=r"no job has the parameter 'reigon'") as told:
        with_params([REGIONS_SOURCE, JobSource("jobs/plain.py", PLAIN)], {"reigon": "North"})
    assert "regions has region" in str(told.value.remedy)
    assert "plain has none" in str(told.value.remedy)


def test_a_value_goes_to_the_jobs_that_have_the_parameter() -> None:
    found = with_params([REGIONS_SOURCE, JobSource("jobs/plain.py", PLAIN)], {"region": "North"})
    assert [one.params for one in found] == [(("region", "North"),), ()]


def test_a_parameter_that_has_to_be_given_is_asked_for() -> None:
    source = JobSource("jobs/needing.py", NEEDING)
    assert load_job(source).given == ()
    with pytest.raises(JobError, match="needs the parameter 'period'"):
        with_params([source], {})


def test_another_value_is_another_question() -> None:
    (north,), (south,) = (with_params([REGIONS_SOURCE], {"region": one}) for one in ("North", "South"))
    assert job_fingerprint(load_job(north)) != job_fingerprint(load_job(south))
    assert "Asked for region: North; top: 3." in chunk_messages(Chunk("x", 0, 1), "en", load_job(north))[1][1]


@pytest.mark.parametrize("written", [["region"], ["=North"], ["a=1", "a=2"]])
def test_what_is_no_pair_is_refused(written: list[str]) -> None:
    with pytest.raises(UsageError):
        parsed_params(written)


def test_a_value_may_hold_an_equals_sign(tmp_path: Path) -> None:
    assert parsed_params(["a=b=c"]) == {"a": "b=c"}
