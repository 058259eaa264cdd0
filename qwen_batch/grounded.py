"""Dropping what must stand in the document and does not: fields that a job marks MustBeGrounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwen_batch.markers import GROUNDED
from qwen_batch.records import Answer, Evidence


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer without what was not found, the evidence of what is left, and a warning for each loss."""

    answer: Answer
    evidence: tuple[Evidence, ...]
    warnings: tuple[str, ...]


def grounded_only(answer: Answer, evidence: Sequence[Evidence], json_schema: dict[str, Any]) -> Kept:
    """A marked value whose quotes are not in the document becomes null; a marked list loses such items."""
    marked = [name for name, field in json_schema["properties"].items() if GROUNDED in field]
    result = dict(answer.result)
    left = list(evidence)
    warnings: list[str] = []
    for field in marked:
        value = result[field]
        items = value if isinstance(value, list) else [value] if value is not None else []
        paths = [f"{field}[{number}]" if isinstance(value, list) else field for number in range(len(items))]
        found = [_is_found(path, left) for path in paths]
        if all(found):
            continue
        warnings.append(
            f"{field}: {found.count(False)} of {len(found)} values dropped: their quotes are not in the text"
        )
        if not isinstance(value, list):
            result[field] = None
            left = [item for item in left if not _is_under(item.field, field)]
            continue
        result[field] = [item for item, there in zip(items, found, strict=True) if there]
        left = _renumbered(left, field, paths, found)
    return Kept(replace(answer, result=result), tuple(left), tuple(warnings))


def _is_found(path: str, evidence: Sequence[Evidence]) -> bool:
    mine = [item for item in evidence if _is_under(item.field, path)]
    return any(item.match != "none" for item in mine)


def _renumbered(
    evidence: Sequence[Evidence], field: str, paths: Sequence[str], found: Sequence[bool]
) -> list[Evidence]:
    left = [item for item in evidence if not _is_under(item.field, field)]
    kept = [path for path, there in zip(paths, found, strict=True) if there]
    for number, old in enumerate(kept):
        mine = (item for item in evidence if _is_under(item.field, old))
        left += [replace(item, field=f"{field}[{number}]" + item.field.removeprefix(old)) for item in mine]
    return left


def _is_under(path: str, field: str) -> bool:
    return path == field or path.startswith((f"{field}.", f"{field}["))
