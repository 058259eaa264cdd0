"""A row as the model answered it, before people decided about its values.

What people decided stands in a row's evidence: their values are `corrected`, and the model's own ones beside them have
the decision's time. Knows rows as dicts, nothing of tables or files.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from qwen_batch.output.corrections.values import QUOTE, native, put_at, type_at, value_at
from qwen_batch.value_paths import top_field

CORRECTED = "corrected"


def decided_fields(row: Mapping[str, Any]) -> frozenset[str]:
    """The top-level fields about which people decided."""
    return frozenset(top_field(one["field"]) for one in row["evidence"] or () if one.get("decided_at"))


def answered_row(row: Mapping[str, Any], kind: pa.StructType) -> dict[str, Any]:
    """The row with the model's values and their evidence; a row that nobody decided about stays as it is.

    An item that a person took out of a list stands behind the others, as its evidence does.
    """
    evidence = [dict(one) for one in row["evidence"] or ()]
    decided = dict.fromkeys(one["field"] for one in evidence if one.get("decided_at"))
    result = copy.deepcopy(row["result"]) or {}
    for field in decided:
        mine = [one for one in evidence if one["field"] == field]
        own = _models_own(mine)
        if own is not None and own["standing"] in {None, "value"}:
            continue  # a person accepted it
        leaf = type_at(kind, field)
        if leaf is None:
            continue
        put_at(result, kind, field, _from_text(own["value"], leaf) if own else None)
        if own and (fact := field.rpartition(".")[0]) and QUOTE in (value_at(result, fact) or {}):
            put_at(result, kind, f"{fact}.{QUOTE}", own["quote"])
        for one in mine:
            one["standing"] = "value" if one is own else "rejected"
    return {**row, "result": result, "evidence": [one for one in evidence if one["match"] != CORRECTED]}


def _models_own(evidence: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """What the model said at a place, None where it said nothing."""
    signed = (one for one in evidence if one.get("decided_at") and one["match"] != CORRECTED)
    return next((one for one in signed if one["value"] is not None), None)


def _from_text(text: str, kind: pa.DataType) -> Any:
    """A value from the words that evidence has for it; None where they are no value of the type."""
    value: Any = text
    if pa.types.is_boolean(kind):
        value = text == "True"
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
        value = float(text)
    try:
        return native(value, kind)
    except ValueError:
        return None
