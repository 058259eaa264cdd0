"""The rules that make one value of those that the chunks of a document give for a field; lists are in `union`.

Each rule is a function of the candidates that say something, in document order, at least one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from qwen_batch.evidence.candidates import Candidate, Reduced, by_evidence, chosen, combined_parts, located_or_all
from qwen_batch.evidence.same_value import is_same_value
from qwen_batch.job.rules import FieldRule, ReduceRule

MAX_TABLE_INTEGER = (1 << 63) - 1


def reduce_filled(rule: FieldRule, filled: Sequence[Candidate]) -> Reduced:
    """One value of the candidates that say something. Not for union and model."""
    return _RULES[rule.rule](rule, filled)


def longest_text(rule: FieldRule, filled: Sequence[Candidate], warnings: tuple[str, ...] = ()) -> Reduced:
    """The longest of the located texts, with what to say about it."""
    return chosen(max(located_or_all(filled), key=lambda one: len(str(_compared(rule, one)))), filled, warnings)


def _first(_rule: FieldRule, filled: Sequence[Candidate]) -> Reduced:
    return chosen(min(filled, key=by_evidence), filled)


def _vote(_rule: FieldRule, filled: Sequence[Candidate]) -> Reduced:
    """The value that most chunks give; of as many the one with the best evidence."""
    ranked = sorted(filled, key=by_evidence)
    groups: list[list[Candidate]] = []
    for candidate in ranked:
        group = next((group for group in groups if is_same_value(group[0].value, candidate.value)), None)
        if group is None:
            groups.append([candidate])
        else:
            group.append(candidate)
    return chosen(max(groups, key=len)[0], filled)


def _extreme(pick: Callable[..., Candidate]) -> Callable[[FieldRule, Sequence[Candidate]], Reduced]:
    """The least or the greatest date or number among the located ones."""

    def rule_of(rule: FieldRule, filled: Sequence[Candidate]) -> Reduced:
        comparable = [one for one in located_or_all(filled) if _compared(rule, one) is not None]
        if not comparable:
            return _first(rule, filled)
        return chosen(pick(comparable, key=lambda one: _ordered(rule, one)), filled)

    return rule_of


def _sum(rule: FieldRule, filled: Sequence[Candidate]) -> Reduced:
    """The located numbers added; of a fact those with the unit of the best one."""
    addends = [one for one in located_or_all(filled) if _compared(rule, one) is not None]
    if not addends:
        return _first(rule, filled)
    best = min(addends, key=by_evidence)
    alike = [one for one in addends if _unit(rule, one, best) == _unit(rule, best, best)]
    warnings: tuple[str, ...] = ()
    if len(alike) < len(addends):
        warnings = (f"{rule.field}: {len(addends) - len(alike)} values in other units were not added",)
    total = sum(_compared(rule, one) for one in alike)
    if (rule.maximum is not None and total > rule.maximum) or abs(total) > MAX_TABLE_INTEGER:
        return chosen(best, filled, (*warnings, f"{rule.field}: the sum {total} is out of bounds; one value stands"))
    value = total if rule.key is None else {**best.value, rule.key: total}
    evidence = tuple(item for one in alike for item in one.evidence)
    return Reduced(value, evidence, combined_parts([one.parts for one in alike], None), warnings)


def _join(rule: FieldRule, filled: Sequence[Candidate]) -> Reduced:
    """The different texts one after the other, as far as the schema's bound reaches."""
    different: list[Candidate] = []
    for candidate in filled:
        if not any(is_same_value(candidate.value, other.value) for other in different):
            different.append(candidate)
    text = " ".join(_sentence(one.value, is_last=one is different[-1]) for one in different)
    warnings: tuple[str, ...] = ()
    if rule.max_chars is not None and len(text) > rule.max_chars:
        text = _cut(text, rule.max_chars)
        warnings = (f"{rule.field}: joined texts were cut to {rule.max_chars} characters",)
    return Reduced(text, (), combined_parts([one.parts for one in different], None), warnings)


def _in_order(_rule: FieldRule, filled: Sequence[Candidate]) -> Reduced:
    """The texts as they follow each other, none merged and none left out: each ends as its passage does."""
    text = "".join(one.value for one in filled).rstrip()
    return Reduced(text, (), combined_parts([one.parts for one in filled], None))


def _sentence(text: str, *, is_last: bool) -> str:
    text = text.strip()
    return text if is_last or text[-1] in ".;!?。；！？" else f"{text};"


def _cut(text: str, most: int) -> str:
    """At the last space that leaves most of the text, else anywhere."""
    cut = text[:most]
    space = cut.rfind(" ")
    return cut[:space].rstrip() if space > most // 2 and not text[most : most + 1].isspace() else cut.rstrip()


def _compared(rule: FieldRule, candidate: Candidate) -> Any:
    return candidate.value if rule.key is None else candidate.value.get(rule.key)


def _ordered(rule: FieldRule, candidate: Candidate) -> Any:
    """A value as it compares: dates and times without a zone count as UTC."""
    value = _compared(rule, candidate)
    if not isinstance(value, str):
        return value
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _unit(rule: FieldRule, candidate: Candidate, best: Candidate) -> tuple[Any, ...]:
    """What a number counts; a unit that is not said is taken for that of the best."""
    return tuple(
        best.value[name] if candidate.value.get(name) is None else candidate.value[name] for name in rule.units
    )


_RULES: dict[ReduceRule, Callable[[FieldRule, Sequence[Candidate]], Reduced]] = {
    "first": _first,
    "vote": _vote,
    "latest": _extreme(max),
    "earliest": _extreme(min),
    "max": _extreme(max),
    "min": _extreme(min),
    "sum": _sum,
    "longest": longest_text,
    "join": _join,
    "in_order": _in_order,
}
