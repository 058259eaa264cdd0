"""From the answers to a document's chunks to one result, with its evidence and confidence.

Rules by the type of a field: a list is the union in document order without repetitions, up to the
schema's bound; anything else is the first value that is not empty, one with located evidence before
one without. Evidence follows the value it belongs to.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwen_batch.confidence import top_field
from qwen_batch.records import Answer, Evidence


@dataclass(frozen=True, slots=True)
class GroundedAnswer:
    """One chunk's answer with its evidence and the confidence of each field."""

    answer: Answer
    evidence: tuple[Evidence, ...]
    confidence: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Merged:
    """A document's result to one job."""

    result: dict[str, Any]
    evidence: tuple[Evidence, ...]
    confidence: dict[str, float | None]


def answers_to_result(answers: Sequence[GroundedAnswer], json_schema: dict[str, Any]) -> Merged:
    """Merges the answers of all chunks, given in document order; repetitions go from a single answer too."""
    result: dict[str, Any] = {}
    evidence: list[Evidence] = []
    confidence: dict[str, float | None] = {}
    for field, schema in json_schema["properties"].items():
        is_list = schema.get("type") == "array"
        part = _union(field, answers, schema["maxItems"]) if is_list else _first(field, answers)
        result[field] = part.result[field]
        evidence.extend(part.evidence)
        confidence[field] = part.confidence[field]
    return Merged(result, tuple(evidence), confidence)


def _first(field: str, answers: Sequence[GroundedAnswer]) -> Merged:
    filled = [answer for answer in answers if answer.answer.result[field] not in (None, "")]
    located = [answer for answer in filled if any(e.match != "none" for e in _of_field(answer, field))]
    chosen = (located or filled or list(answers))[0]
    return Merged(
        {field: chosen.answer.result[field]}, tuple(_of_field(chosen, field)), {field: chosen.confidence[field]}
    )


def _union(field: str, answers: Sequence[GroundedAnswer], max_items: int) -> Merged:
    items: list[Any] = []
    evidence: list[Evidence] = []
    scores: list[float] = []
    seen: set[str] = set()
    for answer in answers:
        for number, item in enumerate(answer.answer.result[field]):
            identity = _identity(item)
            if identity in seen or len(items) >= max_items:
                continue
            seen.add(identity)
            evidence.extend(_renumbered(answer, f"{field}[{number}]", f"{field}[{len(items)}]"))
            items.append(item)
        score = answer.confidence[field]
        if score is not None:
            scores.append(score)
    return Merged({field: items}, tuple(evidence), {field: sum(scores) / len(scores) if scores else None})


def _identity(item: Any) -> str:
    """What makes two list items the same: all their values but the quote, without case and space."""
    if isinstance(item, dict):
        item = [value for key, value in item.items() if key != "quote"]
    return "".join(json.dumps(item, ensure_ascii=False).casefold().split())


def _of_field(answer: GroundedAnswer, field: str) -> list[Evidence]:
    return [item for item in answer.evidence if top_field(item.field) == field]


def _renumbered(answer: GroundedAnswer, old: str, new: str) -> list[Evidence]:
    return [
        replace(item, field=new + item.field.removeprefix(old))
        for item in answer.evidence
        if item.field == old or item.field.startswith(f"{old}.")
    ]
