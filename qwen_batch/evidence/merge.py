"""From the answers to a document's chunks to one result, with its evidence and what its confidence is made of.

Each field goes by its rule (`field_rules`): one value is chosen or made of those that the chunks give, and its evidence
follows it. Prose that the model put together comes in ready.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwen_batch.evidence.calibration import default_confidence
from qwen_batch.evidence.candidates import Candidate, Reduced, chosen
from qwen_batch.evidence.disputed.conflict import conflict_warning, contradicting, kept_apart
from qwen_batch.evidence.reducing import longest_text, reduce_filled
from qwen_batch.evidence.union import union_of
from qwen_batch.job.nothing import is_absent
from qwen_batch.job.rules import FieldRule
from qwen_batch.outcomes import ConfidenceParts, Evidence
from qwen_batch.records import Answer
from qwen_batch.value_paths import top_field

ONE_OF_MANY = frozenset({"first", "vote"})
"""Rules by which one chunk's value is chosen though others may say something else."""


@dataclass(frozen=True, slots=True)
class GroundedAnswer:
    """One chunk's answer with its evidence and the parts of each field's confidence."""

    answer: Answer
    evidence: tuple[Evidence, ...]
    parts: dict[str, ConfidenceParts]


@dataclass(frozen=True, slots=True)
class Prose:
    """What the model made of the chunks' texts of one field; `text` is None where it failed, and `problem` says why."""

    text: str | None
    parts: ConfidenceParts | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """A document's result to one job; `parts` has one entry a field, in the schema's order.

    `cut` are lists that have more items than the job allows.
    """

    result: dict[str, Any]
    evidence: tuple[Evidence, ...]
    parts: tuple[ConfidenceParts, ...]
    warnings: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()

    def evidence_of(self, field: str) -> tuple[Evidence, ...]:
        """The evidence of the value that a top-level field has; none of what was rejected or contradicts it."""
        return tuple(item for item in self.evidence if item.standing == "value" and top_field(item.field) == field)


def answers_to_result(
    answers: Sequence[GroundedAnswer], rules: Sequence[FieldRule], prose: Mapping[str, Prose] | None = None
) -> Merged:
    """Merges the answers of all chunks, given in document order; repetitions go from a single answer too."""
    reduced = {rule.field: _reduce(rule, answers, (prose or {}).get(rule.field)) for rule in rules}
    return Merged(
        result={field: one.value for field, one in reduced.items()},
        evidence=tuple(item for one in reduced.values() for item in one.evidence),
        parts=tuple(one.parts for one in reduced.values()),
        warnings=tuple(warning for one in reduced.values() for warning in one.warnings),
        cut=tuple(field for field, one in reduced.items() if one.is_cut),
    )


def texts_of(field: str, answers: Sequence[Answer]) -> list[str]:
    """The different texts that chunks give for a field of prose, in document order."""
    texts = [answer.result.get(field) for answer in answers]
    return list(dict.fromkeys(text.strip() for text in texts if isinstance(text, str) and text.strip()))


def _reduce(rule: FieldRule, answers: Sequence[GroundedAnswer], prose: Prose | None) -> Reduced:
    candidates = [_candidate(rule.field, answer, place) for place, answer in enumerate(answers)]
    filled = [candidate for candidate in candidates if not is_absent(candidate.value)]
    if not filled:
        return _nothing(candidates)
    if rule.rule == "union":
        return union_of(rule, filled)
    if rule.rule == "model":
        return _worded(rule, filled, prose)
    reduced = reduce_filled(rule, filled)
    return _with_conflict(rule, filled, reduced) if rule.rule in ONE_OF_MANY else reduced


def _with_conflict(rule: FieldRule, filled: Sequence[Candidate], reduced: Reduced) -> Reduced:
    """A chosen value with what another chunk says instead, where that is stated as surely; the chosen one stands."""
    stands = Candidate(reduced.value, reduced.evidence, reduced.parts, 0)
    other = None if isinstance(reduced.value, list) else contradicting(stands, filled)
    if other is None:
        return reduced
    warning = conflict_warning(rule.field, stands.evidence, other.evidence)
    evidence = (*reduced.evidence, *kept_apart(other.evidence, other.value))
    return replace(reduced, evidence=evidence, warnings=(*reduced.warnings, warning))


def _candidate(field: str, answer: GroundedAnswer, place: int) -> Candidate:
    evidence = tuple(item for item in answer.evidence if top_field(item.field) == field)
    return Candidate(answer.answer.result[field], evidence, answer.parts[field], place)


def _nothing(candidates: Sequence[Candidate]) -> Reduced:
    """No chunk has a value: as sure as the least sure of them."""
    known = [candidate for candidate in candidates if default_confidence(candidate.parts) is not None]
    least = min(known or candidates, key=lambda one: default_confidence(one.parts) or 0.0)
    return Reduced(candidates[0].value, (), least.parts)


def _worded(rule: FieldRule, filled: Sequence[Candidate], prose: Prose | None) -> Reduced:
    """The model's text; the only one there is, or the longest where the model failed."""
    if prose is not None and prose.text is not None and prose.parts is not None:
        return Reduced(prose.text, (), replace(prose.parts, field=rule.field))
    if len({candidate.value.strip() for candidate in filled}) == 1:
        return chosen(filled[0], filled)
    why = prose.problem if prose else "the model was not asked"
    return longest_text(rule, filled, (f"{rule.field}: the chunks' texts were not merged ({why}); the longest stands",))
