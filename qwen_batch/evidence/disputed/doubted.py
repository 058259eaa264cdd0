"""A document answered with and without passages that speak to the reader: only what needs none of them stands.

A value stands where both answers agree, or where its quote is found outside of these passages. The rest is null with a
warning, and both candidates stay in the evidence. Knows results and evidence, nothing of models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwen_batch.evidence.disputed.conflict import conflict_warning, kept_apart, touches
from qwen_batch.evidence.merge import Merged
from qwen_batch.evidence.same_value import is_same_value
from qwen_batch.job.nothing import is_absent
from qwen_batch.outcomes import ConfidenceParts, Evidence
from qwen_batch.schema_walk import may_be_null
from qwen_batch.value_paths import is_within, item_path, moved

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Said:
    """What one of both answers says of a field."""

    value: Any
    evidence: tuple[Evidence, ...]
    parts: ConfidenceParts

    def stands_outside(self, spans: Sequence[Span]) -> bool:
        """Whether all that it says is found in the document, and none of it in one of these passages."""
        return bool(self.evidence) and all(_is_outside(item, spans) for item in self.evidence)


@dataclass(frozen=True, slots=True)
class _Stands:
    said: _Said
    warning: str = ""


def resolved_doubt(given: Merged, without: Merged | None, spans: Sequence[Span], schema: dict[str, Any]) -> Merged:
    """The answer `given` over all that was shown, corrected by that `without` the passages; None has no answer.

    `spans` are the passages' characters in the clean text, `schema` is the job's.
    """
    properties = schema["properties"]
    fields = [
        _field(_of_field(given, parts), _twin(without, parts), spans, properties.get(parts.field, {}))
        for parts in given.parts
    ]
    return replace(
        given,
        result={one.said.parts.field: one.said.value for one in fields},
        evidence=(
            *(item for one in fields for item in one.said.evidence),
            *(item for item in given.evidence if item.standing != "value"),
        ),
        parts=tuple(one.said.parts for one in fields),
        warnings=(*given.warnings, *(one.warning for one in fields if one.warning)),
    )


def _field(given: _Said, other: _Said | None, spans: Sequence[Span], schema: dict[str, Any]) -> _Stands:
    if isinstance(given.value, list) and given.value and isinstance(given.value[0], dict):
        return _Stands(_items(given, other, spans, schema.get("maxItems")))
    if other is not None and is_absent(given.value) and is_absent(other.value):
        return _Stands(given)
    if other is not None and is_same_value(given.value, other.value):
        return _Stands(other)  # its quote needs no such passage
    if other is not None and not is_absent(other.value) and other.stands_outside(spans):
        return _Stands(other)
    if not is_absent(given.value) and given.stands_outside(spans):
        return _Stands(given)
    if other is not None and not given.evidence and not other.evidence and isinstance(other.value, str | list):
        return _Stands(other)  # prose is worded anew each time
    return _conflict(given, other, schema)


def _conflict(given: _Said, other: _Said | None, schema: dict[str, Any]) -> _Stands:
    both = (given, other) if other is not None else (given,)
    warning = conflict_warning(given.parts.field, *(one.evidence for one in both))
    evidence = tuple(item for one in both for item in kept_apart(one.evidence, one.value))
    if may_be_null(schema):
        return _Stands(_Said(None, evidence, replace(given.parts, absent=True, agreement=0.0)), warning)
    stands = other if other is not None else given
    return _Stands(replace(stands, parts=replace(stands.parts, agreement=0.0)), warning)


def _items(given: _Said, other: _Said | None, spans: Sequence[Span], most: int | None) -> _Said:
    """The items of the answer without the passages, and those of the other that are found outside of them."""
    kept: list[Any] = []
    evidence: list[Evidence] = []
    for said in filter(None, (other, given)):
        items = said.value if isinstance(said.value, list) else []
        for number, item in enumerate(items):
            path = item_path(said.parts.field, number)
            own = [one for one in said.evidence if is_within(one.field, path)]
            stands = all(_is_outside(one, spans) for one in own) and (bool(own) or said is other)
            if len(kept) != most and stands and not any(is_same_value(item, one) for one in kept):
                place = item_path(said.parts.field, len(kept))
                evidence += [replace(one, field=moved(one.field, path, place)) for one in own]
                kept.append(item)
    base = other if other is not None and not is_absent(other.value) else given
    return _Said(kept, tuple(evidence), replace(base.parts, absent=not kept))


def _is_outside(item: Evidence, spans: Sequence[Span]) -> bool:
    return item.start is not None and not any(touches(item, span) for span in spans)


def _of_field(merged: Merged, parts: ConfidenceParts) -> _Said:
    return _Said(merged.result[parts.field], merged.evidence_of(parts.field), parts)


def _twin(merged: Merged | None, parts: ConfidenceParts) -> _Said | None:
    if merged is None:
        return None
    return next(_of_field(merged, one) for one in merged.parts if one.field == parts.field)
