"""Computed fields of a merged result: their values, with the evidence and the confidence of what they are made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from qwen_batch.evidence.by_code.evaluate import Value, value_of
from qwen_batch.evidence.candidates import combined_parts
from qwen_batch.evidence.merge import Merged
from qwen_batch.job.computed.expression import Expression
from qwen_batch.job.computed.marks import ComputedField
from qwen_batch.job.computed.values import Money
from qwen_batch.outcomes import ConfidenceParts, Evidence
from qwen_batch.schema_walk import definitions_of, resolved
from qwen_batch.value_paths import is_within, of_each_item, top_field

MAX_CITED = 200
"""A value that more values went into cites the first of them: their own evidence has the rest."""


def with_computed(merged: Merged, fields: Sequence[ComputedField], schema: dict[str, Any]) -> Merged:
    """The result with its computed fields, each behind those that it reads."""
    for one in fields:
        merged = _with_one(merged, one, schema)
    return merged


def inputs_of(expression: Expression, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The evidence of the values that an expression reads, each place once."""
    found = (
        one
        for one in evidence
        if one.standing == "value" and any(is_within(of_each_item(one.field), path) for path in expression.paths)
    )
    return tuple({(one.page, one.start, one.end, one.quote): one for one in reversed(list(found))}.values())[::-1]


def _with_one(merged: Merged, one: ComputedField, schema: dict[str, Any]) -> Merged:
    found = value_of(one.expression.tree, merged.result)
    value = _as_field(found.value, schema["properties"][one.field], definitions_of(schema))
    if found.value is not None and value is None:
        found = Value(None, f"{found.value} is no value of the field")
    others = tuple(item for item in merged.evidence if top_field(item.field) != one.field)
    inputs = inputs_of(one.expression, others) if value is not None else ()
    cited = (replace(item, field=one.field, value=str(found.value), match="computed") for item in inputs[:MAX_CITED])
    parts = _parts(one, merged.parts, absent=value is None)
    warnings = (f"{one.field}: not computed, {found.warning}",) if found.warning else ()
    return replace(
        merged,
        result={**merged.result, one.field: value},
        evidence=(*others, *cited),
        parts=tuple(parts if old.field == one.field else old for old in merged.parts),
        warnings=(*merged.warnings, *warnings),
    )


def _parts(one: ComputedField, parts: Sequence[ConfidenceParts], *, absent: bool) -> ConfidenceParts:
    """Those of a value that is as sure as what it is made of."""
    read = {top_field(path) for path in one.expression.paths}
    made_of = [part for part in parts if part.field in read]
    return replace(combined_parts(made_of, None), field=one.field, absent=absent)


def _as_field(value: Any, field: dict[str, Any], definitions: dict[str, Any]) -> Any:
    """A value as the field's type has it in JSON; None where it is none of its values."""
    if value is None:
        return None
    body = resolved(field, definitions)
    if isinstance(value, dt.date):
        return value.isoformat()
    if body.get("type") == "object":
        money = value if isinstance(value, Money) else Money(value)
        return {"value": float(money.value), "currency": money.currency}
    number = value.value if isinstance(value, Money) else value
    if body.get("type") == "integer":
        return int(number) if number == int(number) and abs(number) < 1 << 63 else None
    return float(number) if isinstance(number, Decimal) else None
