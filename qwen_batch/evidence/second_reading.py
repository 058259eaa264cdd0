"""A second reading of the same document beside the first: it fills what was left empty, and agreement is confidence.

Two different readings that agree are wrong together less often than one model's answers to the same prompt: its errors
there are the same. A value of the first reading stands; what the second says instead lowers its agreement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qwen_batch.evidence.merge import Merged
from qwen_batch.evidence.same_value import is_same_value, plain_text
from qwen_batch.job.nothing import is_absent
from qwen_batch.outcomes import ConfidenceParts, Evidence
from qwen_batch.value_paths import top_field


def with_second(first: Merged, second: Merged) -> Merged:
    """The first reading, completed by the second, with the agreement of both in each field's parts."""
    seconds = {parts.field: parts for parts in second.parts}
    result = dict(first.result)
    evidence: list[Evidence] = []
    parts: list[ConfidenceParts] = []
    for one in first.parts:
        field = one.field
        mine, other = first.evidence_of(field), second.evidence_of(field)
        value, again = first.result[field], second.result.get(field)
        if is_absent(value) and not is_absent(again):
            result[field] = again
            evidence += other
            parts.append(replace(seconds[field], agreement=0.0))
            continue
        evidence += [item for item in first.evidence if top_field(item.field) == field]
        parts.append(one if is_absent(value) else replace(one, agreement=_agreement(value, again, mine, other)))
    return replace(first, result=result, evidence=tuple(evidence), parts=tuple(parts))


def _agreement(value: Any, again: Any, mine: Sequence[Evidence], other: Sequence[Evidence]) -> float:
    """Between 0 and 1: of a list the share of its items that the second reading names too."""
    if is_absent(again):
        return 0.0
    if isinstance(value, list) and isinstance(again, list):
        return sum(any(is_same_value(item, one) for one in again) for item in value) / len(value)
    return float(is_same_value(value, again) or (_overlap(mine, other) and _same_figures(value, again)))


def _overlap(mine: Sequence[Evidence], other: Sequence[Evidence]) -> bool:
    """Whether both quote the same place of the document."""
    return any(
        one.start is not None
        and one.end is not None
        and two.start is not None
        and two.end is not None
        and one.start < two.end
        and two.start < one.end
        for one in mine
        for two in other
    )


def _same_figures(value: Any, again: Any) -> bool:
    """Whether two wordings differ in no figure; one of them may have none."""
    figures = [set(filter(str.isdigit, plain_text(one))) for one in (value, again)]
    return not all(figures) or figures[0] == figures[1]
