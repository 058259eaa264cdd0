"""One document's answer held against its gold: a judgement for every value that is given or should be.

Values of a list are matched one to one, the closest right pairs first (greedily; what is left is paired by closeness
too, so that a report can show what stands in place of what).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from qwen_batch.evaluate.gold import GoldDocument, GoldEvidence, GoldValue
from qwen_batch.evaluate.grounding import page_is_right, span_is_right
from qwen_batch.evaluate.kinds import field_kind
from qwen_batch.evaluate.normalise import Closeness, compare
from qwen_batch.evaluate.paths import Found, Scalar, values_at
from qwen_batch.job.nothing import holds_nothing
from qwen_batch.outcomes import ConfidenceParts, Evidence
from qwen_batch.schema_walk import Schema
from qwen_batch.value_paths import top_field

Outcome = Literal["right", "wrong", "spurious", "missed", "absent"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """One document's answer to a job: `source` as the row has it, `result` as the job's schema, confidence by field."""

    source: str
    result: Mapping[str, Any]
    evidence: tuple[Evidence, ...] = ()
    confidence: Mapping[str, float | None] = field(default_factory=dict)
    parts: tuple[ConfidenceParts, ...] = ()
    doc_id: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One value held against gold.

    `field` is gold's path, `path` the value's own; `value` or `gold` is None where there is none. `confidence` and
    `parts` are those of the top-level field, None where the record says nothing about this (a list item it missed).
    `page_right` and `span_right` are None where gold has no evidence or the value is not right.
    """

    source: str
    field: str
    path: str
    kind: str
    outcome: Outcome
    value: Scalar | None
    gold: Scalar | None
    evidence: Evidence | None = None
    confidence: float | None = None
    parts: ConfidenceParts | None = None
    page_right: bool | None = None
    span_right: bool | None = None

    @property
    def is_right(self) -> bool:
        """Whether this is as gold has it."""
        return self.outcome in {"right", "absent"}


@dataclass(frozen=True, slots=True)
class _Pair:
    """A gold value and a given one, by their places in their lists."""

    gold: int
    given: int
    closeness: Closeness


def judge_document(
    gold: GoldDocument, prediction: Prediction | None, json_schema: Schema | None = None
) -> Iterator[Judgement]:
    """All judgements of one document, field by field; without a prediction every gold value is missed."""
    for path, values in gold.fields.items():
        accepted = [value for one in values for value in one.accepted]
        kind = gold.normalisers.get(path) or field_kind(path, accepted, json_schema)
        if prediction is None:
            yield from (Judgement(gold.source, path, path, kind, "missed", None, one.accepted[0]) for one in values)
        else:
            yield from _Field(path, kind, prediction, gold).judge(values)


@dataclass(frozen=True, slots=True)
class _Field:
    """One gold field of one answered document."""

    path: str
    kind: str
    prediction: Prediction
    gold: GoldDocument

    @property
    def source(self) -> str:
        return self.gold.source

    @property
    def places(self) -> tuple[GoldEvidence, ...]:
        return self.gold.evidence.get(self.path, ())

    def judge(self, values: tuple[GoldValue, ...]) -> Iterator[Judgement]:
        given = values_at(self.prediction.result, self.path)
        if self.path in self.gold.partial:
            given = self._known(values, given)
            if not given and not values:
                return
        if not given:
            yield from self._nothing_given(values)
            return
        pairs = self._match(values, given)
        for pair in pairs:
            outcome: Outcome = "right" if pair.closeness.right else "wrong"
            yield self._of_value(given[pair.given], outcome, values[pair.gold].accepted[0])
        for number, found in enumerate(given):
            if number not in {pair.given for pair in pairs}:
                yield self._of_value(found, "spurious", None)
        for number, value in enumerate(values):
            if number not in {pair.gold for pair in pairs}:
                yield Judgement(self.source, self.path, self.path, self.kind, "missed", None, value.accepted[0])

    def _nothing_given(self, values: tuple[GoldValue, ...]) -> Iterator[Judgement]:
        """The record states that there is nothing, once: not for each value, and not for a part of what it has."""
        states = holds_nothing(self.prediction.result.get(self._top()))
        for number, value in enumerate(values or [None]):
            says = states and number == 0
            yield Judgement(
                source=self.source,
                field=self.path,
                path=self.path,
                kind=self.kind,
                outcome="absent" if value is None else "missed",
                value=None,
                gold=None if value is None else value.accepted[0],
                confidence=self._confidence() if says else None,
                parts=self._parts() if says else None,
            )

    def _of_value(self, found: Found, outcome: Outcome, gold: Scalar | None) -> Judgement:
        evidence = next((item for item in self.prediction.evidence if item.field == found.path), None)
        judged = outcome == "right"
        return Judgement(
            source=self.source,
            field=self.path,
            path=found.path,
            kind=self.kind,
            outcome=outcome,
            value=found.value,
            gold=gold,
            evidence=evidence,
            confidence=self._confidence(),
            parts=self._parts(),
            page_right=page_is_right(evidence, self.places) if judged else None,
            span_right=span_is_right(evidence, self.places) if judged else None,
        )

    def _known(self, values: tuple[GoldValue, ...], given: tuple[Found, ...]) -> tuple[Found, ...]:
        """Of a list's values those of which gold says whether they are right."""
        right = {pair.given for pair in self._match(values, given) if pair.closeness.right}
        return tuple(one for at, one in enumerate(given) if at in right or self._denied(one))

    def _denied(self, found: Found) -> bool:
        return any(compare("exact", one, found.value).right for one in self.gold.denied.get(self.path, ()))

    def _match(self, values: tuple[GoldValue, ...], given: tuple[Found, ...]) -> list[_Pair]:
        pairs = [
            _Pair(at, place, self._closeness(value, found))
            for at, value in enumerate(values)
            for place, found in enumerate(given)
        ]
        return _closest_first(pairs)

    def _closeness(self, value: GoldValue, found: Found) -> Closeness:
        """A value that a person denied is wrong, however near it is."""
        best = max((compare(self.kind, one, found.value) for one in value.accepted), key=lambda c: (c.right, c.score))
        return Closeness(right=False, score=best.score) if self._denied(found) else best

    def _top(self) -> str:
        return top_field(self.path)

    def _confidence(self) -> float | None:
        return self.prediction.confidence.get(self._top())

    def _parts(self) -> ConfidenceParts | None:
        return next((parts for parts in self.prediction.parts if parts.field == self._top()), None)


def _closest_first(pairs: list[_Pair]) -> list[_Pair]:
    chosen: list[_Pair] = []
    for pair in sorted(pairs, key=lambda pair: (pair.closeness.right, pair.closeness.score), reverse=True):
        if all(pair.gold != other.gold and pair.given != other.given for other in chosen):
            chosen.append(pair)
    return chosen
