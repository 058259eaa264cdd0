"""union: lists of several chunks as one, each item once, with the evidence of the chunk that says it best."""

from __future__ import annotations

from typing import Any

from qwen_batch.evidence import union
from qwen_batch.evidence.candidates import Candidate, Reduced
from qwen_batch.evidence.union import union_of
from qwen_batch.job.rules import FieldRule
from qwen_batch.outcomes import ConfidenceParts, Evidence
from qwen_batch.records import MatchKind


def rule(most: int | None = None) -> FieldRule:
    return FieldRule("parties", "union", "list", max_items=most)


def party(name: str, role: str | None = None) -> dict[str, Any]:
    return {"quote": name, "name": name, "role": role}


def chunk(place: int, *items: Any, matches: tuple[MatchKind, ...] = (), token: float = 0.9) -> Candidate:
    """What a chunk says: its items, each located as it is told, else exactly."""
    kinds = (*matches, *("exact",) * len(items))[: len(items)]
    found = tuple(
        Evidence(f"parties[{number}].name", str(item), str(item), 1, 0, 1, (), kind, 0.0 if kind == "none" else 1.0)
        for number, (item, kind) in enumerate(zip(items, kinds, strict=True))
    )
    parts = ConfidenceParts("parties", False, not items, token, token, None, "exact", 1.0, None)
    return Candidate(list(items), found, parts, place)


def names(result: Reduced) -> list[str]:
    return [item["name"] for item in result.value]


def test_items_stand_in_document_order_each_once_and_their_evidence_is_renumbered() -> None:
    result = union_of(rule(), [chunk(0, party("Acme"), party("Bolt")), chunk(1, party("BOLT"), party("Crane"))])
    assert names(result) == ["Acme", "Bolt", "Crane"]
    assert [(item.field, item.quote) for item in result.evidence] == [
        ("parties[0].name", str(party("Acme"))),
        ("parties[1].name", str(party("Bolt"))),
        ("parties[2].name", str(party("Crane"))),
    ]


def test_evidence_of_item_ten_stays_with_item_ten() -> None:
    items = [party(f"Party {letter}") for letter in "ABCDEFGHIJK"]
    result = union_of(rule(), [chunk(0, *items[:1], *items)])
    assert len(result.value) == 11
    assert [item.field for item in result.evidence] == [f"parties[{number}].name" for number in range(11)]
    assert [item.quote for item in result.evidence] == [str(item) for item in items]


def test_of_the_same_item_the_located_one_stands_then_the_one_that_says_more() -> None:
    lost, located = chunk(0, party("Acme", "buyer"), matches=("none",)), chunk(1, party("Acme"))
    assert union_of(rule(), [lost, located]).value == [party("Acme")]
    assert union_of(rule(), [located, chunk(2, party("Acme", "buyer"))]).value == [party("Acme", "buyer")]


def test_a_full_list_keeps_the_located_then_those_of_surer_chunks_in_their_order() -> None:
    unsure = chunk(0, party("Acme"), party("Bolt"), matches=("none", "exact"), token=0.3)
    result = union_of(rule(2), [unsure, chunk(1, party("Crane"))])
    assert names(result) == ["Bolt", "Crane"]
    assert result.warnings == ("parties: 2 of 3 items kept, the most that the job allows",)
    assert [item.field for item in result.evidence] == ["parties[0].name", "parties[1].name"]


def test_agreement_is_how_many_chunks_name_an_item_on_average() -> None:
    both = union_of(rule(), [chunk(0, party("Acme")), chunk(1, party("Acme"))])
    assert both.parts.agreement == 1
    half = union_of(rule(), [chunk(0, party("Acme"), party("Bolt")), chunk(1, party("Bolt"), party("Acme"))])
    assert half.parts.agreement == 1
    none = union_of(rule(), [chunk(0, party("Acme")), chunk(1, party("Bolt"))])
    assert none.parts.agreement == 0.5
    assert union_of(rule(), [chunk(0, party("Acme"))]).parts.agreement is None


def test_the_match_of_the_whole_is_the_worst_of_what_was_kept() -> None:
    result = union_of(rule(), [chunk(0, party("Acme"), party("Bolt"), matches=("exact", "fuzzy"))])
    assert result.parts.match == "fuzzy"
    kept = union_of(rule(1), [chunk(0, party("Acme"), party("Bolt"), matches=("exact", "none"))])
    assert (names(kept), kept.parts.match, kept.parts.score) == (["Acme"], "exact", 1.0)


def test_beyond_a_bound_only_what_is_written_alike_is_one(monkeypatch: Any) -> None:
    monkeypatch.setattr(union, "MAX_COMPARED", 1)
    first = chunk(0, party("Acme Holdings"), party("Bolt"))
    result = union_of(rule(), [first, chunk(1, party("Acme Holding"), party("ACME, Holdings"))])
    assert names(result) == ["Acme Holdings", "Bolt", "Acme Holding"]
