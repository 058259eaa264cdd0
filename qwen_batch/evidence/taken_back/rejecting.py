"""Values that are more likely wrong than right are taken back: the row is null there, the candidate stays as evidence.

Knows results, evidence and confidence, nothing of models.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from qwen_batch.evidence.merge import Merged
from qwen_batch.outcomes import Evidence
from qwen_batch.schema_walk import definitions_of, may_be_null, resolved
from qwen_batch.value_paths import top_field

BELOW_CALIBRATED = 0.5
"""A calibrated confidence is a probability: below it a value is more likely wrong."""
BELOW_UNCALIBRATED = 0.15
"""Of 0.05 to 0.4 on 30 contracts that with the best F1; a fifth of the invented values is below it."""


def without_unsure(
    merged: Merged, confidence: Mapping[str, float | None], below: float, schema: dict[str, Any]
) -> tuple[Merged, dict[str, float | None]]:
    """Quoted facts that may be null and whose confidence is below a bound become null, with a warning each.

    Gives the confidence of the fields as they are then: such a field is as surely empty as its value was wrong. Lists
    and prose stay.
    """
    definitions = definitions_of(schema)
    unsure = {
        field: number
        for field, number in confidence.items()
        if number is not None
        and number < below
        and merged.result.get(field) is not None
        and _is_optional_fact(schema["properties"].get(field, {}), definitions)
    }
    if not unsure:
        return merged, dict(confidence)
    return (
        replace(
            merged,
            result={field: None if field in unsure else value for field, value in merged.result.items()},
            evidence=tuple(rejected(item) if top_field(item.field) in unsure else item for item in merged.evidence),
            parts=tuple(
                replace(one, absent=True, match="none", score=0.0, self_check=None) if one.field in unsure else one
                for one in merged.parts
            ),
            warnings=(
                *merged.warnings,
                *(
                    f"{field}: left out, its confidence {number:.2f} is below {below}"
                    for field, number in unsure.items()
                ),
            ),
        ),
        {
            field: 1 - number if field in unsure and number is not None else number
            for field, number in confidence.items()
        },
    )


def with_rejected(merged: Merged, found: Iterable[Evidence]) -> Merged:
    """A merged result with the located evidence that was `found` for facts which were taken back since."""
    empty = {field for field, value in merged.result.items() if value is None}
    kept = (rejected(item) for item in found if top_field(item.field) in empty and item.start is not None)
    return replace(merged, evidence=(*merged.evidence, *kept))


def rejected(item: Evidence) -> Evidence:
    """An evidence of a value that does not stand."""
    return replace(item, standing="rejected")


def _is_optional_fact(field: dict[str, Any], definitions: dict[str, Any]) -> bool:
    return may_be_null(field) and "quote" in resolved(field, definitions).get("properties", {})
