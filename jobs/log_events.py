"""Log events: what happened by one log, of any size, each event with its severity and the line that says it."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, MUST_BE_GROUNDED, Job, LogEvents, LogLine, LooksFor


class Event(LogLine):
    """Something that happened; time, line number, component and repetitions come from its line."""

    what: str = Field(max_length=100, description="what happened, in a few words")
    severity: Literal["info", "warning", "error", "critical"] = Field(description="how bad it is for the system")


class Events(BaseModel):
    """What one log tells."""

    events: Annotated[
        list[Event],
        LogEvents(),
        MUST_BE_GROUNDED,
        LooksFor("error failed warning restarted changed deployed timeout", "错误 失败 警告 重启 变更 发布 超时 恢复"),
    ] = Field(
        max_length=300,
        description="changes and releases, failures and symptoms, alerts, what people did, recovery; no routine",
    )


JOB = Job(
    name="log_events",
    schema=Events,
    instruction="Most of these log lines are events: list them all in their order, each quoting its line.",
    sampling=EXTRACTION,
    max_output_tokens=3000,
    fits="a log with a time stamp in its lines",
)
