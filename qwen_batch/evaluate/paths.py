"""Field paths such as `parties[].name`, and the values that they mean in a result. Knows no gold and no scores."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Scalar = str | int | float | bool
FIELD_PATH = re.compile(r"[^\s.\[\]]+(\[\])?(\.[^\s.\[\]]+(\[\])?)*")
"""Keys with dots between them; `[]` after a key means each item of its list."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value of a result and its own path, such as `parties[0].name`."""

    path: str
    value: Scalar


def values_at(result: Any, field: str) -> tuple[Found, ...]:
    """The values a path means, in order: no null, blank text or object. A list at its end counts by item."""
    return tuple(_walk(result, [part.removesuffix("[]") for part in field.split(".")], ""))


def field_problem(result: dict[str, Any], field: str) -> str | None:
    """Why a path cannot mean a value of such a result, None if it can (also where a null hides what is below)."""
    node: Any = result
    for part in field.split("."):
        key = part.removesuffix("[]")
        node = next(iter(node), None) if isinstance(node, list) else node
        if node is None:
            return None
        if not isinstance(node, dict) or key not in node:
            known = f"; there is {', '.join(map(str, node))}" if isinstance(node, dict) else ""
            return f"no {key!r} there{known}"
        node = node[key]
        if part.endswith("[]") and not isinstance(node, list | None):
            return f"{key!r} is no list: leave out []"
    node = next(iter(node), None) if isinstance(node, list) else node
    return f"it is an object; name one of its keys: {', '.join(node)}" if isinstance(node, dict) else None


def is_blank(value: Any) -> bool:
    """Null, blank text, and lists and objects of nothing else; an object's quote does not count."""
    if isinstance(value, dict):
        return all(is_blank(item) for key, item in value.items() if key != "quote" or len(value) == 1)
    if isinstance(value, list):
        return all(is_blank(item) for item in value)
    return value is None or (isinstance(value, str) and not value.strip())


def _walk(node: Any, keys: list[str], path: str) -> Iterator[Found]:
    if isinstance(node, list):
        for number, item in enumerate(node):
            yield from _walk(item, keys, f"{path}[{number}]")
    elif keys:
        if isinstance(node, dict) and keys[0] in node:
            yield from _walk(node[keys[0]], keys[1:], f"{path}.{keys[0]}".lstrip("."))
    elif isinstance(node, str | int | float) and not is_blank(node):
        yield Found(path, node)
