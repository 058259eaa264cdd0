"""The mark of a list that is taken from a table row by row, and the fields of its items as columns are held to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qwen_batch.errors import JobError
from qwen_batch.job.looking import LOOKS_FOR_KEY, MENTIONS_KEY
from qwen_batch.job.rules import DERIVED_KEY, MOST_KEY, ROWS_KEY
from qwen_batch.schema_walk import definitions_of, may_be_null, options_of, resolved

ASKED_ITEMS = 32
"""Of a list without a table the model is asked for so many items a passage, whatever the list may hold."""
QUOTE = "quote"
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """Marks a list whose items are the rows of a table: `Annotated[list[Line], Rows()] = Field(max_length=10_000)`.

    Where the document has such a table, code takes its rows, all of them and in order. The model is asked at most which
    column is which field. Without a table the list is asked as any other, at most `asked` items a passage.
    """

    asked: int = ASKED_ITEMS

    def __post_init__(self) -> None:
        if self.asked < 1:
            raise JobError(f"Rows(asked={self.asked}): a passage has one item or more", "Rows()")

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), ROWS_KEY: self.asked}


@dataclass(frozen=True, slots=True)
class Target:
    """A field of an item that a column may hold. `phrases` are names that such a column has, the field's own first.

    `body` is the field's schema without null, `required` says that there is no item without it, `nullable` that it is
    null where no cell says it.
    """

    name: str
    phrases: tuple[str, ...]
    description: str
    body: Schema
    required: bool
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class RowsField:
    """A list of the job's own model that is taken from a table: at most `most` items, `asked` a passage without one."""

    field: str
    targets: tuple[Target, ...]
    most: int
    asked: int = ASKED_ITEMS
    description: str = ""
    quoted: bool = False


def rows_fields(schema: Schema) -> tuple[RowsField, ...]:
    """The lists of a schema that are marked so."""
    definitions = definitions_of(schema)
    return tuple(
        _rows_field(name, field, definitions) for name, field in schema["properties"].items() if _is_marked(field)
    )


def with_fewer_asked(schema: Schema) -> Schema:
    """The schema where a list of rows asks the model for no more items than it can give; `most` keeps the bound."""
    for field in schema.get("properties", {}).values():
        if _is_marked(field) and field.get("type") == "array" and "maxItems" in field:
            field[MOST_KEY], field["maxItems"] = field["maxItems"], min(field["maxItems"], field[ROWS_KEY])
    return schema


def check_rows(job: str, schema: Schema) -> None:
    """Raises JobError naming the field whose mark means nothing there."""
    definitions = definitions_of(schema)
    for owner, definition in definitions.items():
        for name, field in definition.get("properties", {}).items():
            if any(map(_is_marked, (field, *options_of(field)))):
                raise JobError(
                    f"job {job}: {owner}.{name} is marked with Rows, but only lists of the job's own model are tables",
                    "mark the list of the job's model",
                )
    for name, field in schema["properties"].items():
        if not any(map(_is_marked, (field, *options_of(field)))):
            continue
        items = resolved(field.get("items", {}), definitions)
        if field.get("type") != "array" or not items.get("properties"):
            raise JobError(
                f"job {job}: {name} is marked with Rows, but it is no list of models",
                "use list[Line] = Field(max_length=…)",
            )
        if not any(map(_is_column, items["properties"].items())):
            raise JobError(f"job {job}: the items of {name} have no field that a column could hold", "give them fields")


def _rows_field(name: str, field: Schema, definitions: dict[str, Schema]) -> RowsField:
    items = resolved(field["items"], definitions)
    needed = set(items.get("required", ()))
    targets = tuple(
        _target(key, one, definitions, required=key in needed and not may_be_null(one))
        for key, one in items["properties"].items()
        if _is_column((key, one))
    )
    return RowsField(
        name,
        targets,
        int(field[MOST_KEY]),
        int(field["maxItems"]),
        field.get("description", ""),
        QUOTE in items["properties"],
    )


def _target(name: str, field: Schema, definitions: dict[str, Schema], *, required: bool) -> Target:
    parts = (field, *options_of(field))
    said = [phrase for part in parts for phrase in part.get(LOOKS_FOR_KEY, ())]
    said += [word for part in parts for words in part.get(MENTIONS_KEY, {}).values() for word in words]
    title = field.get("title", "")
    phrases = dict.fromkeys(filter(None, (name.replace("_", " "), title, *said)))
    return Target(
        name, tuple(phrases), field.get("description", ""), resolved(field, definitions), required, may_be_null(field)
    )


def _is_column(field: tuple[str, Schema]) -> bool:
    return field[0] != QUOTE and DERIVED_KEY not in field[1] and field[1].get("type") != "array"


def _is_marked(field: Schema) -> bool:
    return ROWS_KEY in field
