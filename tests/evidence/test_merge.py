"""merge: several chunks become one result, and each value keeps its own evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel, Field

from qwen_batch.evidence.confidence import MATCH_ORDER
from qwen_batch.evidence.merge import GroundedAnswer, Merged, answers_to_result
from qwen_batch.job.definition import Quoted
from qwen_batch.job.nothing import is_absent
from qwen_batch.job.rules import field_rules
from qwen_batch.outcomes import ConfidenceParts, Evidence
from qwen_batch.records import Answer, Chunk, Completion, MatchKind
from qwen_batch.value_paths import top_field


class Party(Quoted):
    name: str = Field(max_length=40)


class Section(BaseModel):
    heading: str = Field(max_length=40)
    parties: list[Party] = Field(max_length=3)


class Report(BaseModel):
    title: str = Field(max_length=40)
    start: Party | None
    parties: list[Party] = Field(max_length=3)
    sections: list[Section] = Field(max_length=3)
    tags: list[str] = Field(max_length=3)
    pages: int | None


RULES = field_rules("report", Report.model_json_schema())
EMPTY: dict[str, Any] = {"title": "", "start": None, "parties": [], "sections": [], "tags": [], "pages": None}


def evidence(field: str, value: str, match: MatchKind = "exact") -> Evidence:
    return Evidence(field, value, value, 1, 0, 1, (), match, 1.0 if match != "none" else 0.0)


def parts_of(field: str, value: Any, evidences: Sequence[Evidence], token: float | None = None) -> ConfidenceParts:
    own = [item for item in evidences if top_field(item.field) == field]
    match = max((item.match for item in own), key=MATCH_ORDER.index, default=None)
    score = min((item.score for item in own), default=None)
    return ConfidenceParts(field, False, is_absent(value), token, token, None, match, score, None)


def grounded(result: dict[str, Any], *evidences: Evidence, tokens: dict[str, float] | None = None) -> GroundedAnswer:
    answer = Answer(Chunk("", 0, 0), {**EMPTY, **result}, Completion("", "stop", 1, 1), 1, 1, 1)
    parts = {
        field: parts_of(field, value, evidences, (tokens or {}).get(field)) for field, value in answer.result.items()
    }
    return GroundedAnswer(answer, evidences, parts)


def party(name: str, quote: str = "q") -> dict[str, str]:
    return {"quote": quote, "name": name}


def merged(*answers: GroundedAnswer) -> Merged:
    return answers_to_result(answers, RULES)


def part(result: Merged, field: str) -> ConfidenceParts:
    (found,) = (one for one in result.parts if one.field == field)
    return found


def test_one_answer_comes_back_as_it_was() -> None:
    result = {
        "title": "T",
        "start": party("now"),
        "parties": [party("Acme"), party("Bolt")],
        "sections": [{"heading": "One", "parties": [party("Acme")]}],
        "tags": ["a", "b"],
        "pages": 0,
    }
    found = (
        evidence("start.name", "now"),
        evidence("parties[0].name", "Acme"),
        evidence("parties[1].name", "Bolt"),
        evidence("sections[0].parties[0].name", "Acme"),
    )
    scores = {"title": 0.1, "start": 0.2, "parties": 0.3, "sections": 0.4, "tags": 0.5, "pages": 0.6}
    one = grounded(result, *found, tokens=scores)
    assert merged(one) == Merged(result, found, tuple(one.parts.values()))


def test_the_fields_are_in_schema_order() -> None:
    assert list(merged(grounded({}), grounded({})).result) == list(Report.model_fields)


def test_lists_are_joined_in_document_order_and_their_evidence_is_renumbered() -> None:
    first = grounded({"parties": [party("Acme")]}, evidence("parties[0].name", "Acme"))
    second = grounded(
        {"parties": [party("ACME "), party("Bolt")]},
        evidence("parties[0].name", "ACME "),
        evidence("parties[1].name", "Bolt"),
    )
    third = grounded({"parties": [party("Cord")]}, evidence("parties[0].name", "Cord"))
    result = merged(first, second, third)
    assert [item["name"] for item in result.result["parties"]] == ["Acme", "Bolt", "Cord"]
    assert [(item.field, item.value) for item in result.evidence] == [
        ("parties[0].name", "Acme"),
        ("parties[1].name", "Bolt"),
        ("parties[2].name", "Cord"),
    ]


def test_evidence_below_a_list_item_is_renumbered_with_it() -> None:
    first = grounded({"sections": [{"heading": "One", "parties": []}]})
    second = grounded(
        {"sections": [{"heading": "Two", "parties": [party("Acme"), party("Bolt")]}]},
        evidence("sections[0].parties[1].name", "Bolt"),
    )
    assert [item.field for item in merged(first, second).evidence] == ["sections[1].parties[1].name"]


def test_evidence_of_item_ten_is_not_taken_for_that_of_item_one() -> None:
    class Long(BaseModel):
        parties: list[Party] = Field(max_length=20)

    names = [f"party {chr(97 + number)}" for number in range(11)]
    result = {"parties": [party("party a"), *(party(name) for name in names)]}
    found = tuple(evidence(f"parties[{number + 1}].name", name) for number, name in enumerate(names) if number)
    answer = Answer(Chunk("", 0, 0), result, Completion("", "stop", 1, 1), 1, 1, 1)
    one = GroundedAnswer(answer, found, {"parties": parts_of("parties", result["parties"], found)})
    out = answers_to_result([one], field_rules("long", Long.model_json_schema()))
    assert [(item.field, item.value) for item in out.evidence] == [
        (f"parties[{number}].name", name) for number, name in enumerate(names) if number
    ]


def test_repetitions_go_from_a_single_answer_with_their_evidence() -> None:
    result = merged(
        grounded(
            {"parties": [party("Acme", "one"), party("acme", "two"), party("Bolt")], "tags": ["x", "X ", "y"]},
            evidence("parties[0].name", "Acme"),
            evidence("parties[1].name", "acme"),
            evidence("parties[2].name", "Bolt"),
        )
    )
    assert result.result["parties"] == [party("Acme", "one"), party("Bolt")]
    assert result.result["tags"] == ["x", "y"]
    assert [(item.field, item.value) for item in result.evidence] == [
        ("parties[0].name", "Acme"),
        ("parties[1].name", "Bolt"),
    ]


def test_a_list_stops_at_the_bound_of_the_schema() -> None:
    first = grounded({"tags": ["a", "b"]})
    second = grounded({"tags": ["b", "c", "d"]})
    assert merged(first, second).result["tags"] == ["a", "b", "c"]


def test_chinese_values_are_told_apart() -> None:
    names = ["北京云海", "上海明德", "北京 云海"]
    result = merged(grounded({"parties": [party(name) for name in names]})).result
    assert [item["name"] for item in result["parties"]] == names[:2]


def test_a_single_value_is_the_first_that_is_not_empty() -> None:
    result = merged(grounded({}), grounded({"title": "Second"}), grounded({"title": "Third"})).result
    assert result["title"] == "Second"


@pytest.mark.parametrize("value", [0, 7])
def test_nought_is_a_value(value: int) -> None:
    assert (
        merged(grounded({"pages": None}), grounded({"pages": value}), grounded({"pages": 9})).result["pages"] == value
    )


def test_a_value_with_located_evidence_wins_over_an_earlier_one_without() -> None:
    lost = grounded({"start": party("early")}, evidence("start.name", "early", "none"), tokens={"start": 0.9})
    found = grounded({"start": party("late")}, evidence("start.name", "late", "fuzzy"), tokens={"start": 0.4})
    result = merged(lost, found)
    assert result.result["start"] == party("late")
    assert [item.value for item in result.evidence] == ["late"]
    assert part(result, "start").token == 0.4


def test_a_better_match_wins_over_an_earlier_and_surer_value() -> None:
    fuzzy = grounded({"start": party("early")}, evidence("start.name", "early", "fuzzy"), tokens={"start": 0.99})
    exact = grounded({"start": party("late")}, evidence("start.name", "late"), tokens={"start": 0.5})
    assert merged(fuzzy, exact).result["start"] == party("late")


@pytest.mark.parametrize(("late", "name"), [(0.9, "late"), (0.62, "early")])
def test_of_equal_matches_a_clearly_surer_one_wins_else_the_earlier(late: float, name: str) -> None:
    first = grounded({"start": party("early")}, evidence("start.name", "early"), tokens={"start": 0.6})
    second = grounded({"start": party("late")}, evidence("start.name", "late"), tokens={"start": late})
    assert merged(first, second).result["start"] == party(name)


def test_a_quote_that_says_its_value_wins_over_one_that_does_not() -> None:
    vague = replace(evidence("start.name", "early"), score=0.5)
    result = merged(
        grounded({"start": party("early")}, vague, tokens={"start": 0.9}),
        grounded({"start": party("late")}, evidence("start.name", "late"), tokens={"start": 0.5}),
    )
    assert result.result["start"] == party("late")


def test_a_value_without_located_evidence_is_better_than_none() -> None:
    lost = grounded({"start": party("early")}, evidence("start.name", "early", "none"))
    assert merged(grounded({}), lost).result["start"] == party("early")


def test_a_field_that_no_chunk_fills_is_as_sure_as_the_least_sure_chunk() -> None:
    result = merged(
        grounded({}, tokens={"pages": 0.8}), grounded({}, tokens={"pages": 0.3}), grounded({}, tokens={"tags": 0.9})
    )
    assert result.result == EMPTY
    assert result.evidence == ()
    assert part(result, "pages").token == 0.3
    assert part(result, "pages").absent


def test_a_list_is_as_sure_as_the_chunks_that_it_comes_from() -> None:
    answers = [grounded({"tags": [name]}, tokens={"tags": 0.2 * len(name)}) for name in ("a", "bbb")]
    empty = grounded({"tags": []}, tokens={"tags": 0.01})
    found = part(merged(*answers, empty), "tags")
    assert (found.token, found.weakest) == (pytest.approx(0.4), pytest.approx(0.2))


def test_agreement_is_the_share_of_the_chunks_with_a_value_that_say_the_same() -> None:
    answers = [grounded({"title": title}) for title in ("The Lease", "THE LEASE.", "", "Deed", "Deed of Trust")]
    assert part(merged(*answers), "title").agreement == 0.5
    assert part(merged(answers[0], answers[2]), "title").agreement is None


def test_agreement_of_a_list_is_how_many_of_its_chunks_name_an_item_on_average() -> None:
    answers = [grounded({"parties": [party(name) for name in names]}) for names in (["Acme", "Bolt"], ["ACME"], [])]
    assert part(merged(*answers), "parties").agreement == 0.75


def test_the_same_party_is_one_with_and_without_its_role_and_keeps_the_fuller_form() -> None:
    class Side(Quoted):
        name: str = Field(max_length=40)
        role: str | None = Field(max_length=40)

    class Sides(BaseModel):
        sides: list[Side] = Field(max_length=5)

    def one(*sides: tuple[str, str | None]) -> GroundedAnswer:
        result = {"sides": [{"quote": "q", "name": name, "role": role} for name, role in sides]}
        found = tuple(evidence(f"sides[{place}].name", name) for place, (name, _) in enumerate(sides))
        answer = Answer(Chunk("", 0, 0), result, Completion("", "stop", 1, 1), 1, 1, 1)
        return GroundedAnswer(answer, found, {"sides": parts_of("sides", result["sides"], found)})

    answers = [one(("Acme, Inc.", None)), one(("ACME INC", "Seller"), ("Acme 2 Inc.", "Seller"), ("Bolt", "Buyer"))]
    out = answers_to_result(answers, field_rules("sides", Sides.model_json_schema()))
    assert [(side["name"], side["role"]) for side in out.result["sides"]] == [
        ("ACME INC", "Seller"),
        ("Acme 2 Inc.", "Seller"),
        ("Bolt", "Buyer"),
    ]
    assert [(item.field, item.value) for item in out.evidence] == [
        ("sides[0].name", "ACME INC"),
        ("sides[1].name", "Acme 2 Inc."),
        ("sides[2].name", "Bolt"),
    ]


def test_a_full_list_keeps_what_is_located_and_what_most_chunks_name() -> None:
    lost = grounded({"parties": [party("Ghost")]}, evidence("parties[0].name", "Ghost", "none"))
    first = grounded({"parties": [party("Once")]}, evidence("parties[0].name", "Once"))
    others = [
        grounded(
            {"parties": [party(name) for name in ("Acme", "Bolt", "Cord")]},
            *(evidence(f"parties[{place}].name", name) for place, name in enumerate(("Acme", "Bolt", "Cord"))),
        )
        for _ in range(2)
    ]
    result = merged(lost, first, *others)
    assert [item["name"] for item in result.result["parties"]] == ["Acme", "Bolt", "Cord"]
    assert result.warnings == ("parties: 3 of 5 items kept, the most that the job allows",)
    assert part(result, "parties").match == "exact"


def test_a_full_list_keeps_the_items_of_the_surest_chunk_before_those_that_many_unsure_ones_name() -> None:
    def chunk(token: float, *names: str) -> GroundedAnswer:
        items = (evidence(f"parties[{place}].name", name) for place, name in enumerate(names))
        return grounded({"parties": [party(name) for name in names]}, *items, tokens={"parties": token})

    result = merged(*(chunk(0.5, "Unit 1", "Unit 2", "Unit 3") for _ in range(3)), chunk(0.95, "Acme", "Bolt"))
    assert [item["name"] for item in result.result["parties"]] == ["Unit 1", "Acme", "Bolt"]


def at(name: str, start: int, page: int, score: float = 1.0) -> Evidence:
    return replace(evidence("start.name", name), start=start, end=start + 9, page=page, score=score)


def test_chunks_that_contradict_each_other_were_voted_on_in_silence() -> None:
    first = grounded({"start": party("Utah")}, at("Utah", 10, 1), tokens={"start": 0.95})
    second = grounded({"start": party("Ohio")}, at("Ohio", 90, 4), tokens={"start": 0.95})
    result = merged(first, second)
    assert result.result["start"]["name"] == "Utah"
    assert [(item.value, item.page) for item in result.evidence] == [("Utah", 1), ("Ohio", 4)]
    assert result.warnings == ("conflict: start: 'Utah' (page 1) or 'Ohio' (page 4)",)


@pytest.mark.parametrize(
    ("other", "token"),
    [(at("Ohio", 90, 4), 0.5), (at("Ohio", 90, 4, 0.6), 0.95), (at("Ohio", 12, 1), 0.95), (at("Utah", 90, 4), 0.95)],
)
def test_an_unsure_chunk_the_same_place_or_the_same_value_is_no_conflict(other: Evidence, token: float) -> None:
    first = grounded({"start": party("Utah")}, at("Utah", 10, 1), tokens={"start": 0.95})
    result = merged(first, grounded({"start": party(other.value)}, other, tokens={"start": token}))
    assert result.warnings == ()
    assert len(result.evidence) == 1
