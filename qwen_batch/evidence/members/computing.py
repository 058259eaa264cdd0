"""The fields of a group's row that rules make of its members' values, each with the evidence of all that went into it.

No model writes them. The match of their evidence is `computed`; how sure they are, the members' rows say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwen_batch.evidence.confidence import least_of_known, mean_of_known
from qwen_batch.evidence.members.comparing import Row, compared
from qwen_batch.evidence.members.member import Member, Stated, moved_to, stated
from qwen_batch.evidence.members.names import Names
from qwen_batch.evidence.members.ordering import in_order
from qwen_batch.evidence.same_value import is_same_value
from qwen_batch.job.members import COMPARING, MemberField, MemberRule
from qwen_batch.job.nothing import is_absent
from qwen_batch.outcomes import ConfidenceParts, Evidence
from qwen_batch.value_paths import item_path, key_path

UNITS = ("currency", "unit")
"""Keys beside a number that say what it counts."""
MAX_COMPARED = 300
"""Beyond so many different items only what is written alike counts as the same: comparing all pairs takes seconds."""


@dataclass(frozen=True, slots=True)
class Computed:
    """A value that a rule made, and what stands behind it; `is_cut` if a list had to leave items out."""

    field: str
    value: Any
    evidence: tuple[Evidence, ...] = ()
    confidence: float | None = None
    warnings: tuple[str, ...] = ()
    is_cut: bool = False

    def parts(self) -> ConfidenceParts:
        """What its confidence is made of: nothing that a model told."""
        none: dict[str, Any] = dict.fromkeys(("token", "weakest", "ocr", "match", "score", "agreement"))
        return ConfidenceParts(self.field, scanned=False, absent=is_absent(self.value), **none)


def computed_fields(members: Sequence[Member], fields: Sequence[MemberField]) -> tuple[Computed, ...]:
    """Each field that a rule fills, in the order of the schema."""
    return tuple(_computed(members, one) for one in fields)


def _computed(members: Sequence[Member], field: MemberField) -> Computed:
    if field.marker.rule in COMPARING:
        return _comparison(members, field)
    if field.marker.rule == "count" and not field.marker.path:
        evidence = tuple(
            member.cites(Evidence(field.field, member.name, "", None, None, None, (), "computed", 1.0))
            for member in members
        )
        return Computed(field.field, len(members), evidence, 1.0)
    values = [value for member in members for value in stated(member, field.marker.path)]
    return _RULES[field.marker.rule](field, values)


def _count(field: MemberField, values: Sequence[Stated]) -> Computed:
    return _made(field, len(values), values)


def _sum(field: MemberField, values: Sequence[Stated]) -> Computed:
    """Numbers of one currency or unit: that which most have; one that is not said is taken for it."""
    numbers = [one for one in values if isinstance(one.value, int | float) and not isinstance(one.value, bool)]
    if not numbers:
        return Computed(field.field, None)
    known = [unit for one in numbers if (unit := _unit(one))]
    most = max(dict.fromkeys(known), key=known.count, default="")
    added = [one for one in numbers if _unit(one) in {most, ""}]
    warnings: tuple[str, ...] = ()
    if len(added) < len(numbers):
        left = ", ".join(dict.fromkeys(_unit(one) for one in numbers if _unit(one) not in {most, ""}))
        warnings = (f"{field.field}: {len(numbers) - len(added)} values in {left} were not added to those in {most}",)
    total = sum(one.value for one in added)
    total = round(total, 10) if isinstance(total, float) else total
    return replace(_made(field, total, added), warnings=warnings)


def _unit(one: Stated) -> str:
    return " ".join(filter(None, (one.said(key) for key in UNITS)))


def _extreme(pick: Callable[..., Stated]) -> Callable[[MemberField, Sequence[Stated]], Computed]:
    def rule_of(field: MemberField, values: Sequence[Stated]) -> Computed:
        """The least or the greatest; of equal ones the first."""
        if not values:
            return Computed(field.field, None)
        best = pick(values, key=lambda one: one.value)
        return _made(field, best.value, [best])

    return rule_of


def _union(field: MemberField, values: Sequence[Stated]) -> Computed:
    """The different values with the evidence of all that say them; of objects what the field's items have."""
    names = Names()
    groups: list[list[Stated]] = []
    seen: dict[str, int] = {}
    for one in values:
        key = names.of(one.value) if isinstance(one.value, str) else repr(_without_quotes(one.value))
        place = seen.get(key)
        if place is None and not isinstance(one.value, str) and len(groups) <= MAX_COMPARED:
            place = next((at for at, group in enumerate(groups) if is_same_value(group[0].value, one.value)), None)
        if place is None:
            place = len(groups)
            groups.append([])
        seen[key] = place
        groups[place].append(one)
    kept = groups[: field.max_items]
    evidence = tuple(
        moved_to(found, one.path, item_path(field.field, place))
        for place, group in enumerate(kept)
        for one in group
        for found in one.evidence
    )
    value = [_item(group[0].value, field.keys) for group in kept]
    return _list(field, value, [one for group in kept for one in group], evidence, len(groups))


def _ordered(field: MemberField, values: Sequence[Stated]) -> Computed:
    """All items in order of their key; where one of their keys is `document`, it says whose each is."""
    found = in_order(values, field.marker.by)
    kept = found.values[: field.max_items]
    evidence = tuple(
        moved_to(one, item.path, item_path(field.field, place))
        for place, item in enumerate(kept)
        for one in item.evidence
    )
    items = [_item({"document": one.member.name, **one.value}, field.keys) for one in kept]
    made = _list(field, items, kept, evidence, len(found.values))
    said = tuple(f"{field.field}: {warning}" for warning in found.warnings)
    return replace(made, warnings=(*said, *made.warnings))


def _item(value: Any, keys: Sequence[str]) -> Any:
    return {key: value.get(key) for key in keys} if isinstance(value, Mapping) and keys else value


def _without_quotes(value: Any) -> Any:
    return {key: item for key, item in value.items() if key != "quote"} if isinstance(value, Mapping) else value


def _comparison(members: Sequence[Member], field: MemberField) -> Computed:
    rows = compared(members, field.marker)
    kept = rows[: field.max_items]
    value = [
        {
            "aspect": row.aspect,
            "about": row.about,
            "said": [{"document": cell.member.name, "value": str(cell.value)} for cell in row.cells],
        }
        for row in kept
    ]
    evidence = tuple(
        found for place, row in enumerate(kept) for found in _evidence_of(row, item_path(field.field, place))
    )
    return _list(field, value, [cell for row in kept for cell in row.cells], evidence, len(rows))


def _evidence_of(row: Row, path: str) -> Iterator[Evidence]:
    for place, cell in enumerate(row.cells):
        for found in cell.evidence:
            yield moved_to(found, cell.path, key_path(item_path(key_path(path, "said"), place), "value"))


def _list(
    field: MemberField, value: list[Any], values: Sequence[Stated], evidence: tuple[Evidence, ...], found: int
) -> Computed:
    is_cut = len(value) < found
    warnings = (f"{field.field}: {len(value)} of {found} items kept, the most that the job allows",) if is_cut else ()
    confidence = mean_of_known(one.confidence for one in values)
    return Computed(field.field, value, evidence, confidence, warnings, is_cut)


def _made(field: MemberField, value: Any, values: Sequence[Stated]) -> Computed:
    """One value of these; no surer than the least sure of them."""
    evidence = tuple(moved_to(found, one.path, field.field) for one in values for found in one.evidence)
    return Computed(field.field, value, evidence, least_of_known(one.confidence for one in values))


_RULES: dict[MemberRule, Callable[[MemberField, Sequence[Stated]], Computed]] = {
    "count": _count,
    "sum": _sum,
    "min": _extreme(min),
    "max": _extreme(max),
    "latest": _extreme(max),
    "earliest": _extreme(min),
    "union": _union,
    "ordered": _ordered,
}
