"""What a job says of a field beside its type: how chunks' values become one, and that it must stand in the document.

Markers go into an `Annotated` type and travel in the JSON schema under keys that decoding never sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

from qwen_batch.errors import JobError

MERGE = "x-merge"
GROUNDED = "x-grounded"
PROSE_CHARS = 120
"""A text without a quote that may be longer is prose: no one chunk's is right for the whole document."""

MergeRule = Literal["first", "latest", "earliest", "sum", "max", "min", "vote", "union", "longest", "join", "model"]
RULES = frozenset(get_args(MergeRule))
_DATES = frozenset({"date", "date-time"})
_NUMBERS = frozenset({"integer", "number"})


@dataclass(frozen=True, slots=True)
class Merge:
    """How the values that a long document's chunks gave become one: `Annotated[Day | None, Merge("latest")]`.

    first: the best located, then the surest, then the first. latest, earliest: by the date. sum, max, min: by the
    number. vote: what most chunks say. union: all items of lists, each once. longest, join: of texts. model: the
    model itself merges the texts.
    """

    rule: MergeRule

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The type's schema with the rule in it."""
        return {**handler(core_schema), MERGE: self.rule}


@dataclass(frozen=True, slots=True)
class MustBeGrounded:
    """A value whose quote is not in the document becomes null, and an item of a list is left out, with a warning."""

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The type's schema with the demand in it."""
        return {**handler(core_schema), GROUNDED: True}


def merge_rule(field: dict[str, Any], definitions: dict[str, Any]) -> str:
    """The rule of a top-level field: its own, else by its type."""
    own = field.get(MERGE)
    if own is not None:
        return str(own)
    shape = _shape(field, definitions)
    if shape.get("type") == "array":
        return "union"
    if shape.get("type") == "boolean" or "enum" in shape:
        return "vote"
    if shape.get("type") == "string" and shape.get("maxLength", 0) > PROSE_CHARS:
        return "model"
    return "first"


def measured_key(field: dict[str, Any], definitions: dict[str, Any], *, of_date: bool) -> str | None:
    """Which value of an object a rule compares: its first date or number; "" for a plain one, None if there is none."""
    shape = _shape(field, definitions)
    if _is_measured(shape, of_date=of_date):
        return ""
    for name, value in shape.get("properties", {}).items():
        if _is_measured(_shape(value, definitions), of_date=of_date):
            return str(name)
    return None


def check_markers(job: str, schema: dict[str, Any]) -> None:
    """Raises JobError naming the field whose marker does not fit its type."""
    definitions = schema.get("$defs", {})
    for name, field in schema["properties"].items():
        _check_rule(job, name, field, definitions)
        if GROUNDED in field:
            _check_grounded(job, name, field, definitions)
    for owner, body in definitions.items():
        for name, field in body.get("properties", {}).items():
            if {MERGE, GROUNDED} & field.keys():
                raise JobError(f"job {job}: {owner}.{name} has a marker", "mark the field of the job's own schema")


def _check_rule(job: str, name: str, field: dict[str, Any], definitions: dict[str, Any]) -> None:
    rule = field.get(MERGE)
    if rule is None:
        return
    if rule not in RULES:
        raise JobError(f"job {job}: {name}: there is no rule {rule!r}", f"use one of {', '.join(sorted(RULES))}")
    shape = _shape(field, definitions)
    is_list, is_text = shape.get("type") == "array", shape.get("type") == "string" and "format" not in shape
    fits = {
        "union": is_list,
        "latest": measured_key(field, definitions, of_date=True) is not None,
        "earliest": measured_key(field, definitions, of_date=True) is not None,
        **dict.fromkeys(("sum", "max", "min"), measured_key(field, definitions, of_date=False) is not None),
        **dict.fromkeys(("longest", "join", "model"), is_text),
        **dict.fromkeys(("first", "vote"), not is_list),
    }
    if not fits[rule]:
        remedy = "lists: union; dates: latest, earliest; numbers: sum, max, min; texts: longest, join, model"
        raise JobError(f"job {job}: {name}: the rule {rule} does not fit its type", f"{remedy}; all but lists: first")


def _check_grounded(job: str, name: str, field: dict[str, Any], definitions: dict[str, Any]) -> None:
    shape = _shape(field, definitions)
    inner = _shape(shape["items"], definitions) if shape.get("type") == "array" else shape
    if "quote" not in inner.get("properties", {}):
        raise JobError(f"job {job}: {name} must be grounded but has no quote", "use a model derived from Quoted")
    if shape.get("type") != "array" and {"type": "null"} not in field.get("anyOf", ()):
        raise JobError(f"job {job}: {name} must be grounded but may not be null", "make it optional: | None")


def _is_measured(shape: dict[str, Any], *, of_date: bool) -> bool:
    return shape.get("format") in _DATES if of_date else shape.get("type") in _NUMBERS


def _shape(field: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A field's schema without reference and without null."""
    options = [option for option in field.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        return _shape(options[0], definitions)
    if "$ref" in field:
        return _shape(definitions[field["$ref"].rsplit("/", 1)[-1]], definitions)
    return field
