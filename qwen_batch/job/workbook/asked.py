"""`Aggregate`: a question to a workbook as slots that a model fills; the number is the code's.

The grammar of a prompt has the names of its own document's sheets, columns and values and no others.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from qwen_batch.job.rules import DERIVED_KEY
from qwen_batch.schema_walk import Schema, definitions_of, resolved

AGGREGATE_KEY = "x-aggregate"
Function = Literal["sum", "average", "min", "max", "count", "distinct"]
Sign = Literal["=", "!=", "<", "<=", ">", ">="]
MAX_NAME_CHARS = 120
MAX_CONDITIONS = 3
MAX_GROUPS = 60


class Condition(BaseModel):
    """Which rows count: those whose cell in a column is as a value."""

    column: str = Field(max_length=MAX_NAME_CHARS, description="a column of the same sheet")
    sign: Sign
    value: str = Field(max_length=MAX_NAME_CHARS, description="a value of that column, or a number")


class AggregateGroup(BaseModel):
    """The number of one group."""

    name: str = Field(max_length=MAX_NAME_CHARS)
    value: float


class Aggregate(BaseModel):
    """A question to a workbook: a function of a column, of the rows that meet all conditions, by a column or of all.

    `value`, or `groups` where it goes by a column, are computed. Numbers of percent are parts of one.
    """

    model_config = ConfigDict(json_schema_extra={AGGREGATE_KEY: True})

    sheet: str = Field(max_length=MAX_NAME_CHARS, description="which sheet or table")
    function: Function
    column: str = Field(max_length=MAX_NAME_CHARS, description="the column that is counted")
    where: list[Condition] = Field(max_length=MAX_CONDITIONS, description="which rows count, none for all")
    group_by: str | None = Field(max_length=MAX_NAME_CHARS, description="the column to go by, null for one number")
    value: float | None = Field(default=None, json_schema_extra={DERIVED_KEY: True})
    groups: list[AggregateGroup] = Field(default=[], max_length=MAX_GROUPS, json_schema_extra={DERIVED_KEY: True})


def aggregate_fields(schema: Schema) -> tuple[str, ...]:
    """The fields of a job's own model that are such questions, or lists of them."""
    definitions = definitions_of(schema)
    return tuple(name for name, field in schema["properties"].items() if _is_aggregate(field, definitions))


def _is_aggregate(field: Schema, definitions: dict[str, Any]) -> bool:
    body = resolved(field, definitions)
    if body.get("type") == "array":
        body = resolved(body.get("items", {}), definitions)
    return AGGREGATE_KEY in body
