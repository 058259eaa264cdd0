from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, create_model

from qwen_batch import Job, LogEvents, LogLine, Quoted
from qwen_batch.errors import JobError
from qwen_batch.job.definition import job_decoding_schema, job_log_fields


class Event(LogLine):
    what: str = Field(max_length=80)


class Plain(BaseModel):
    what: str = Field(max_length=80)


class Nested(Quoted):
    events: Annotated[list[Event], LogEvents()] = Field(max_length=5)


def job(kind: Any, most: int = 300) -> Job:
    return Job(
        name="events",
        schema=create_model("Events", events=(kind, Field(max_length=most)) if most else (kind, ...)),
        instruction="List the events.",
    )


def test_a_list_of_events_asks_for_no_more_at_once_than_lines_are_shown() -> None:
    one = job(Annotated[list[Event], LogEvents(asked=7)])
    (field,) = job_log_fields(one)
    assert (field.field, field.asked, field.most) == ("events", 7, 300)
    assert field.keys == ("at", "line", "component", "times", "until")
    assert '"maxItems": 7' in job_decoding_schema(one)
    assert '"line"' not in job_decoding_schema(one)


def test_a_mark_where_it_means_nothing_is_refused_by_name() -> None:
    with pytest.raises(JobError, match="events is marked with LogEvents, but it is no list of models with a quote"):
        job(Annotated[list[Plain], LogEvents()])
    with pytest.raises(JobError, match=r"Nested\.events is marked with LogEvents"):
        job(Nested | None, most=0)
    with pytest.raises(JobError, match="a prompt has one line or more"):
        LogEvents(asked=0)
