"""A member of a group as its row has it, and the values that it states at a path. Knows results, nothing of tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from qwen_batch.job.nothing import is_absent
from qwen_batch.outcomes import Evidence
from qwen_batch.records import MatchKind
from qwen_batch.value_paths import key_path, nodes, of_each_item, top_field


@dataclass(frozen=True, slots=True)
class Member:
    """A document whose row a group reads: the row's result with its evidence, and what reading said of the document."""

    doc_id: str
    source_uri: str
    name: str
    result: Mapping[str, Any]
    evidence: tuple[Evidence, ...] = ()
    confidence: Mapping[str, float | None] = field(default_factory=dict)
    pages: int = 0
    ocr_pages: int = 0
    language: str = "und"

    def cites(self, evidence: Evidence) -> Evidence:
        """Evidence of this member's row as that of its group."""
        if evidence.doc_id is not None:  # of a group: its own members
            return evidence
        return replace(evidence, doc_id=self.doc_id, source_uri=self.source_uri)


@dataclass(frozen=True, slots=True)
class Stated:
    """A value of a member: where it stands in the result, and what stands `beside` it."""

    member: Member
    path: str
    value: Any
    beside: Mapping[str, Any]

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What the member's row says of where this value stands; of an object that of all its values."""
        own = [one for one in self.member.evidence if one.standing == "value" and _is_of(one.field, self.path)]
        if not own:
            own = [Evidence(self.path, str(self.value), "", None, None, None, (), "none", 0.0)]
        return tuple(map(self.member.cites, own))

    @property
    def confidence(self) -> float | None:
        """How sure the row is of the field that the value belongs to."""
        return self.member.confidence.get(top_field(self.path))

    def said(self, key: str) -> str:
        """A text beside the value; empty where there is none."""
        value = self.beside.get(key)
        return "" if is_absent(value) else str(value)


def _is_of(field_path: str, path: str) -> bool:
    return field_path == path or field_path.startswith((f"{path}.", f"{path}["))


def stated(member: Member, path: str) -> Iterator[Stated]:
    """The values of a member at a field's path, those that are absent left out."""
    found = {node.path: node.value for node in nodes(member.result)}
    wanted = path.removesuffix("[]")
    for place, value in found.items():
        each = of_each_item(place)
        if each not in {wanted, path} or is_absent(value) or (isinstance(value, list) and path != wanted):
            continue
        above = found.get(place.rpartition(".")[0], {})
        yield Stated(member, place, value, above if isinstance(above, Mapping) else {})


def moved_to(evidence: Evidence, stated_path: str, path: str) -> Evidence:
    """The evidence of a member's value as that of a value at `path`, made by a rule from it."""
    rest = evidence.field.removeprefix(stated_path).strip(".")
    match: MatchKind = "none" if evidence.match == "none" else "computed"
    return replace(evidence, field=key_path(path, rest) if rest else path, match=match)
