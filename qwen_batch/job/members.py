"""What a job says of the rows of another job: over which of them it is asked, and what rules make of them.

Markers and their checks, and what makes a row's value tell its group. Knows JSON schema, nothing of rows or files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field

from qwen_batch.errors import JobError
from qwen_batch.job.rules import DERIVED_KEY
from qwen_batch.schema_walk import definitions_of, options_of, resolved
from qwen_batch.value_paths import EACH, is_field_path, key_path

MemberRule = Literal[
    "sum",
    "min",
    "max",
    "latest",
    "earliest",
    "count",
    "union",
    "ordered",
    "table",
    "shared",
    "differences",
    "conflicts",
]
Over = Literal["folder", "all"]

FROM_MEMBERS_KEY = "x-from-members"
RESULT = "result."
"""What the path of `GroupBy` begins with: it names a column of the other job's table."""
COMPARING: tuple[MemberRule, ...] = ("table", "shared", "differences", "conflicts")
"""Rules that make a list of `Compared`."""
DAYS: tuple[MemberRule, ...] = ("latest", "earliest")
MAX_CELL_CHARS = 300


class Said(BaseModel):
    """What one document says."""

    document: Annotated[str, Field(max_length=MAX_CELL_CHARS)]
    value: Annotated[str, Field(max_length=MAX_CELL_CHARS)]


class Compared(BaseModel):
    """What documents say of one aspect; `about` is the subject where all of it is of one."""

    aspect: Annotated[str, Field(max_length=MAX_CELL_CHARS)]
    about: Annotated[str | None, Field(max_length=MAX_CELL_CHARS)] = None
    said: Annotated[list[Said], Field(max_length=10_000)]


@dataclass(frozen=True, slots=True)
class GroupBy:
    """One group for each value that the rows of the other job have there: `GroupBy("result.vendor.name")`."""

    path: str

    def __post_init__(self) -> None:
        inner = self.path.removeprefix(RESULT)
        if inner == self.path or not is_field_path(inner) or EACH in inner:
            raise JobError(
                f"GroupBy({self.path!r}): that is no column of a row", 'name one value of it: GroupBy("result.vendor")'
            )

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that lead to the value in a result."""
        return tuple(self.path.removeprefix(RESULT).split("."))


@dataclass(frozen=True, slots=True)
class Grouping:
    """What a job's documents are made of: the rows of the job `of`; each of them alone where `over` is None."""

    of: str
    over: Over | GroupBy | None = None


@dataclass(frozen=True, slots=True)
class FromMembers:
    """Marks a field that a rule fills from the rows of a group: `Annotated[float | None, FromMembers("sum", …)]`.

    `path` is a field of the other job's result, such as `total.value` or `facts[].value`. To compare, `by` is the key
    beside the value that says what it is about, `about` the one that names its subject. To put items in order, `by` is
    the key of theirs that says it. docs/groups.md has the rules.
    """

    rule: MemberRule
    path: str = ""
    by: str = ""
    about: str = ""

    def __post_init__(self) -> None:
        if self.rule not in get_args(MemberRule):
            raise JobError(f"FromMembers({self.rule!r}): no such rule", f"one of {', '.join(get_args(MemberRule))}")
        if not (is_field_path(self.path) or (self.rule == "count" and not self.path)):
            raise JobError(
                f"FromMembers({self.rule!r}, {self.path!r}): that is no field's path",
                'name a field of the other job: "total.value", "facts[].value"',
            )
        if self.rule == "ordered" and (not self.by or self.about or not self.path.endswith(EACH)):
            raise JobError(
                f"FromMembers({self.rule!r}, {self.path!r}): it orders the items of a list by one of their keys",
                'name both: FromMembers("ordered", "events[]", by="at")',
            )
        if (self.by or self.about) and self.rule not in {*COMPARING, "ordered"}:
            raise JobError(
                f"FromMembers({self.rule!r}): by and about mean nothing to it", f"they go with {', '.join(COMPARING)}"
            )

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        marker = {"rule": self.rule, "path": self.path, "by": self.by, "about": self.about}
        return {**handler(core_schema), DERIVED_KEY: True, FROM_MEMBERS_KEY: marker}


@dataclass(frozen=True, slots=True)
class MemberField:
    """A top-level field that a rule fills: `keys` are those of a list's items, none for plain ones."""

    field: str
    marker: FromMembers
    keys: tuple[str, ...] = ()
    max_items: int | None = None


def member_fields(schema: dict[str, Any]) -> tuple[MemberField, ...]:
    """The fields of a job's schema that rules fill from members."""
    return tuple(_member_fields(schema))


def _member_fields(schema: dict[str, Any]) -> Iterator[MemberField]:
    definitions = definitions_of(schema)
    for name, field in schema["properties"].items():
        if marker := field.get(FROM_MEMBERS_KEY):
            body = resolved(field, definitions)
            items = resolved(body.get("items", {}), definitions)
            yield MemberField(
                name, FromMembers(**marker), tuple(items.get("properties", {})), max_items=body.get("maxItems")
            )


def is_asked(schema: dict[str, Any]) -> bool:
    """Whether the model has any field to fill in."""
    return any(DERIVED_KEY not in field for field in schema["properties"].values())


def check_members(job: str, schema: dict[str, Any], *, of: str, over: Over | GroupBy | None) -> None:
    """Raises JobError for a group without members, and for the field whose marker means nothing there."""
    if over is not None and not of:
        raise JobError(f"job {job}: it says over={over!r}, but of no job's rows", 'name that job: of="product_facts"')
    if over is not None and not isinstance(over, GroupBy) and over not in get_args(Over):
        raise JobError(f"job {job}: over={over!r} is no way to group", 'say "folder", "all" or GroupBy("result.…")')
    if of == job:
        raise JobError(f"job {job}: it is of its own rows", "name the job that it builds on")
    _check_places(job, schema)
    required = schema.get("required", ())
    for one in member_fields(schema):
        if not of:
            raise JobError(
                f"job {job}: {one.field} is FromMembers, but of no job's rows", 'name that job: of="product_facts"'
            )
        if one.field in required:
            raise JobError(f"job {job}: {one.field} is FromMembers and has no default", "add = None, or = [] to a list")
        _check_shape(job, one, resolved(schema["properties"][one.field], definitions_of(schema)))


def _check_places(job: str, schema: dict[str, Any]) -> None:
    """Raises JobError for a marker where nobody looks."""
    for owner, definition in definitions_of(schema).items():
        for name, field in definition.get("properties", {}).items():
            if FROM_MEMBERS_KEY in field:
                raise JobError(
                    f"job {job}: {owner}.{name} is FromMembers, but rules fill only fields of the job's own model",
                    "mark the field of the job's model that holds it",
                )
    for name, field in schema["properties"].items():
        if any(FROM_MEMBERS_KEY in option for option in options_of(field)):
            raise JobError(
                f"job {job}: {name} is FromMembers in a part of its type", "write Annotated[… | None, FromMembers(…)]"
            )


def _check_shape(job: str, one: MemberField, body: dict[str, Any]) -> None:
    """Raises JobError if the field cannot hold what its rule makes."""
    rule, kind = one.marker.rule, body.get("type")
    if rule in COMPARING:
        fits, wanted = kind == "array" and {"aspect", "said"} <= set(one.keys), "list[Compared]"
    elif rule == "union":
        fits, wanted = kind == "array", "a list"
    elif rule == "ordered":
        fits, wanted = kind == "array" and one.marker.by in one.keys, f"a list of models with {one.marker.by!r}"
    elif rule == "count":
        fits, wanted = kind == "integer", "int"
    elif rule == "sum":
        fits, wanted = kind in {"number", "integer"}, "float | None"
    elif rule in DAYS:
        fits, wanted = body.get("format") in {"date", "date-time"}, "date | None"
    else:
        fits, wanted = kind in {"number", "integer"}, "float | None"
    if not fits:
        raise JobError(f"job {job}: {one.field} cannot hold what {rule!r} makes", f"give it the type {wanted}")


def check_paths(
    job: str, schema: dict[str, Any], over: Over | GroupBy | None, of: str, members: dict[str, Any]
) -> None:
    """Raises JobError for a path that the rows of the other job do not have; `members` is that job's schema."""
    wanted = [(one.field, one.marker.path) for one in member_fields(schema) if one.marker.path]
    for one in member_fields(schema):
        above = one.marker.path if one.marker.rule == "ordered" else one.marker.path.rpartition(".")[0]
        wanted += [(one.field, key_path(above, key)) for key in (one.marker.by, one.marker.about) if key]
    if isinstance(over, GroupBy):
        wanted.append(("over", over.path.removeprefix(RESULT)))
    known = set(_paths(members, definitions_of(members)))
    for field, path in wanted:
        if path not in known:
            raise JobError(
                f"job {job}: {field} is made from {path!r}, which the rows of {of} do not have",
                f"fields there: {', '.join(sorted(known))}",
            )


def _paths(schema: dict[str, Any], definitions: dict[str, Any], path: str = "") -> Iterator[str]:
    """Every field's path, lists and objects too."""
    for name, field in schema.get("properties", {}).items():
        body, here = resolved(field, definitions), key_path(path, name)
        if body.get("type") == "array":
            here, body = f"{here}{EACH}", resolved(body["items"], definitions)
        yield here
        yield from _paths(body, definitions, here)
