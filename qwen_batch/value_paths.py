"""Paths of values in a result, such as `parties[0].name`, and of fields, such as `parties[].name`.

A path is keys with dots between them, and after the key of a list which item is meant. Knows JSON-like data, nothing
of evidence, gold or schemas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

EACH = "[]"
"""Stands in a field's path after the key of a list, and means each of its items."""
_FIELD_PATH = re.compile(r"[^\s.\[\]]+(\[\])?(\.[^\s.\[\]]+(\[\])?)*")
_NUMBER = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a result, with parts or without, and where it stands; the path of the whole is empty."""

    path: str
    value: Any


def nodes(value: Any, path: str = "") -> Iterator[Node]:
    """A value and all that is in it, each before its parts, in their order."""
    yield Node(path, value)
    if isinstance(value, dict):
        for key, item in value.items():
            yield from nodes(item, key_path(path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from nodes(item, item_path(path, number))


def key_path(path: str, key: str) -> str:
    """The path of what an object has under a key."""
    return f"{path}.{key}" if path else key


def item_path(path: str, number: int) -> str:
    """The path of an item of a list, counted from 0."""
    return f"{path}[{number}]"


def top_field(path: str) -> str:
    """The top-level field of a path: `parties[0].name` and `parties[].name` give `parties`."""
    return path.split(".", 1)[0].split("[", 1)[0]


def outer_list(path: str) -> str:
    """The path of the outermost list that a path leads through, which its items share; itself without one."""
    return path.partition("[")[0]


def is_within(path: str, outer: str) -> bool:
    """Whether a path is another one or leads on from it: `a[1].b` from `a[1]`, but not `a[10]`."""
    return path == outer or path.startswith((f"{outer}.", f"{outer}["))


def moved(path: str, old: str, new: str) -> str:
    """A path within `old` as it is where that stands at `new`."""
    return new + path.removeprefix(old)


def of_each_item(path: str) -> str:
    """The field's path that a value's path belongs to: `parties[0].name` gives `parties[].name`."""
    return _NUMBER.sub(EACH, path)


def is_field_path(text: str) -> bool:
    """Whether a text is written as a field's path is."""
    return _FIELD_PATH.fullmatch(text) is not None


def keys_of(field: str) -> list[str]:
    """The keys of a field's path, one inside of the other."""
    return [part.removesuffix(EACH) for part in field.split(".")]
