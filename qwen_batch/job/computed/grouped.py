"""Lists with an item for each value of a column: what split a total, and what changed it. The marks and their check.

`drivers: Annotated[list[Driver], GroupedBy("lines", key="channel", period="period", where=("region",))]`. Fields of an
item with `PerGroup(expression)` are computed: `now` are the rows of the period that is asked for, or the last, `before`
those of the one before, `total.x` is the sum of a field over all items. The model writes the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qwen_batch.errors import JobError
from qwen_batch.job.computed.expression import Expression, parsed
from qwen_batch.job.rules import DERIVED_KEY, ROWS_KEY
from qwen_batch.schema_walk import Schema, definitions_of, resolved

GROUPED_KEY, PER_GROUP_KEY = "x-grouped", "x-per-group"
GROUPED_VERSION = 1  # part of the fingerprint of every job with such a list: raise it when a number changes
NOW, BEFORE, TOTAL = "now", "before", "total"
PREVIOUS = "previous_"
"""Where rows have no period, a field `previous_x` is what `x` was before."""


@dataclass(frozen=True, slots=True)
class GroupedBy:
    """Marks a list with an item for each value of `key` in the list `rows`.

    `period` is the field of a row that says its period, `where` are fields that a parameter of the same name chooses
    rows by; so does one named like `period`. Items are sorted by the computed field `order`, the largest first.
    """

    rows: str
    key: str
    period: str = ""
    where: tuple[str, ...] = ()
    order: str = ""

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        said = {"rows": self.rows, "key": self.key, "period": self.period, "where": list(self.where)}
        return {**handler(core_schema), GROUPED_KEY: {**said, "order": self.order}}


@dataclass(frozen=True, slots=True)
class PerGroup:
    """Marks a field of such a list's items that code computes."""

    expression: str

    def __post_init__(self) -> None:
        parsed(self.expression, "PerGroup")

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), PER_GROUP_KEY: self.expression, DERIVED_KEY: True}


@dataclass(frozen=True, slots=True)
class GroupedField:
    """Such a list: its mark, the computed fields of its items, and those that the model writes."""

    field: str
    mark: GroupedBy
    computed: tuple[tuple[str, Expression], ...]
    asked: tuple[str, ...]
    most: int


def grouped_fields(schema: Schema) -> tuple[GroupedField, ...]:
    """The lists of a schema that are marked so."""
    definitions = definitions_of(schema)
    return tuple(
        _grouped(name, field, definitions) for name, field in schema["properties"].items() if GROUPED_KEY in field
    )


def check_grouped(job: str, schema: Schema, params: tuple[str, ...]) -> None:
    """Raises JobError naming the list and what of its mark is not there."""
    definitions = definitions_of(schema)
    for one in grouped_fields(schema):
        rows = schema["properties"].get(one.mark.rows, {})
        if ROWS_KEY not in rows:
            raise JobError(
                f"job {job}: {one.field} groups {one.mark.rows!r}, which is no list marked with Rows", "name one"
            )
        known = set(resolved(rows["items"], definitions)["properties"])
        for name in filter(None, (one.mark.key, one.mark.period, *one.mark.where)):
            if name not in known:
                raise JobError(
                    f"job {job}: {one.field} goes by {name!r}, which rows of {one.mark.rows} do not have",
                    f"they have {', '.join(sorted(known))}",
                )
        for name in one.mark.where:
            if name not in params:
                raise JobError(
                    f"job {job}: {one.field} chooses rows by {name!r}, which is no parameter",
                    "declare it in Job(params=...)",
                )
        if one.mark.key not in one.asked:
            raise JobError(f"job {job}: the items of {one.field} have no field {one.mark.key!r}", "give them one")
        names = {name for name, _ in one.computed}
        for name, expression in one.computed:
            _check_paths(f"job {job}: {one.field}[].{name}", expression, names, known)


def _check_paths(what: str, expression: Expression, names: set[str], known: set[str]) -> None:
    for path in expression.paths:
        top, _, rest = path.partition(".")
        if top in (f"{NOW}[]", f"{BEFORE}[]"):
            fits = rest in known
        elif top == TOTAL:
            fits = rest in names
        else:
            fits = path in names
        if not fits:
            remedy = (
                f"now[].x and before[].x are of rows ({', '.join(sorted(known))}), "
                f"total.x and x of items ({', '.join(sorted(names))})"
            )
            raise JobError(f"{what}: {expression.text!r} reads {path}, which is not there", remedy)


def _grouped(name: str, field: Schema, definitions: dict[str, Any]) -> GroupedField:
    said = field[GROUPED_KEY]
    mark = GroupedBy(said["rows"], said["key"], said["period"], tuple(said["where"]), said["order"])
    properties = resolved(field["items"], definitions)["properties"]
    computed = tuple((key, parsed(one[PER_GROUP_KEY], name)) for key, one in properties.items() if PER_GROUP_KEY in one)
    asked = tuple(key for key, one in properties.items() if DERIVED_KEY not in one)
    return GroupedField(name, mark, computed, asked, int(field["maxItems"]))
