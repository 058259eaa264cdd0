"""The mark of a list of events that is read from a log, and what the code says of the line that an event cites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from qwen_batch.errors import JobError
from qwen_batch.job.rules import DERIVED_KEY, LOG_KEY, MOST_KEY
from qwen_batch.schema_walk import definitions_of, options_of, resolved

ASKED_EVENTS = 20
"""The model is shown so many lines of a log at once, and asked for as many events."""
Schema = dict[str, Any]
_BY_CODE = {DERIVED_KEY: True}
At = Annotated[str | None, Field(max_length=40, json_schema_extra=_BY_CODE)]
Component = Annotated[str | None, Field(max_length=60, json_schema_extra=_BY_CODE)]
Number = Annotated[int | None, Field(json_schema_extra=_BY_CODE)]
LINE_KEYS = ("at", "line", "component", "times", "until")
"""Keys of an item that the code fills in from the line that its quote stands in."""


@dataclass(frozen=True, slots=True)
class LogEvents:
    """Marks a list of events: `Annotated[list[Event], LogEvents()] = Field(max_length=300)`.

    Of a log, of any size, the model is shown the lines that are rare, bad or new, each once with how often it repeats;
    the events are sorted by the time of the lines that they cite. In another document it is a list as any other.
    """

    asked: int = ASKED_EVENTS

    def __post_init__(self) -> None:
        if self.asked < 1:
            raise JobError(f"LogEvents(asked={self.asked}): a prompt has one line or more", "LogEvents()")

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), LOG_KEY: self.asked}


@dataclass(frozen=True, slots=True)
class LogField:
    """A list of the job's own model that is read from a log: `keys` are those of its items that code fills in."""

    field: str
    asked: int
    most: int
    keys: tuple[str, ...]


def log_fields(schema: Schema) -> tuple[LogField, ...]:
    """The lists of a schema that are marked so."""
    definitions = definitions_of(schema)
    found = []
    for name, field in schema["properties"].items():
        if LOG_KEY in field:
            items = resolved(field["items"], definitions)["properties"]
            keys = tuple(key for key in LINE_KEYS if DERIVED_KEY in items.get(key, {}))
            found.append(LogField(name, field[LOG_KEY], int(field[MOST_KEY]), keys))
    return tuple(found)


def with_fewer_events(schema: Schema) -> Schema:
    """The schema where a list of events asks for no more at once than lines are shown; `MOST_KEY` keeps its bound."""
    for field in schema.get("properties", {}).values():
        if LOG_KEY in field and field.get("type") == "array" and "maxItems" in field:
            field[MOST_KEY], field["maxItems"] = field["maxItems"], min(field["maxItems"], field[LOG_KEY])
    return schema


def check_log_fields(job: str, schema: Schema) -> None:
    """Raises JobError naming the field whose mark means nothing there."""
    definitions = definitions_of(schema)
    for owner, definition in definitions.items():
        for name, field in definition.get("properties", {}).items():
            if any(LOG_KEY in part for part in (field, *options_of(field))):
                raise JobError(
                    f"job {job}: {owner}.{name} is marked with LogEvents, but only lists of the job's own model are",
                    "mark the list of the job's model",
                )
    for name, field in schema["properties"].items():
        if not any(LOG_KEY in part for part in (field, *options_of(field))):
            continue
        items = resolved(field.get("items", {}), definitions)
        if field.get("type") != "array" or "quote" not in items.get("properties", {}):
            raise JobError(
                f"job {job}: {name} is marked with LogEvents, but it is no list of models with a quote",
                "use list[Event] = Field(max_length=…), with class Event(LogLine)",
            )
