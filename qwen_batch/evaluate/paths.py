"""The values of a result that a field's path means, such as `parties[].name`. Knows no gold and no scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qwen_batch.job.nothing import is_absent
from qwen_batch.value_paths import EACH, item_path, key_path, keys_of

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Found:
    """A value of a result and its own path, such as `parties[0].name`."""

    path: str
    value: Scalar


def values_at(result: Any, field: str) -> tuple[Found, ...]:
    """The values a path means, in order: no null, blank text or object. A list at its end counts by item."""
    return tuple(_walk(result, keys_of(field), ""))


def field_problem(result: dict[str, Any], field: str) -> str | None:
    """Why a path cannot mean a value of such a result, None if it can (also where a null hides what is below)."""
    node: Any = result
    for part in field.split("."):
        key = part.removesuffix(EACH)
        node = next(iter(node), None) if isinstance(node, list) else node
        if node is None:
            return None
        if not isinstance(node, dict) or key not in node:
            known = f"; there is {', '.join(map(str, node))}" if isinstance(node, dict) else ""
            return f"no {key!r} there{known}"
        node = node[key]
        if part.endswith(EACH) and not isinstance(node, list | None):
            return f"{key!r} is no list: leave out []"
    node = next(iter(node), None) if isinstance(node, list) else node
    return f"it is an object; name one of its keys: {', '.join(node)}" if isinstance(node, dict) else None


def _walk(node: Any, keys: list[str], path: str) -> Iterator[Found]:
    if isinstance(node, list):
        for number, item in enumerate(node):
            yield from _walk(item, keys, item_path(path, number))
    elif keys:
        if isinstance(node, dict) and keys[0] in node:
            yield from _walk(node[keys[0]], keys[1:], key_path(path, keys[0]))
    elif isinstance(node, str | int | float) and not is_absent(node):
        yield Found(path, node)
