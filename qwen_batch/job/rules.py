"""What a job says of its fields beside their type: how chunks' answers become one, and what must be located.

Markers for `Annotated`, carried in the JSON schema under keys of our own; the default of each type; and the check that
a rule fits. Knows JSON schema, nothing of answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from qwen_batch.errors import JobError
from qwen_batch.schema_walk import definitions_of, may_be_null, options_of, resolved
from qwen_batch.value_paths import key_path

ReduceRule = Literal[
    "first", "latest", "earliest", "sum", "max", "min", "vote", "union", "longest", "join", "in_order", "model"
]
Shape = Literal["list", "text", "date", "number", "flag", "choice", "code", "fact", "object", "other"]

REDUCE_KEY = "x-reduce"
GROUNDED_KEY = "x-must-be-grounded"
DERIVED_KEY = "x-derived"
"""Marks a field in the JSON schema that the code fills in: the model is not asked for it, the table has it."""
ROWS_KEY = "x-rows"
"""Marks a list that is taken from a table row by row, with the most items that the model is asked for at once."""
LOG_KEY = "x-log-events"
"""Marks a list of events that is read from a log, with the most lines that the model is shown at once."""
MOST_KEY = "x-most-rows"
"""The most items that such a list may have; its own `maxItems` is what the model is asked for."""
PROSE_CHARS = 120
"""A text that may be longer is prose: what chunks say is put into words by the model."""
MAX_UNIT_CHARS = 8  # a text this short beside a number is its unit

_ANY: tuple[ReduceRule, ...] = ("first", "vote")
_FITTING: dict[Shape, tuple[ReduceRule, ...]] = {
    "list": ("union", "first"),
    "text": (*_ANY, "longest", "join", "in_order", "model"),
    "date": (*_ANY, "latest", "earliest"),
    "number": (*_ANY, "sum", "max", "min"),
    "flag": (*_ANY, "max", "min"),
    "choice": _ANY,
    "code": _ANY,
    "fact": _ANY,
    "object": _ANY,
    "other": _ANY,
}
_BY_PROPERTY: dict[Shape, tuple[ReduceRule, ...]] = {
    "date": ("latest", "earliest"),
    "number": ("sum", "max", "min"),
    "text": ("longest",),
}
_DEFAULT: dict[Shape, ReduceRule] = {"list": "union", "flag": "vote", "choice": "vote"}


@dataclass(frozen=True, slots=True)
class Reduce:
    """Marks a top-level field with the rule that makes one value of those of several chunks.

    `Annotated[Day | None, Reduce("latest")]`. docs/long-documents.md has the rules and the default of each type.
    """

    rule: ReduceRule

    def __post_init__(self) -> None:
        if self.rule not in get_args(ReduceRule):
            raise JobError(f"Reduce({self.rule!r}): no such rule", f"one of {', '.join(get_args(ReduceRule))}")

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), REDUCE_KEY: self.rule}


@dataclass(frozen=True, slots=True)
class MustBeGrounded:
    """Marks a field whose value becomes null, or leaves its list, where its quote is not in the document."""

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), GROUNDED_KEY: True}


MUST_BE_GROUNDED = MustBeGrounded()


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one top-level field is reduced.

    `key` is the property of a fact that the rule compares, None for a plain value; `units` those that say what its
    number counts. `max_items`, `max_chars` and `maximum` are the schema's bounds of a list, a text, a number.
    """

    field: str
    rule: ReduceRule
    shape: Shape
    description: str = ""
    key: str | None = None
    units: tuple[str, ...] = ()
    max_items: int | None = None
    max_chars: int | None = None
    maximum: float | None = None


def field_rules(job: str, schema: dict[str, Any]) -> tuple[FieldRule, ...]:
    """The rule of every top-level field. Raises JobError naming a field whose rule does not fit its type."""
    definitions = definitions_of(schema)
    return tuple(_field_rule(job, name, field, definitions) for name, field in schema["properties"].items())


def check_rules(job: str, schema: dict[str, Any]) -> None:
    """Raises JobError naming the field whose marker means nothing there."""
    field_rules(job, schema)
    definitions = definitions_of(schema)
    for owner, fields in _owners(schema):
        for name, field in fields.items():
            if owner and _marker(field, REDUCE_KEY):
                message = (
                    f"job {job}: {owner}.{name} has a Reduce rule, but only fields of the job's own model are reduced"
                )
                raise JobError(message, "mark the field of the job's model that holds it")
            if _marker(field, GROUNDED_KEY):
                _check_grounded(job, key_path(owner, name), field, definitions, beside_quote="quote" in fields)


def is_grounded(field: dict[str, Any]) -> bool:
    """Whether a field's schema is marked with MUST_BE_GROUNDED."""
    return bool(_marker(field, GROUNDED_KEY))


def _marker(field: dict[str, Any], key: str) -> Any:
    return field.get(key) or next((option[key] for option in options_of(field) if key in option), None)


def _owners(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "", schema["properties"]
    for name, definition in definitions_of(schema).items():
        yield name, definition.get("properties", {})


def _field_rule(job: str, name: str, field: dict[str, Any], definitions: dict[str, Any]) -> FieldRule:
    body = resolved(field, definitions)
    shape = _shape(body)
    rule: ReduceRule = _marker(field, REDUCE_KEY) or _default(shape, body)
    key: str | None = None
    units: tuple[str, ...] = ()
    if rule not in _FITTING[shape]:
        properties = _properties(body, definitions) if shape in {"fact", "object"} else {}
        key = _compared_property(job, name, rule, shape, properties)
        units = tuple(
            other for other, value in body["properties"].items() if other != key and _is_unit(value, definitions)
        )
    number = resolved(body["properties"][key], definitions) if key else body
    return FieldRule(
        field=name,
        rule=rule,
        shape=shape,
        description=field.get("description", ""),
        key=key,
        units=units,
        max_items=_marker(field, MOST_KEY) or body.get("maxItems"),
        max_chars=body.get("maxLength"),
        maximum=number.get("maximum", number.get("exclusiveMaximum")),
    )


def _default(shape: Shape, body: dict[str, Any]) -> ReduceRule:
    if shape == "text" and body.get("maxLength", 0) > PROSE_CHARS:
        return "model"
    return _DEFAULT.get(shape, "first")


def _shape(body: dict[str, Any]) -> Shape:
    if "enum" in body or "const" in body:
        return "choice"
    match body.get("type"):
        case "array":
            return "list"
        case "boolean":
            return "flag"
        case "integer" | "number":
            return "number"
        case "string":
            return "date" if body.get("format") in {"date", "date-time"} else "code" if "pattern" in body else "text"
        case "object":
            return "fact" if "quote" in body.get("properties", {}) else "object"
    return "other"


def _properties(body: dict[str, Any], definitions: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What stands beside a fact's quote, resolved, without what the code fills in."""
    return {
        key: resolved(value, definitions)
        for key, value in body.get("properties", {}).items()
        if key != "quote" and DERIVED_KEY not in value
    }


def _compared_property(
    job: str, name: str, rule: ReduceRule, shape: Shape, properties: dict[str, dict[str, Any]]
) -> str:
    """The one property of a model that a rule such as latest can compare. Raises JobError where there is not one."""
    found = [key for key, body in properties.items() if rule in _BY_PROPERTY.get(_shape(body), ())]
    if len(found) == 1:
        return found[0]
    fitting = [one for one in get_args(ReduceRule) if one in _FITTING[shape]]
    why = f"has {len(found)} fields that it could compare" if found else "has nothing that it could compare"
    raise JobError(
        f"job {job}: the rule {rule!r} does not fit the field {name}, which {why}",
        f"rules that fit it: {', '.join(fitting)}; latest, sum and the like need one date or number",
    )


def _is_unit(field: dict[str, Any], definitions: dict[str, Any]) -> bool:
    body = resolved(field, definitions)
    is_short = _shape(body) == "text" and body.get("maxLength", MAX_UNIT_CHARS + 1) <= MAX_UNIT_CHARS
    return DERIVED_KEY not in field and (_shape(body) in {"choice", "code"} or is_short)


def _check_grounded(
    job: str, path: str, field: dict[str, Any], definitions: dict[str, Any], *, beside_quote: bool
) -> None:
    body = resolved(field, definitions)
    shape = _shape(body)
    if shape == "list":
        has_quote = _shape(resolved(body["items"], definitions)) == "fact"
        problem = "" if not body.get("minItems") else "is a list that may not be empty"
    else:
        has_quote = shape == "fact" or beside_quote
        problem = "" if may_be_null(field) else "may not be null"
    if not has_quote:
        problem = "has no quote that could be located"
    if problem:
        remedy = "use a Quoted model | None, or a list of Quoted models"
        raise JobError(f"job {job}: {path} must be grounded, but it {problem}", remedy)
