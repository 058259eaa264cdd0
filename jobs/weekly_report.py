"""Weekly report: the notes and mails of a folder as one report, each line of it citing the document that says it."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, MUST_BE_GROUNDED, FromMembers, Job, Quoted


class Line(BaseModel):
    """What a note or mail says."""

    text: Annotated[str, Field(max_length=120)]
    who: Annotated[str | None, Field(max_length=60)]


class Step(Line):
    """Something that is still to be done."""

    due: dt.date | None


class Highlight(Quoted):
    """What a reader with one minute has to know."""

    text: str = Field(max_length=160, description="in one sentence")


class WeeklyReport(BaseModel):
    """One folder's week."""

    first_day: Annotated[dt.date | None, FromMembers("earliest", "date.date")] = None
    last_day: Annotated[dt.date | None, FromMembers("latest", "date.date")] = None
    documents: Annotated[int, FromMembers("count")] = 0
    done: Annotated[list[Line], FromMembers("union", "done[]")] = []
    decisions: Annotated[list[Line], FromMembers("union", "decisions[]")] = []
    problems: Annotated[list[Line], FromMembers("union", "problems[]")] = []
    next_steps: Annotated[list[Step], FromMembers("union", "next_steps[]")] = []
    highlights: Annotated[list[Highlight], MUST_BE_GROUNDED] = Field(
        max_length=4, description="what matters most of the week: results, problems, decisions; each quotes its line"
    )
    summary: str = Field(max_length=500, description="the week in three sentences: results, problems, what comes next")


JOB = Job(
    name="weekly_report",
    schema=WeeklyReport,
    instruction="Write this week's report from the notes.",
    sampling=EXTRACTION,
    max_output_tokens=1400,
    of="week_notes",
    over="folder",
)
