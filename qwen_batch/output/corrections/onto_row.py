"""Decisions put onto one row: what the person says stands in its result, what the model says beside it in evidence.

A row that has them already stays as it is. Knows rows as dicts, nothing of tables or files.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from qwen_batch.outcomes import RECORD_CONFIDENCE
from qwen_batch.output.corrections.kept import Kept
from qwen_batch.output.corrections.values import (
    QUOTE,
    find_place,
    item_at,
    native,
    plain,
    put_at,
    same,
    says_nothing,
    type_at,
    value_at,
)
from qwen_batch.value_paths import is_within, item_path, key_path, moved, outer_list, top_field

_NO_PLACE: dict[str, Any] = dict.fromkeys(("page", "start", "end"))
_NOWHERE: dict[str, Any] = {"quote": "", **_NO_PLACE, "boxes": [], "match": "none", "score": 0.0}


def decided_row(row: Mapping[str, Any], kind: pa.StructType, decisions: Sequence[Kept]) -> dict[str, Any]:
    """A row of a job's table, whose result is of the type, with the decisions on it.

    Those of a field that the type does not have, or whose value it cannot hold, are left out.
    """
    work = _Row(row, kind)
    for one in decisions:
        if fits(kind, one):
            work.put(one)
    work.drop_empty_items()
    fields = {top_field(one.path) for one in decisions}
    confidence = _confidence(row, work, fields)
    return {**row, "result": work.result, "evidence": work.evidence, "confidence": confidence}


def fits(kind: pa.StructType, one: Kept) -> bool:
    """Whether a job of this type has the decision's field and can hold its value."""
    leaf = type_at(kind, one.path)
    try:
        return leaf is not None and (native(one.value, leaf) is not None or one.value is None)
    except ValueError:
        return False


class _Row:
    """A row in work."""

    def __init__(self, row: Mapping[str, Any], kind: pa.StructType) -> None:
        self.kind = kind
        self.result: dict[str, Any] = copy.deepcopy(row["result"]) or {}
        self.evidence: list[dict[str, Any]] = [dict(one) for one in row["evidence"] or ()]
        self._lists: dict[str, None] = {}

    def put(self, one: Kept) -> None:
        """Puts one decision onto the row."""
        at = find_place(self.result, one.path, one.wanted)
        if at is None and one.value is None:
            return  # there is no such item any more
        at = at or self._add_item(one)
        before = value_at(self.result, at)
        if self._has(one, at):
            return
        if one.value is None:
            self._reject(one, at, before)
        elif same(plain(before), one.value) and (one.decision == "accept" or not one.place.quote):
            self._accept(one, at)
        else:
            self._correct(one, at, before)

    def drop_empty_items(self) -> None:
        """Takes out the items of lists of which a person left nothing; their evidence counts on behind the others."""
        for outer in self._lists:
            items = value_at(self.result, outer) or []
            stay = [at for at, item in enumerate(items) if not says_nothing(item)]
            order = stay + [at for at in range(len(items)) if at not in stay]
            names = {item_path(outer, old): item_path(outer, new) for new, old in enumerate(order)}
            items[:] = [items[at] for at in stay]
            for one in self.evidence:
                old = next((name for name in names if is_within(one["field"], name)), None)
                one["field"] = moved(one["field"], old, names[old]) if old else one["field"]

    def _has(self, one: Kept, at: str) -> bool:
        mine = (said for said in self.evidence if said["field"] == at and said.get("decided_at") == one.when)
        return any(said["who"] == one.who for said in mine) and same(plain(value_at(self.result, at)), one.value)

    def _accept(self, one: Kept, at: str) -> None:
        own = [said for said in self.evidence if said["field"] == at and said.get("standing") in {None, "value"}]
        for said in own:
            said.update(_signed(one))
        if not own:
            self.evidence.append(_of_person(one, at))

    def _correct(self, one: Kept, at: str, before: Any) -> None:
        put_at(self.result, self.kind, at, native(one.value, type_at(self.kind, at)))
        self._quote(one, at)
        place = self._take_back(at, before, one)
        self.evidence.insert(place, _of_person(one, at))

    def _reject(self, one: Kept, at: str, before: Any) -> None:
        put_at(self.result, self.kind, at, None)
        fact = at.rpartition(".")[0]
        beside = value_at(self.result, fact) if fact else None
        if isinstance(beside, dict) and QUOTE in beside and says_nothing(beside):
            put_at(self.result, self.kind, fact, None)
            at_once = [said["field"] for said in self.evidence if is_within(said["field"], fact)]
            for field in dict.fromkeys(at_once):
                self._take_back(field, None, one)
        if outer_list(at) != at:
            self._lists[outer_list(at)] = None
        place = self._take_back(at, before, one)
        if place < len(self.evidence) and self.evidence[place]["field"] == at:
            self.evidence[place] |= _signed(one)
        else:
            said = {"field": at, "value": None, **_NOWHERE, "standing": "rejected"}
            self.evidence.insert(place, said | _signed(one))

    def _take_back(self, at: str, before: Any, one: Kept) -> int:
        """Keeps what stood at a place as rejected; gives the number of its first evidence, or of the next one.

        What stood has the decision's time, which tells it from what had been left out before.
        """
        own = [number for number, said in enumerate(self.evidence) if said["field"] == at]
        for number in own:
            said = self.evidence[number]
            if said.get("standing") in {None, "value"} and before is not None:
                said["decided_at"] = said.get("decided_at") or one.when
            said["standing"] = "rejected"
        if not own and before is not None:
            said = {"field": at, "value": str(plain(before)), **_NOWHERE, "standing": "rejected"}
            self.evidence.append(said | {"who": None, "decided_at": one.when})
            return len(self.evidence) - 1
        return own[0] if own else len(self.evidence)

    def _quote(self, one: Kept, at: str) -> None:
        """The fact's quote becomes the words that were pointed at; without any, a quote of this value alone goes."""
        fact = at.rpartition(".")[0]
        beside = value_at(self.result, fact) if fact else None
        if isinstance(beside, dict) and QUOTE in beside and not at.endswith(f".{QUOTE}"):
            if one.place.quote:
                beside[QUOTE] = one.place.quote
            elif len(beside) == len([QUOTE, at]):
                beside[QUOTE] = ""

    def _add_item(self, one: Kept) -> str:
        """Adds the person's item to its list, and gives the place of the value in it."""
        outer = outer_list(one.path)
        items = value_at(self.result, outer)
        number = len(items or ())
        at = moved(one.path, item_at(one.path), item_path(outer, number))
        if one.item is not None:
            item = native(one.item, type_at(self.kind, item_path(outer, number)))
            put_at(self.result, self.kind, item_path(outer, number), item)
            put_at(self.result, self.kind, at, None)
        return at


def _signed(one: Kept) -> dict[str, Any]:
    return {"who": one.who, "decided_at": one.when}


def _of_person(one: Kept, at: str) -> dict[str, Any]:
    place = one.place.model_dump() | {"boxes": list(one.place.boxes)}
    said = {"field": at, "value": str(one.value), "match": "corrected", "score": 1.0, "standing": "value"}
    return said | place | _signed(one)


def _confidence(row: Mapping[str, Any], work: _Row, fields: Iterable[str]) -> dict[str, Any] | None:
    """1 for each fact that a person decided, what it was for the others of its field; the record's goes along."""
    before = row["confidence"]
    if before is None:
        return None
    after = dict(before)
    for field in fields:
        if field in after:
            after[field] = _of_field(row, work, field, before[field])
    whole = before.get(RECORD_CONFIDENCE)
    old, new = (_mean(result, scores) for result, scores in ((row["result"] or {}, before), (work.result, after)))
    if whole is not None and new is not None:
        after[RECORD_CONFIDENCE] = min(new * whole / old, 1.0) if old else new
    return after


def _of_field(row: Mapping[str, Any], work: _Row, field: str, score: float | None) -> float | None:
    count, decided = _facts_and_decided(work.result, work.evidence, field)
    if decided == count:
        return 1.0
    if score is None:
        return None
    all_before, decided_before = _facts_and_decided(row["result"] or {}, row["evidence"] or (), field)
    left = all_before - decided_before
    rest = min(max((score * all_before - decided_before) / left, 0.0), 1.0) if left else 0.0
    return (decided + (count - decided) * rest) / count


def _facts_and_decided(result: Mapping[str, Any], evidence: Iterable[Mapping[str, Any]], field: str) -> tuple[int, int]:
    """How many facts a field says, and how many of them a person decided."""
    facts = list(_facts(result.get(field), field))
    signed = [one["field"] for one in evidence if one.get("decided_at") and one.get("standing") in {None, "value"}]
    return len(facts), sum(any(is_within(path, fact) for path in signed) for fact in facts)


def _facts(value: Any, path: str) -> Iterator[str]:
    if says_nothing(value):
        return
    if isinstance(value, dict) and QUOTE not in value:
        for key, item in value.items():
            yield from _facts(item, key_path(path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _facts(item, item_path(path, number))
    else:
        yield path


def _mean(result: Mapping[str, Any], scores: Mapping[str, float | None]) -> float | None:
    """Over the fields that have a value, as the record's confidence is made."""
    there = [score for name in result if not says_nothing(result[name]) and (score := scores.get(name)) is not None]
    return sum(there) / len(there) if there else None
