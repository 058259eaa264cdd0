"""The rule `union`: the lists of a document's chunks as one, without repetitions, each item with its evidence.

An item that several chunks name stands once, as the chunk with the best evidence for it writes it. Where there are
more than the schema allows, those stay that are located and that most chunks name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwen_batch.evidence.calibration import default_confidence
from qwen_batch.evidence.candidates import Candidate, Reduced, combined_parts
from qwen_batch.evidence.confidence import MATCH_ORDER, worst_match
from qwen_batch.evidence.same_value import is_same_value, plain_text
from qwen_batch.job.rules import FieldRule
from qwen_batch.outcomes import ConfidenceParts, Evidence
from qwen_batch.value_paths import is_within, item_path, moved

MAX_COMPARED = 300
"""Beyond so many different items only what is written alike counts as the same: comparing all pairs takes seconds."""


@dataclass(slots=True)
class _Item:
    """One item with its evidence, `number` in its chunk's list, and the chunks that name it."""

    value: Any
    number: int
    candidate: Candidate
    evidence: tuple[Evidence, ...]
    places: set[int]

    def is_better_than(self, other: _Item) -> bool:
        return (self.worst_match(), -self.said()) < (other.worst_match(), -other.said())

    def worst_match(self) -> int:
        return max((MATCH_ORDER.index(item.match) for item in self.evidence), default=0)

    def said(self) -> int:
        """How many of its values are not null."""
        return sum(value is not None for value in self.value.values()) if isinstance(self.value, dict) else 1


def union_of(rule: FieldRule, filled: Sequence[Candidate]) -> Reduced:
    """All different items in document order, at most as many as the schema allows; evidence is renumbered."""
    items = _different(rule.field, filled)
    kept = _best(items, rule.max_items)
    warnings: tuple[str, ...] = ()
    if len(kept) < len(items):
        warnings = (f"{rule.field}: {len(kept)} of {len(items)} items kept, the most that the job allows",)
    evidence = tuple(
        replace(found, field=moved(found.field, item_path(rule.field, item.number), item_path(rule.field, place)))
        for place, item in enumerate(kept)
        for found in item.evidence
    )
    behind = list({id(item.candidate): item.candidate for item in kept}.values())
    parts = combined_parts([one.parts for one in behind], _shared(kept, len(filled)))
    return Reduced(
        [item.value for item in kept], evidence, _with_own_matches(parts, evidence), warnings, len(kept) < len(items)
    )


def _different(field: str, filled: Sequence[Candidate]) -> list[_Item]:
    items: list[_Item] = []
    exact: dict[str, int] = {}
    for candidate in filled:
        for number, value in enumerate(candidate.value):
            item = _Item(value, number, candidate, _evidence_of(candidate, item_path(field, number)), {candidate.place})
            text = plain_text(value)
            place = exact.get(text)
            if place is None:
                compared = items if len(items) <= MAX_COMPARED else []
                place = next((at for at, one in enumerate(compared) if is_same_value(one.value, value)), len(items))
                exact[text] = place
            if place == len(items):
                items.append(item)
                continue
            item.places |= items[place].places
            if item.is_better_than(items[place]):
                items[place] = item
            else:
                items[place].places = item.places
    return items


def _best(items: list[_Item], most: int | None) -> list[_Item]:
    if most is None or len(items) <= most:
        return items

    def preference(at: int) -> tuple[bool, float, int, int]:
        """The located first, then those of the surest chunk, then those that most chunks name."""
        item = items[at]
        sure = round(default_confidence(item.candidate.parts) or 0.0, 1)
        return item.worst_match() == len(MATCH_ORDER) - 1, -sure, -len(item.places), at

    ranked = sorted(range(len(items)), key=preference)
    return [items[at] for at in sorted(ranked[:most])]


def _shared(items: list[_Item], chunks: int) -> float | None:
    """How many of the chunks with a list name an item, on average; None where there is but one list."""
    return sum(len(item.places) for item in items) / len(items) / chunks if chunks > 1 else None


def _with_own_matches(parts: ConfidenceParts, evidence: Sequence[Evidence]) -> ConfidenceParts:
    """The parts with the worst match of the items that were kept."""
    match = worst_match(item.match for item in evidence)
    return replace(parts, match=match, score=min((item.score for item in evidence), default=None))


def _evidence_of(candidate: Candidate, path: str) -> tuple[Evidence, ...]:
    return tuple(item for item in candidate.evidence if is_within(item.field, path))
