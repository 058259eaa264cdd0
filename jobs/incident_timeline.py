"""Incident timeline: the events of a folder's logs in the order of time, each citing its line, and the first cause."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, MUST_BE_GROUNDED, FromMembers, Job, Quoted


class TimelineEvent(BaseModel):
    """An event of one of the logs; `line` is its number in `document`, `times` how many lines are like it."""

    at: Annotated[str | None, Field(max_length=40)]
    severity: Annotated[str, Field(max_length=10)]
    component: Annotated[str | None, Field(max_length=60)]
    what: Annotated[str, Field(max_length=100)]
    document: Annotated[str, Field(max_length=300)]
    line: int | None
    times: int | None


class Failure(Quoted):
    """The event that hurt most."""

    what: str = Field(max_length=120, description="what no longer worked")


class Cause(Quoted):
    """The event that began it."""

    what: str = Field(max_length=120, description="what was changed or broke first")
    why: str = Field(max_length=160, description="how the failure followed from it")


class Timeline(BaseModel):
    """What happened, from the logs of one folder."""

    events: Annotated[list[TimelineEvent], FromMembers("ordered", "events[]", by="at")] = []
    worst: Annotated[Failure | None, MUST_BE_GROUNDED] = Field(description="the worst failure that users met")
    first_cause: Annotated[Cause | None, MUST_BE_GROUNDED] = Field(
        description="the change or fault from which that failure follows: before it, about the same parts, no symptom"
    )
    summary: str = Field(max_length=400, description="what failed, from when to when, and what ended it")


JOB = Job(
    name="incident_timeline",
    schema=Timeline,
    instruction="These events of logs are in the order of time. Say what the incident was and what began it.",
    sampling=EXTRACTION,
    max_output_tokens=700,
    of="log_events",
    over="folder",
)
