"""Week notes: what one note or mail tells of the work: what was done, decided, is in the way, and comes next."""

import datetime as dt
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from qwen_batch import EXTRACTION, MUST_BE_GROUNDED, Day, Job, LooksFor, Quoted


class Written(Day):
    """The day of a note; `week` is its ISO week, made by the code."""

    week: Annotated[str | None, Field(max_length=8, json_schema_extra={"x-derived": True})] = None

    @model_validator(mode="after")
    def _find_week(self) -> Self:
        year, week, _ = self.date.isocalendar()
        self.week = f"{year}-W{week:02}"
        return self


class Point(Quoted):
    """One statement."""

    text: str = Field(max_length=120, description="what it says, in a few words")
    who: str | None = Field(max_length=60, description="person or team")


class Step(Quoted):
    """Something that is still to be done."""

    text: str = Field(max_length=120, description="the task, without who and when")
    who: str | None = Field(max_length=60, description="who does it")
    due: dt.date | None = Field(description="last day for it, YYYY-MM-DD; a missing year is that of the note")


class WeekNotes(BaseModel):
    """What one document tells of a week."""

    date: Annotated[
        Written | None, MUST_BE_GROUNDED, LooksFor("date", "sent", "notes of", "日期", "发送时间", "记录")
    ] = Field(description="when it was written or sent")
    done: Annotated[
        list[Point], MUST_BE_GROUNDED, LooksFor("finished", "done", "delivered", "is live", "完成", "上线", "交付")
    ] = Field(max_length=8, description="work that is finished")
    decisions: Annotated[
        list[Point], MUST_BE_GROUNDED, LooksFor("decided", "agreed", "we will", "决定", "同意", "确定")
    ] = Field(max_length=6, description="what was decided or agreed")
    problems: Annotated[
        list[Point], MUST_BE_GROUNDED, LooksFor("problem", "late", "blocked", "risk", "问题", "延误", "风险", "缺")
    ] = Field(max_length=6, description="what is in the way, late or at risk")
    next_steps: Annotated[
        list[Step], LooksFor("next", "until", "by Friday", "will", "下一步", "下周", "之前", "负责")
    ] = Field(max_length=8, description="what is still to be done")


JOB = Job(
    name="week_notes",
    schema=WeekNotes,
    instruction="Extract what this note or mail tells of the week's work.",
    sampling=EXTRACTION,
    max_output_tokens=3400,
    fits="a note or a mail about work",
)
