"""merge: several chunks become one result, and each value keeps its own evidence."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, Field

from qwen_batch.job import Quoted
from qwen_batch.merge import GroundedAnswer, Merged, answers_to_result
from qwen_batch.records import Answer, Chunk, Completion, Evidence, MatchKind


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


SCHEMA = Report.model_json_schema()
EMPTY: dict[str, Any] = {"title": "", "start": None, "parties": [], "sections": [], "tags": [], "pages": None}


def evidence(field: str, value: str, match: MatchKind = "exact") -> Evidence:
    return Evidence(field, value, value, 1, 0, 1, (), match, 1.0)


def grounded(
    result: dict[str, Any], *evidences: Evidence, confidence: dict[str, float | None] | None = None
) -> GroundedAnswer:
    answer = Answer(Chunk("", 0, 0), {**EMPTY, **result}, Completion("", "stop", 1, 1), 1, 1, 1)
    return GroundedAnswer(answer, evidences, {**dict.fromkeys(EMPTY), **(confidence or {})})


def party(name: str, quote: str = "q") -> dict[str, str]:
    return {"quote": quote, "name": name}


def merged(*answers: GroundedAnswer) -> Merged:
    return answers_to_result(answers, SCHEMA)


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
    assert merged(grounded(result, *found, confidence=scores)) == Merged(result, found, scores)


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

    names = [f"party {number}" for number in range(11)]
    result = {"parties": [party("party 0"), *(party(name) for name in names)]}
    found = tuple(evidence(f"parties[{number + 1}].name", name) for number, name in enumerate(names))
    answer = Answer(Chunk("", 0, 0), result, Completion("", "stop", 1, 1), 1, 1, 1)
    out = answers_to_result([GroundedAnswer(answer, found, {"parties": None})], Long.model_json_schema())
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
    lost = grounded({"start": party("early")}, evidence("start.name", "early", "none"), confidence={"start": 0.9})
    found = grounded({"start": party("late")}, evidence("start.name", "late", "fuzzy"), confidence={"start": 0.4})
    result = merged(lost, found)
    assert result.result["start"] == party("late")
    assert [item.value for item in result.evidence] == ["late"]
    assert result.confidence["start"] == 0.4


def test_a_value_without_located_evidence_is_better_than_none() -> None:
    lost = grounded({"start": party("early")}, evidence("start.name", "early", "none"))
    assert merged(grounded({}), lost).result["start"] == party("early")


def test_a_field_that_no_chunk_fills_stays_empty() -> None:
    result = merged(grounded({}, confidence={"pages": 0.8}), grounded({}))
    assert result.result == EMPTY
    assert result.evidence == ()
    assert result.confidence["pages"] == 0.8


def test_the_confidence_of_a_list_is_the_mean_of_the_answers_that_have_one() -> None:
    answers = [grounded({"tags": [str(score)]}, confidence={"tags": score}) for score in (0.2, None, 0.6)]
    assert merged(*answers).confidence["tags"] == pytest.approx(0.4)


def test_a_list_without_any_confidence_has_none() -> None:
    assert merged(grounded({"tags": ["a"]}), grounded({})).confidence["tags"] is None
