"""corrections.json: what a person decided on a report's pages. The browser writes it, `apply` reads it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from qwen_batch.errors import UsageError

VERSION: Literal[1] = 1


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PointedBox(_Said):
    """A rectangle on the page as it is displayed, in points from its top left corner."""

    x0: float
    y0: float
    x1: float
    y1: float


class Pointed(_Said):
    """The words that a person pointed at: their boxes on a page, or characters [start, end) of the clean text."""

    page: int = Field(ge=1)
    words: str
    boxes: tuple[PointedBox, ...] = ()
    start: int | None = None
    end: int | None = None


class Correction(_Said):
    """A decision on one value. `path` leads to it in the result and counts from 0.

    `accept` says that `old_value` is right, `correct` that `new_value` is, `reject` that there is none.
    `run_id` and `job_fingerprint` are those of the row that was looked at.
    """

    doc_id: str
    source_uri: str
    job: str
    path: str = Field(min_length=1)
    old_value: JsonValue
    new_value: JsonValue = None
    decision: Literal["accept", "correct", "reject"]
    pointed: Pointed | None = None
    who: str
    when: datetime
    run_id: str
    job_fingerprint: str

    @model_validator(mode="after")
    def _new_values_are_of_corrections(self) -> Self:
        if (self.decision == "correct") != (self.new_value is not None):
            raise ValueError(f"{self.path}: a new_value and the decision `correct` go together")
        return self


class Check(_Said):
    """A blind check: another document's value was shown for one of this document, and the reader saw it or not."""

    doc_id: str
    source_uri: str
    job: str
    path: str
    shown: str
    caught: bool
    who: str
    when: datetime


class Corrections(_Said):
    """The file: decisions in the order in which they were made, and what blind checks say of the reader."""

    version: Literal[1] = VERSION
    output: str
    saved_at: datetime
    corrections: tuple[Correction, ...]
    checks: tuple[Check, ...] = ()


def json_to_corrections(content: bytes, place: str) -> Corrections:
    """The file's decisions. Raises UsageError with the first key that is wrong."""
    try:
        return Corrections.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        remedy = "save it again from the report's page Review"
        raise UsageError(f"{place}: {where}: {first['msg']}", remedy) from None
