"""merge: several chunks become one result, and each value keeps its own evidence."""

import datetime as dt
from dataclasses import replace
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from qwen_batch.confidence import answer_to_parts
from qwen_batch.errors import JobError
from qwen_batch.job import Job, Quoted
from qwen_batch.markers import Merge
from qwen_batch.merge import GroundedAnswer, Merged, Prose, answers_to_result, prose_fields
from qwen_batch.records import Answer, Chunk, CleanDocument, Completion, ConfidenceParts, Document, Evidence, MatchKind


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


CLEAN = CleanDocument(Document("id", "file", "m", 1), "", (), (), "en", 1, 0, None)
SCHEMA = Report.model_json_schema()
EMPTY: dict[str, Any] = {"title": "", "start": None, "parties": [], "sections": [], "tags": [], "pages": None}


def evidence(field: str, value: str, match: MatchKind = "exact") -> Evidence:
    return Evidence(field, value, value, 1, 0, 1, (), match, 1.0)


def grounded(
    result: dict[str, Any], *evidences: Evidence, confidence: dict[str, float | None] | None = None
) -> GroundedAnswer:
    answer = Answer(Chunk("", 0, 0), {**EMPTY, **result}, Completion("", "stop", 1, 1), 1, 1, 1)
    return GroundedAnswer(
        answer, evidences, {field: parts(field, answer, evidences, confidence or {}) for field in EMPTY}
    )


def parts(
    field: str, answer: Answer, evidences: tuple[Evidence, ...], token: dict[str, float | None]
) -> ConfidenceParts:
    """As `answer_to_parts` makes them, with the probabilities that a test gives."""
    made = answer_to_parts(answer, evidences, CLEAN)[field]
    return replace(made, token=token.get(field))


def tokens(merged: Merged) -> dict[str, float | None]:
    return {one.field: one.token for one in merged.parts}


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
    out = merged(grounded(result, *found, confidence=scores))
    assert (out.result, out.evidence, tokens(out)) == (result, found, scores)
    assert all(one.agreement is None for one in out.parts)


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
    out = answers_to_result(
        [GroundedAnswer(answer, found, answer_to_parts(answer, found, CLEAN))], Long.model_json_schema()
    )
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
    assert tokens(result)["start"] == 0.4


def test_a_value_without_located_evidence_is_better_than_none() -> None:
    lost = grounded({"start": party("early")}, evidence("start.name", "early", "none"))
    assert merged(grounded({}), lost).result["start"] == party("early")


def test_a_field_that_no_chunk_fills_stays_empty() -> None:
    result = merged(grounded({}, confidence={"pages": 0.8}), grounded({}))
    assert result.result == EMPTY
    assert result.evidence == ()
    assert tokens(result)["pages"] == 0.8


def test_the_confidence_of_a_list_is_the_mean_of_the_answers_that_have_one() -> None:
    answers = [grounded({"tags": [str(score)]}, confidence={"tags": score}) for score in (0.2, None, 0.6)]
    assert tokens(merged(*answers))["tags"] == pytest.approx(0.4)


def test_a_list_without_any_confidence_has_none() -> None:
    assert tokens(merged(grounded({"tags": ["a"]}), grounded({})))["tags"] is None


class Sum(Quoted):
    amount: float


class When(Quoted):
    date: dt.date


class Ruled(BaseModel):
    renewed: Annotated[When | None, Merge("latest")]
    begun: Annotated[When | None, Merge("earliest")]
    total: Annotated[Sum | None, Merge("sum")]
    highest: Annotated[Sum | None, Merge("max")]
    kind: Annotated[str, Merge("vote")] = Field(max_length=20)
    is_signed: bool | None
    notes: Annotated[str, Merge("join")] = Field(max_length=12)
    title: Annotated[str, Merge("longest")] = Field(max_length=40)
    summary: str = Field(max_length=300)


RULED = Ruled.model_json_schema()
NOTHING: dict[str, Any] = dict.fromkeys(Ruled.model_fields) | dict.fromkeys(("kind", "notes", "title", "summary"), "")


def ruled(*results: dict[str, Any], prose: dict[str, Prose] | None = None) -> Merged:
    answers = []
    for result in results:
        answer = Answer(Chunk("", 0, 0), {**NOTHING, **result}, Completion("", "stop", 1, 1), 1, 1, 1)
        answers.append(GroundedAnswer(answer, (), answer_to_parts(answer, (), CLEAN)))
    return answers_to_result(answers, RULED, prose)


def when(date: str) -> dict[str, str]:
    return {"quote": "q", "date": date}


def amount(number: float) -> dict[str, Any]:
    return {"quote": "q", "amount": number}


def test_dates_and_numbers_follow_their_rules() -> None:
    out = ruled(
        {"renewed": when("2020-01-01"), "begun": when("2020-01-01"), "total": amount(2.5), "highest": amount(2.5)},
        {"renewed": when("2023-05-01"), "begun": when("2019-12-31"), "total": amount(4), "highest": amount(4)},
        {"renewed": when("2021-01-01"), "begun": when("2021-01-01"), "total": amount(1), "highest": amount(1)},
    ).result
    assert (out["renewed"]["date"], out["begun"]["date"]) == ("2023-05-01", "2019-12-31")
    assert (out["total"]["amount"], out["highest"]["amount"]) == (7.5, 4)


def test_what_most_chunks_say_wins_a_vote_and_the_share_is_kept() -> None:
    out = ruled(
        {"kind": "lease", "is_signed": True}, {"kind": "Supply", "is_signed": False}, {"kind": "supply"}, {"kind": ""}
    )
    assert out.result["kind"] == "Supply"
    agreement = {one.field: one.agreement for one in out.parts}
    assert agreement["kind"] == pytest.approx(2 / 3)
    assert agreement["is_signed"] == pytest.approx(1 / 2)


def test_texts_are_joined_to_their_bound_or_the_longest_stays() -> None:
    out = ruled(
        {"notes": "one", "title": "A"}, {"notes": "one", "title": "Agreement"}, {"notes": "two and three"}
    ).result
    assert out["notes"] == "one\ntwo and "
    assert out["title"] == "Agreement"


def test_prose_is_what_the_model_merged_and_else_the_longest() -> None:
    assert prose_fields(RULED) == ("summary",)
    said = ({"summary": "Short."}, {"summary": "The longer one."})
    assert ruled(*said).result["summary"] == "The longer one."
    made = ConfidenceParts("summary", False, False, 0.9, 0.8, None, None, None, None)
    out = ruled(*said, prose={"summary": Prose("Both.", made)})
    assert out.result["summary"] == "Both."
    assert tokens(out)["summary"] == 0.9


@pytest.mark.parametrize(
    "annotation", [Annotated[list[str], Merge("latest")], Annotated[str, Merge("union")], Annotated[str, Merge("sum")]]
)
def test_a_rule_that_does_not_fit_names_its_field(annotation: Any) -> None:
    schema = type("Odd", (BaseModel,), {"__annotations__": {"odd": annotation}, "odd": Field(max_length=9)})
    items = {"odd": annotation}
    if "list" in str(annotation):
        word = Annotated[str, Field(max_length=5)]
        items = {"odd": Annotated[list[word], Merge("latest")]}  # type: ignore[valid-type]
    schema = type("Odd", (BaseModel,), {"__annotations__": items, "odd": Field(max_length=9)})
    with pytest.raises(JobError, match=r"odd: the rule \w+ does not fit"):
        Job("odd", schema, "Ask.")
