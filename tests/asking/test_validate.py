"""validate: what an answer must be, and how words that mean "absent" become null."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, field_validator

from qwen_batch.asking.validate import MAX_PROBLEM_CHARS, Invalid, Valid, completion_to_result
from qwen_batch.engine.kinds.null import smallest_instance
from qwen_batch.job.definition import Job, Quoted, job_decoding_schema
from qwen_batch.records import Completion


class Party(Quoted):
    name: str = Field(max_length=20)
    role: str = Field(max_length=20)


class Day(Quoted):
    date: dt.date


class Contract(BaseModel):
    parties: list[Party] = Field(max_length=3)
    start: Day | None = None
    note: str | None = Field(default=None, max_length=20)

    @field_validator("note")
    @classmethod
    def _no_shouting(cls, note: str | None) -> str | None:
        if note and note.isupper():
            raise ValueError("do not shout")
        return note


def completion(answer: Any, **changes: Any) -> Completion:
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    return Completion(**{"text": text, "finish_reason": "stop", "prompt_tokens": 9, "output_tokens": 7, **changes})


def valid(answer: Any) -> dict[str, Any]:
    checked = completion_to_result(completion(answer), Contract)
    assert isinstance(checked, Valid), checked
    return checked.result


def invalid(answer: Any, **changes: Any) -> Invalid:
    checked = completion_to_result(completion(answer, **changes), Contract)
    assert isinstance(checked, Invalid), checked
    return checked


def party(name: str = "ACME", role: str = "buyer", quote: str = "ACME (the buyer)") -> dict[str, str]:
    return {"quote": quote, "name": name, "role": role}


def test_a_valid_answer_comes_back_as_json_data_in_field_order() -> None:
    answer = {"note": "ok", "start": {"date": "2024-05-01", "quote": "1 May 2024"}, "parties": [party()]}
    result = valid(answer)
    assert result == answer
    assert list(result) == ["parties", "start", "note"]
    assert list(result["start"]) == ["quote", "date"]


def test_keys_that_the_answer_leaves_out_get_their_default() -> None:
    assert valid({"parties": []}) == {"parties": [], "start": None, "note": None}


def test_quotes_lose_white_space_at_their_ends() -> None:
    assert valid({"parties": [party(quote=" ACME \n")]})["parties"][0]["quote"] == "ACME"


@pytest.mark.parametrize("date", ["", "null", "2024-05-01", None])
def test_an_optional_fact_with_an_empty_quote_is_null_whatever_its_value(date: str | None) -> None:
    assert valid({"parties": [], "start": {"quote": "", "date": date}})["start"] is None


def test_the_answer_that_constrained_decoding_gives_for_an_absent_fact_is_valid() -> None:
    job = Job("contract", Contract, "Read.")
    asked = smallest_instance(job_decoding_schema(job))
    assert json.loads(asked)["start"] == {"quote": "", "date": None}
    assert valid(asked) == {"parties": [], "start": None, "note": None}


@pytest.mark.parametrize("quote", ["N/A", "n/a.", " none ", "Not specified", "未提及", "无", "null"])
def test_a_quote_that_only_says_there_is_none_makes_the_fact_null(quote: str) -> None:
    assert valid({"parties": [], "start": {"quote": quote, "date": "2024-05-01"}})["start"] is None


def test_a_fact_whose_every_value_is_a_placeholder_is_null() -> None:
    assert valid({"parties": [], "start": {"quote": "on the date of signing", "date": "not stated"}})["start"] is None


def test_list_items_that_say_there_is_none_are_dropped_and_the_others_stay() -> None:
    answer = {"parties": [party(), party("N/A", "none"), party("Bolt", "seller"), party(quote="")]}
    assert [item["name"] for item in valid(answer)["parties"]] == ["ACME", "Bolt"]


def test_one_placeholder_beside_a_real_value_stays() -> None:
    assert valid({"parties": [party("ACME", "unknown")]})["parties"] == [party("ACME", "unknown")]


@pytest.mark.parametrize("words", ["none", "N/A", "无", "", "Not specified.", "待定", "??"])
def test_text_that_may_be_null_is_null_when_it_only_says_that_there_is_none(words: str) -> None:
    assert valid({"parties": [], "note": words})["note"] is None


@pytest.mark.parametrize("words", ["none", "N/A", ""])
def test_text_that_may_not_be_null_is_left_alone(words: str) -> None:
    class Plain(BaseModel):
        text: str = Field(max_length=9)
        kind: Literal["none", "some"] | None

    found = completion_to_result(completion({"text": words, "kind": "none"}), Plain)
    assert found == Valid({"text": words, "kind": "none"})


def test_a_quote_that_contains_a_placeholder_is_a_quote() -> None:
    answer = {"parties": [], "start": {"quote": "None before 1 May", "date": "2024-05-01"}}
    assert valid(answer) == {**answer, "note": None}


def test_an_engine_error_is_passed_on_in_its_own_words() -> None:
    assert invalid("", error="prompt too long") == Invalid("engine_error", "prompt too long")


def test_a_cut_off_answer_is_truncated_even_if_it_happens_to_be_json() -> None:
    found = invalid({"parties": []}, finish_reason="length")
    assert found.code == "truncated"
    assert "after 7 tokens" in found.problem


@pytest.mark.parametrize("text", ["", "Sure! Here it is:", '{"parties": [', "{'parties': []}", "1" * 5000])
def test_what_is_no_json_is_invalid_json(text: str) -> None:
    found = invalid(text)
    assert found.code == "invalid_json"
    assert found.problem.startswith("not valid JSON: ")
    assert len(found.problem) <= MAX_PROBLEM_CHARS


def test_brackets_nested_beyond_the_parser_are_one_invalid_answer_not_the_end_of_the_run() -> None:
    assert invalid("[" * 100_000).code == "invalid_json"


@pytest.mark.parametrize("answer", ["[]", "null", "3", '"text"'])
def test_json_that_is_no_object_is_an_invalid_answer(answer: str) -> None:
    assert invalid(answer).code == "invalid_answer"


def test_the_problem_names_each_field_with_its_path() -> None:
    found = invalid({"parties": [party(), {"quote": "q", "name": 3}], "start": {"quote": "q", "date": "May"}})
    assert found.code == "invalid_answer"
    problems = found.problem.split("; ")
    assert [problem.partition(":")[0] for problem in problems] == ["parties.1.name", "parties.1.role", "start.date"]


def test_bounds_are_checked_though_the_grammar_promised_them() -> None:
    assert "at most 3 items" in invalid({"parties": [party(str(number)) for number in range(4)]}).problem
    assert "at most 20 characters" in invalid({"parties": [party("x" * 21)]}).problem


def test_unknown_keys_of_a_quoted_fact_are_refused() -> None:
    assert invalid({"parties": [{**party(), "age": 3}]}).problem.startswith("parties.0.age: ")


def test_what_only_a_validator_knows_is_checked() -> None:
    assert invalid({"parties": [], "note": "HELLO"}) == Invalid("invalid_answer", "note: Value error, do not shout")


def test_a_long_list_of_problems_is_cut() -> None:
    class Wide(BaseModel):
        numbers: list[int] = Field(max_length=100)

    found = completion_to_result(completion({"numbers": ["x"] * 100}), Wide)
    assert isinstance(found, Invalid)
    assert len(found.problem) == MAX_PROBLEM_CHARS


def test_a_fact_that_is_nothing_but_its_quote_is_kept() -> None:
    class Mentions(BaseModel):
        clauses: list[Quoted] = Field(max_length=3)

    found = completion_to_result(completion({"clauses": [{"quote": "Clause 9"}, {"quote": ""}]}), Mentions)
    assert found == Valid({"clauses": [{"quote": "Clause 9"}]})


class Law(Quoted):
    jurisdiction: str = Field(max_length=40, description="name of the state or country")


class Lease(BaseModel):
    law: Law | None = None


@pytest.mark.parametrize(
    ("said", "law"),
    [("name of the state or country", None), ("The state or country.", None), ("State of Ohio", "State of Ohio")],
)
def test_a_value_that_copies_what_its_field_is_described_by_is_absent(said: str, law: str | None) -> None:
    checked = completion_to_result(completion({"law": {"quote": "q", "jurisdiction": said}}), Lease)
    assert isinstance(checked, Valid)
    assert (checked.result["law"] or {}).get("jurisdiction") == law
