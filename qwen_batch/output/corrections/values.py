"""A value of a row by its path: its Arrow type, its place, and the value between JSON and Arrow.

A path counts items from 0. Knows results as dicts and lists, nothing of evidence or decisions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from qwen_batch.value_paths import outer_list

QUOTE = "quote"
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def steps_of(path: str) -> list[str | int]:
    """The keys and numbers of a path: `a.b[1].c` gives a, b, 1, c."""
    return [int(number) if number else key for number, key in _STEP.findall(path)]


def type_at(kind: pa.DataType, path: str) -> pa.DataType | None:
    """The type of what stands at a path; None where there is no such field."""
    for step in steps_of(path):
        if isinstance(step, int):
            if not pa.types.is_list(kind):
                return None
            kind = kind.value_type
        elif not pa.types.is_struct(kind) or kind.get_field_index(step) < 0:
            return None
        else:
            kind = kind.field(step).type
    return kind


def value_at(value: Any, path: str) -> Any:
    """What stands at a path; None where nothing does."""
    for step in steps_of(path):
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def put_at(result: dict[str, Any], kind: pa.StructType, path: str, value: Any) -> None:
    """Puts a value at a path, whose objects are made where they are missing; a list is as long as it must be."""
    steps = steps_of(path)
    here: Any = result
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        if isinstance(step, int):
            kind = kind.value_type
            here += [None] * (step + 1 - len(here))
        else:
            kind = kind.field(step).type
        if after is None:
            here[step] = value
            return
        there = here[step] if isinstance(step, int) else here.get(step)
        if there is None:
            there = here[step] = [] if isinstance(after, int) else nothing_of(kind)
        here = there


def nothing_of(kind: pa.StructType) -> dict[str, Any]:
    """An object that says nothing."""
    return {field.name: "" if field.name == QUOTE else None for field in kind}


def plain(value: Any) -> Any:
    """A value as JSON has it: days and times in ISO 8601."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value  # a datetime is a date


def native(value: Any, kind: pa.DataType) -> Any:
    """A JSON value as a column of the type takes it. Raises ValueError that says what it is not."""
    if value is None:
        return None
    if pa.types.is_struct(kind) and isinstance(value, dict):
        return {field.name: native(value.get(field.name), field.type) for field in kind}
    if pa.types.is_list(kind) and isinstance(value, list):
        return [native(item, kind.value_type) for item in value]
    return _scalar(value, kind)


def _scalar(value: Any, kind: pa.DataType) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if pa.types.is_boolean(kind) and isinstance(value, bool):
        return value
    if pa.types.is_integer(kind) and is_number and float(value).is_integer():
        return int(value)
    if pa.types.is_floating(kind) and is_number:
        return float(value)
    if pa.types.is_date(kind) and isinstance(value, str):
        return date.fromisoformat(value)
    if pa.types.is_timestamp(kind) and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if pa.types.is_string(kind) and isinstance(value, str):
        return value
    raise ValueError(f"{value!r} is no value of the type {kind}")


def same(one: Any, other: Any) -> bool:
    """Whether two values in JSON say the same; a truth value is no number."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def says_nothing(value: Any) -> bool:
    """Whether a value is absent, or a list or object of nothing else; a quote beside values is none of them."""
    if isinstance(value, dict):
        return all(says_nothing(item) for key, item in value.items() if key != QUOTE or len(value) == 1)
    if isinstance(value, list):
        return all(map(says_nothing, value))
    return value is None or (isinstance(value, str) and not value.strip())


def find_place(result: dict[str, Any], path: str, wanted: Sequence[Any]) -> str | None:
    """Where the value at a path stands in a result whose lists may have other items, in another order.

    A path without a list is its own place. In a list it is the item that says one of `wanted` there: the first of
    these that any item says; of several items the one with the path's own number, else the first.
    """
    outer = outer_list(path)
    if outer == path:
        return path
    number, rest = item_of(path)
    items = value_at(result, outer) or []
    for value in wanted:
        found = [at for at, item in enumerate(items) if same(plain(value_at(item, rest)), value)]
        if value is None:
            found = [at for at in found if at == number]
        if found:
            return moved_to(path, number if number in found else found[0])
    return None


def item_of(path: str) -> tuple[int, str]:
    """Which item of the outermost list a path leads through, and the path within the item."""
    number, _, rest = path.removeprefix(f"{outer_list(path)}[").partition("]")
    return int(number), rest.removeprefix(".")


def item_at(path: str) -> str:
    """The path of the item of the outermost list that a path leads through."""
    return f"{outer_list(path)}[{item_of(path)[0]}]"


def moved_to(path: str, number: int) -> str:
    """The path in another item of its outermost list."""
    return f"{outer_list(path)}[{number}]{path.removeprefix(item_at(path))}"
