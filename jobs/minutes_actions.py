"""Minutes: the day and who attended, what was decided, and the actions with owner and due day."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, MUST_BE_GROUNDED, Day, Job, LooksFor, Quoted


class Attendee(Quoted):
    """Someone who was there."""

    quote: Annotated[str, Field(max_length=60, description="the exact words of the document")]
    name: str = Field(max_length=60, description="name alone, without office or title")


class Decision(Quoted):
    """What was agreed or resolved."""

    text: str = Field(max_length=120, description="what holds from now on, in a few words")


class Action(Quoted):
    """A task that somebody took over."""

    task: str = Field(max_length=100, description="what is to be done, without who and when")
    owner: str | None = Field(max_length=60, description="who does it")
    due: dt.date | None = Field(description="last day for it, YYYY-MM-DD; a missing year is that of the meeting")


class MinutesActions(BaseModel):
    """What a meeting leaves behind."""

    date: Annotated[
        Day | None,
        MUST_BE_GROUNDED,
        LooksFor("minutes of the meeting held on", "date and time of the meeting", "会议时间 日期"),
    ] = Field(description="when the meeting took place, not the next one")
    attendees: Annotated[
        list[Attendee],
        MUST_BE_GROUNDED,
        LooksFor("present", "in attendance", "attendees", "participants", "出席人员 参会 到会"),
    ] = Field(max_length=20, description="everyone present, not who is absent or sent apologies")
    decisions: Annotated[
        list[Decision],
        MUST_BE_GROUNDED,
        LooksFor("resolved that", "it was decided to", "agreed to", "decision", "会议决定 同意 通过"),
    ] = Field(max_length=12, description="what was decided, not what was only discussed")
    actions: Annotated[  # need not be grounded: a day that the model made up would take its action with it
        list[Action],
        LooksFor("action items", "will by", "is to", "负责 完成 待办事项"),
    ] = Field(max_length=20, description="every task that is to be done after the meeting")


JOB = Job(
    name="minutes_actions",
    schema=MinutesActions,
    instruction="Extract what these minutes record.",
    sampling=EXTRACTION,
    max_output_tokens=4600,
    fits="the minutes or the notes of a meeting",
)
