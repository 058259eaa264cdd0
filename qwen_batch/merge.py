"""From the answers to a document's chunks to one result, with its evidence and what its confidence rests on.

Each field has a rule (`markers.Merge`), by default one by its type: lists are the union without repetitions up to the
schema's bound, booleans and enumerations what most chunks say, prose what the model merged (`prose`), anything else
the best located value. Evidence follows the value it belongs to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwen_batch.confidence import joined_parts, top_field
from qwen_batch.folding import fold
from qwen_batch.markers import measured_key, merge_rule
from qwen_batch.records import Answer, ConfidenceParts, Evidence

GOOD_MATCHES = frozenset({"exact", "normalised"})
SCORE_DIGITS = 1  # evidence scores and probabilities are compared rounded: small differences say nothing


@dataclass(frozen=True, slots=True)
class GroundedAnswer:
    """One chunk's answer with its evidence and, by field, what its confidence is made of."""

    answer: Answer
    evidence: tuple[Evidence, ...]
    parts: Mapping[str, ConfidenceParts]


@dataclass(frozen=True, slots=True)
class Prose:
    """A text that the model merged from the chunks' texts, with the parts of its confidence."""

    text: str
    parts: ConfidenceParts


@dataclass(frozen=True, slots=True)
class Merged:
    """A document's result to one job."""

    result: dict[str, Any]
    evidence: tuple[Evidence, ...]
    parts: tuple[ConfidenceParts, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What one chunk says of a field."""

    value: Any
    evidence: tuple[Evidence, ...]
    parts: ConfidenceParts
    order: int


def answers_to_result(
    answers: Sequence[GroundedAnswer], json_schema: dict[str, Any], prose: Mapping[str, Prose] | None = None
) -> Merged:
    """Merges the answers of all chunks, given in document order; repetitions go from a single answer too.

    `prose` has the texts that the model merged; where it has none for such a field the longest text stays.
    """
    result: dict[str, Any] = {}
    evidence: list[Evidence] = []
    parts: list[ConfidenceParts] = []
    definitions = json_schema.get("$defs", {})
    for field, schema in json_schema["properties"].items():
        chosen = _merged_field(field, schema, definitions, answers, prose or {})
        result[field] = chosen.value
        evidence.extend(chosen.evidence)
        parts.append(chosen.parts)
    return Merged(result, tuple(evidence), tuple(parts))


def prose_fields(json_schema: dict[str, Any]) -> tuple[str, ...]:
    """The fields whose texts the model merges."""
    definitions = json_schema.get("$defs", {})
    return tuple(name for name, field in json_schema["properties"].items() if merge_rule(field, definitions) == "model")


def _merged_field(
    field: str,
    schema: dict[str, Any],
    definitions: dict[str, Any],
    answers: Sequence[GroundedAnswer],
    prose: Mapping[str, Prose],
) -> _Candidate:
    said = [_candidate(field, answer, order) for order, answer in enumerate(answers)]
    rule = merge_rule(schema, definitions)
    if rule == "union":
        return _union(field, said, _max_items(schema))
    filled = [one for one in said if not one.parts.absent]
    if not filled:
        return _with_agreement(said[0], filled, len(said))
    if rule == "model" and field in prose:
        return _Candidate(prose[field].text, (), prose[field].parts, 0)
    match rule:
        case "latest" | "earliest":
            chosen = _extreme(filled, measured_key(schema, definitions, of_date=True), rule == "latest")
        case "max" | "min":
            chosen = _extreme(filled, measured_key(schema, definitions, of_date=False), rule == "max")
        case "sum":
            return _sum(filled, measured_key(schema, definitions, of_date=False))
        case "vote":
            counted = Counter(_identity(one.value) for one in filled)
            most = max(counted.values())
            chosen = _best([one for one in filled if counted[_identity(one.value)] == most])
        case "longest" | "model":
            chosen = max(filled, key=lambda one: (len(one.value), -one.order))
        case "join":
            text = "\n".join(dict.fromkeys(one.value for one in filled))
            chosen = replace(_best(filled), value=text[: schema.get("maxLength", len(text))])
        case _:
            chosen = _best(filled)
    return _with_agreement(chosen, filled, len(said))


def _candidate(field: str, answer: GroundedAnswer, order: int) -> _Candidate:
    evidence = tuple(item for item in answer.evidence if top_field(item.field) == field)
    return _Candidate(answer.answer.result[field], evidence, answer.parts[field], order)


def _best(filled: Sequence[_Candidate]) -> _Candidate:
    """The best located, then the surest, then the first."""

    def rank(one: _Candidate) -> tuple[bool, bool, float, float, int]:
        parts = one.parts
        unlocated = parts.match in {None, "none"} if one.evidence else False
        return (
            unlocated,
            parts.match not in GOOD_MATCHES,
            -round(parts.score or 0.0, SCORE_DIGITS),
            -round(parts.token or 0.0, SCORE_DIGITS),
            one.order,
        )

    return min(filled, key=rank)


def _extreme(filled: Sequence[_Candidate], key: str | None, largest: bool) -> _Candidate:
    """By a date in ISO 8601 or a number, among the located values if there are any."""
    located = [one for one in filled if one.parts.match not in {None, "none"}] or list(filled)
    measured = [one for one in located if _measure(one.value, key) is not None]
    if not measured:
        return _best(filled)
    choose = max if largest else min
    return choose(measured, key=lambda one: _measure(one.value, key))


def _sum(filled: Sequence[_Candidate], key: str | None) -> _Candidate:
    total = sum(_measure(one.value, key) or 0 for one in filled)
    best = _best(filled)
    value = {**best.value, key: total} if key else total
    evidence = tuple(item for one in filled for item in one.evidence)
    return replace(best, value=value, evidence=evidence, parts=joined_parts([one.parts for one in filled]))


def _measure(value: Any, key: str | None) -> Any:
    return value.get(key) if key and isinstance(value, dict) else value


def _with_agreement(chosen: _Candidate, filled: Sequence[_Candidate], chunks: int) -> _Candidate:
    """With the share of the chunks that have a value here and say the same; None for a single chunk."""
    if chunks == 1:
        return chosen
    same = [one for one in filled if _identity(one.value) == _identity(chosen.value)]
    share = len(same) / len(filled) if filled else None
    return replace(chosen, parts=replace(chosen.parts, agreement=share))


def _union(field: str, said: Sequence[_Candidate], max_items: int) -> _Candidate:
    items: list[Any] = []
    evidence: list[Evidence] = []
    seen: dict[str, int] = {}
    for one in said:
        for number, item in enumerate(one.value):
            identity = _identity(item)
            if identity in seen or len(items) >= max_items:
                continue
            seen[identity] = len(items)
            evidence.extend(_renumbered(one.evidence, f"{field}[{number}]", f"{field}[{len(items)}]"))
            items.append(item)
    used = [one.parts for one in said if one.value] or [one.parts for one in said]
    return _Candidate(items, tuple(evidence), joined_parts(used), 0)


def _max_items(schema: dict[str, Any]) -> int:
    options = [schema, *schema.get("anyOf", ())]
    return int(next(option["maxItems"] for option in options if "maxItems" in option))


def _identity(item: Any) -> str:
    """What makes two values the same: all but the quote, without case, space and punctuation."""
    if isinstance(item, dict):
        return "|".join(_identity(value) for key, value in item.items() if key not in {"quote", "original"})
    if isinstance(item, list):
        return ";".join(map(_identity, item))
    text = fold(str(item))
    return "".join(character for character in text if character.isalnum()) or text


def _renumbered(evidence: Sequence[Evidence], old: str, new: str) -> list[Evidence]:
    return [
        replace(item, field=new + item.field.removeprefix(old))
        for item in evidence
        if item.field == old or item.field.startswith(f"{old}.")
    ]
