"""The JSON schemas that pydantic writes: where a reference leads, what a field may be, and what it is beside null.

Knows JSON schema alone: no job, no engine, no table. Whoever walks a schema asks here, so that null is one thing.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def definitions_of(schema: Schema) -> dict[str, Schema]:
    """The schemas of nested models by the names that references give them."""
    definitions: dict[str, Schema] = schema.get("$defs", {})
    return definitions


def target_of(schema: Schema) -> str:
    """The name of the definition that a schema refers to, empty where it refers to none."""
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1]


def referred(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    """The schema that a reference leads to in the end; itself where it is none."""
    while "$ref" in schema:
        schema = definitions[target_of(schema)]
    return schema


def options_of(schema: Schema) -> tuple[Schema, ...]:
    """The schemas of which a value meets one, null among them; none where there is no choice."""
    return (*schema.get("anyOf", ()), *schema.get("oneOf", ()))


def is_null(schema: Schema) -> bool:
    """Whether null is all that a schema allows, whatever it says beside that."""
    return schema.get("type") == "null"


def may_be_null(schema: Schema) -> bool:
    """Whether null is one of a field's options."""
    return any(map(is_null, options_of(schema)))


def resolved(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    """A field's schema without references and null; itself where several types are left."""
    schema = referred(schema, definitions)
    options = [option for option in options_of(schema) if not is_null(option)]
    return resolved(options[0], definitions) if len(options) == 1 else schema
