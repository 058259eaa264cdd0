"""The marks of computed fields and of checks, and what is wrong with one when a job is defined.

A computed field is carried in the JSON schema under a key of our own and, as all that the code fills in, neither in the
decoding schema nor in the prompt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from qwen_batch.errors import JobError
from qwen_batch.job.computed.expression import Expression, parsed
from qwen_batch.job.computed.kinds import expression_kind, field_kind
from qwen_batch.job.rules import DERIVED_KEY
from qwen_batch.schema_walk import definitions_of, may_be_null, options_of
from qwen_batch.value_paths import top_field

COMPUTED_KEY = "x-computed"
COMPUTED_VERSION = 1  # part of the fingerprint of every job that computes or checks: raise it when a value changes
_MAY_BECOME = {"number": {"number", "money"}, "money": {"money"}, "day": {"day"}}
"""What a field of a kind takes."""


@dataclass(frozen=True, slots=True)
class Computed:
    """Marks a field that the code computes: `net: Annotated[float | None, Computed("sum(lines[].amount)")] = None`.

    The model is never asked for it. docs/jobs.md has the language.
    """

    expression: str

    def __post_init__(self) -> None:
        parsed(self.expression, "Computed")

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), COMPUTED_KEY: self.expression, DERIVED_KEY: True}


class Checks:
    """What has to hold between fields: `Checks(lines_total="sum(lines[].amount) == total")`.

    One that fails is a warning under its name, and halves the confidence of the fields on both sides.
    """

    def __init__(self, **expressions: str) -> None:
        for name, expression in expressions.items():
            parsed(expression, f"Checks: {name}")
        self.expressions = tuple(expressions.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Checks) and other.expressions == self.expressions

    def __hash__(self) -> int:
        return hash(self.expressions)


@dataclass(frozen=True, slots=True)
class ComputedField:
    """A field of the job's own model, and how it is computed."""

    field: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Check:
    """What has to hold, and the name under which it is told."""

    name: str
    expression: Expression


def computed_fields(job: str, schema: dict[str, Any]) -> tuple[ComputedField, ...]:
    """The computed fields of a schema, each behind those that it reads. Raises JobError for a circle."""
    found = {
        name: parsed(field[COMPUTED_KEY], f"job {job}: {name}")
        for name, field in schema["properties"].items()
        if COMPUTED_KEY in field
    }
    reads = {name: {top_field(path) for path in one.paths} & set(found) for name, one in found.items()}
    try:
        order = list(TopologicalSorter(reads).static_order())
    except CycleError as error:
        circle = " and ".join(dict.fromkeys(map(str, error.args[1])))
        raise JobError(f"job {job}: {circle} are computed from each other", "compute one from what is read") from None
    return tuple(ComputedField(name, found[name]) for name in order)


def checks_of(job: str, checks: Checks | None) -> tuple[Check, ...]:
    """The checks of a job."""
    pairs = checks.expressions if checks else ()
    return tuple(Check(name, parsed(text, f"job {job}: the check {name}")) for name, text in pairs)


def check_computed(job: str, schema: dict[str, Any], checks: Checks | None) -> None:
    """Raises JobError naming the field or check, and what does not fit."""
    for place in _unheard(schema):
        raise JobError(
            f"job {job}: {place} is computed, but only fields of the job's own model are", "compute a field beside it"
        )
    definitions = definitions_of(schema)
    for one in computed_fields(job, schema):
        field = schema["properties"][one.field]
        if not may_be_null(field) or field.get("default", ...) is not None:
            raise JobError(
                f"job {job}: {one.field} is computed and may come out as nothing",
                f"write {one.field}: ... | None = None",
            )
        kind = expression_kind(one.expression, schema, f"job {job}: {one.field}")
        wanted = field_kind(field, definitions)
        if kind.each or kind.kind not in _MAY_BECOME.get(wanted, ()):
            said = f"one {kind.kind} for each item" if kind.each else f"a {kind.kind}"
            raise JobError(
                f"job {job}: {one.field} takes no such value: {one.expression.text!r} gives {said}",
                "a number is float | None or int | None, a day date | None, money a model of value and currency",
            )
    for check in checks_of(job, checks):
        if expression_kind(check.expression, schema, f"job {job}: the check {check.name}").kind != "flag":
            raise JobError(
                f"job {job}: the check {check.name} compares nothing: {check.expression.text!r}",
                "write == or < into it",
            )


def _unheard(schema: dict[str, Any]) -> Iterator[str]:
    """Where a computed field stands that nobody computes."""
    for owner, definition in definitions_of(schema).items():
        for name, field in definition.get("properties", {}).items():
            if any(COMPUTED_KEY in part for part in (field, *options_of(field))):
                yield f"{owner}.{name}"
    for name, field in schema["properties"].items():
        if any(COMPUTED_KEY in option for option in options_of(field)):
            yield name
