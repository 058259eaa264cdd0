"""Questions to a workbook in a merged result: the slots are the model's, the numbers the code's, with their cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from qwen_batch.evidence.merge import Merged
from qwen_batch.job.workbook.sheets import Sheet
from qwen_batch.job.workbook.slots import SlotAnswer, slots_to_answer
from qwen_batch.outcomes import Evidence
from qwen_batch.value_paths import item_path, key_path


def with_aggregates(merged: Merged, fields: Sequence[str], sheets: Sequence[Sheet]) -> Merged:
    """The result with the number of each question that it has."""
    for field in fields:
        value = merged.result.get(field)
        several = value if isinstance(value, list) else [value]
        paths = [item_path(field, at) for at in range(len(several))] if isinstance(value, list) else [field]
        answered = []
        for path, slots in zip(paths, several, strict=True):
            if isinstance(slots, dict):
                found = slots_to_answer(slots, sheets)
                answered.append(_with_numbers(slots, found))
                merged = _with_evidence(merged, path, slots, found)
            else:
                answered.append(slots)
        result = {**merged.result, field: answered if isinstance(value, list) else answered[0]}
        merged = replace(merged, result=result)
    return merged


def _with_numbers(slots: dict[str, Any], found: SlotAnswer) -> dict[str, Any]:
    is_one = slots.get("group_by") is None
    value = float(found.groups[0].value) if is_one and found.groups else None
    groups = [] if is_one else [{"name": one.name[:120], "value": float(one.value)} for one in found.groups]
    return {**slots, "value": value, "groups": groups}


def _with_evidence(merged: Merged, path: str, slots: dict[str, Any], found: SlotAnswer) -> Merged:
    if found.problem:
        return replace(merged, warnings=(*merged.warnings, f"{path}: not computed, {found.problem}"))
    return replace(merged, evidence=(*merged.evidence, *_evidence(path, slots, found)))


def _evidence(path: str, slots: dict[str, Any], found: SlotAnswer) -> Iterator[Evidence]:
    for at, one in enumerate(found.groups):
        place = key_path(path, "value") if not one.name else key_path(item_path(key_path(path, "groups"), at), "value")
        quote = f"{asked_in_words(slots)}{f' {one.name}' if one.name else ''} ({one.cells})"
        cell = one.cells if found.in_sheet else None
        yield Evidence(place, str(float(one.value)), quote, found.page, None, None, (), "computed", 1.0, cell=cell)


def asked_in_words(slots: dict[str, Any]) -> str:
    """The slots as people read them: sum of Spend where Channel = Search by Month."""
    where = " and ".join(f"{one['column']} {one['sign']} {one['value']}" for one in slots.get("where") or ())
    by = f" by {slots['group_by']}" if slots.get("group_by") else ""
    return f"{slots['function']} of {slots['column']}{f' where {where}' if where else ''}{by}"
