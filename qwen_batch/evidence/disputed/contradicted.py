"""A result with the contradictions of its document: both values cited, and a warning; the value that stood stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from qwen_batch.evidence.disputed.conflict import conflict_warning
from qwen_batch.evidence.disputed.same_wording import rivals_of
from qwen_batch.evidence.merge import Merged
from qwen_batch.outcomes import Evidence
from qwen_batch.records import CleanDocument
from qwen_batch.value_paths import top_field

_FACT = re.compile(r"\w+\.\w+")
"""The path of a fact's value; of lists several values are meant to differ."""


def with_contradictions(merged: Merged, clean: CleanDocument) -> Merged:
    """The result with the evidence of what the document states otherwise in the same words."""
    known = {top_field(one.field) for one in merged.evidence if one.standing == "conflict"}
    said = [one for one in merged.evidence if one.standing == "value" and _FACT.fullmatch(one.field)]
    found = list(_contradicted([one for one in said if top_field(one.field) not in known], clean))
    if not found:
        return merged
    warnings = (conflict_warning(top_field(one.field), [one], rivals) for one, rivals in found)
    return replace(
        merged,
        evidence=(
            *merged.evidence,
            *(replace(rival, standing="conflict") for _, rivals in found for rival in rivals),
        ),
        warnings=(*merged.warnings, *warnings),
    )


def _contradicted(said: list[Evidence], clean: CleanDocument) -> Iterator[tuple[Evidence, tuple[Evidence, ...]]]:
    for one in said:
        if rivals := rivals_of(one, clean):
            yield one, rivals
