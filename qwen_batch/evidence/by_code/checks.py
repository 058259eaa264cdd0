"""Checks between the fields of a result: one that fails is told with both sides, which are less sure from then on."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwen_batch.evidence.by_code.computed import inputs_of
from qwen_batch.evidence.by_code.evaluate import sides_of, value_of
from qwen_batch.evidence.merge import Merged
from qwen_batch.job.computed.expression import Expression, path_of, sides, written
from qwen_batch.job.computed.marks import Check
from qwen_batch.outcomes import Evidence
from qwen_batch.value_paths import top_field

FAILED_SHARE = 0.5
"""Of its confidence that a field keeps for each check that it is on a side of and that fails."""
MAX_ITEMS_NAMED = 3
MAX_CITED_A_SIDE = 3
MAX_QUOTE_CHARS = 60


@dataclass(frozen=True, slots=True)
class Checked:
    """A result with the warnings of its checks, and the confidence of its fields after them."""

    merged: Merged
    confidence: dict[str, float | None]


def with_checks(merged: Merged, confidence: Mapping[str, float | None], checks: Sequence[Check]) -> Checked:
    """The result and its confidence after all checks; what has no value on a side is not checked."""
    sure = dict(confidence)
    warnings: list[str] = []
    for check in checks:
        held = value_of(check.expression.tree, merged.result)
        if held.value is None:
            warnings += [f"check {check.name}: not made, {held.warning}"] if held.warning else []
            continue
        failed = [at for at, one in enumerate(held.value) if not one] if isinstance(held.value, list) else []
        if held.value is True or (isinstance(held.value, list) and not failed):
            continue
        warnings.append(_warning(check, merged, failed))
        for field in {top_field(path) for path in check.expression.paths}:
            number = sure.get(field)
            sure[field] = None if number is None else number * FAILED_SHARE
    return Checked(replace(merged, warnings=(*merged.warnings, *warnings)), sure)


def _warning(check: Check, merged: Merged, failed: Sequence[int]) -> str:
    tree = check.expression.tree
    values = sides_of(tree, merged.result)
    said = [
        f"{written(part)} is {_shown(value.value, failed)}{_cited(part, merged.evidence, failed)}"
        for part, value in zip(sides(tree), values, strict=True)
        if not isinstance(part, ast.Constant)
    ]
    items = "".join(f" item {at + 1}," for at in failed[:MAX_ITEMS_NAMED]).rstrip(",")
    more = f" and {len(failed) - MAX_ITEMS_NAMED} more" if len(failed) > MAX_ITEMS_NAMED else ""
    where = f" for{items}{more}" if failed else ""
    return f"check {check.name}: {check.expression.text} does not hold{where}: {', but '.join(said)}"


def _shown(value: Any, failed: Sequence[int]) -> str:
    if isinstance(value, list):
        return ", ".join(str(value[at]) for at in failed[:MAX_ITEMS_NAMED])
    return str(value)


def _cited(node: ast.expr, evidence: Sequence[Evidence], failed: Sequence[int]) -> str:
    """Where a side stands: the page and the words of the first values that it is made of."""
    paths = tuple(dict.fromkeys(_paths(node)))
    found = inputs_of(Expression("", node, paths), evidence)
    if failed:
        of_items = tuple(f"[{at}]" for at in failed[:MAX_ITEMS_NAMED])
        found = tuple(one for one in found if "[" not in one.field or any(at in one.field for at in of_items))
    cited = [
        f"page {one.page}: {_shortened(one.quote)!r}" if one.page is not None else repr(_shortened(one.quote))
        for one in found
        if one.start is not None
    ]
    if not cited:
        return ""
    return f" ({'; '.join(cited[:MAX_CITED_A_SIDE])}{'; …' if len(cited) > MAX_CITED_A_SIDE else ''})"


def _paths(node: ast.AST) -> Iterator[str]:
    path = path_of(node)
    if path is not None and not isinstance(node, ast.Constant):
        yield path
        return
    children = node.args if isinstance(node, ast.Call) else ast.iter_child_nodes(node)
    for child in children:
        yield from _paths(child)


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= MAX_QUOTE_CHARS else f"{words[: MAX_QUOTE_CHARS - 1]}…"
