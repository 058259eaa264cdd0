"""cost: what a prompt costs is counted, and what does not help is pointed at; a good job gets no complaint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from helpers.places import ROOT
from pydantic import BaseModel, Field

from qwen_batch.asking.cost import job_waste, longest_answer_tokens, prompt_costs
from qwen_batch.asking.prompts import schema_outline
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.job.definition import Job, Quoted
from qwen_batch.job.files import find_job, job_names, load_job

TOKENIZER = ApproximateTokenizer()
Text = Annotated[str, Field(max_length=20)]


class Note(BaseModel):
    title: Text = Field(description="heading as printed")


def complaints(schema: type[BaseModel] = Note, instruction: str = "Read.", **settings: int) -> list[str]:
    found = job_waste(Job("note", schema, instruction, **settings), TOKENIZER)
    return [f"{one.where}: {one.what}" for one in found]


def test_a_job_without_waste_gets_no_complaint() -> None:
    assert complaints() == []


@pytest.mark.parametrize("name", job_names(ROOT / "jobs"))
def test_our_own_jobs_waste_nothing(name: str, jobs_dir: Path) -> None:
    assert job_waste(load_job(find_job(name, jobs_dir)), TOKENIZER) == ()


@pytest.mark.parametrize(
    ("instruction", "words"),
    [
        ("Please read the note.", "'please' tells the model nothing"),
        ("You are an expert lawyer. Read.", "'you are an expert lawyer'"),
        ("请阅读。", "'请'"),
        ("Read. Do not invent facts.", "says it already (no invention)"),
        ("Read and return valid JSON.", "says it already (JSON)"),
        ("Read. " + "Mind the many things in this note. " * 20, "it has"),
    ],
)
def test_an_instruction_that_says_nothing_new_is_pointed_at(instruction: str, words: str) -> None:
    assert any(words in one and one.startswith("instruction: ") for one in complaints(instruction=instruction))


def test_a_rule_that_is_said_twice_is_pointed_at_where_it_repeats() -> None:
    class Twice(BaseModel):
        title: Text = Field(description="Leave out all footnotes of it.")

    assert complaints(Twice, "Read the note. Leave out all footnotes of it.") == [
        "title: 'Leave out all footnotes of it' stands in instruction too"
    ]


def test_descriptions_that_are_missing_empty_or_long_are_pointed_at() -> None:
    class Bad(BaseModel):
        title: Text
        due_date: Text = Field(description="the due date")
        place: Text = Field(description="where, for example " + "Wilmington, Delaware; " * 20)
        kind: Literal["a", "b"]

    found = complaints(Bad)
    assert [one.partition(":")[0] for one in found] == ["place", "title", "due_date"]
    assert "its example has" in found[0]
    assert "no description" in found[1]
    assert "only repeats its name" in found[2]


def test_one_description_for_several_fields_is_pointed_at_but_not_in_a_model_that_is_used_twice() -> None:
    class Fact(Quoted):
        value: Text = Field(description="fact, short")

    class Same(BaseModel):
        one: Text = Field(description="some kind of text")
        two: Text = Field(description="some kind of text")
        first: Fact = Field(description="what comes before")
        last: Fact = Field(description="what comes after")

    assert [one for one in complaints(Same) if "several" in one] == [
        "one, two: 'some kind of text' describes several fields"
    ]


def test_bounds_that_no_answer_can_keep_are_pointed_at() -> None:
    class Long(BaseModel):
        texts: list[Annotated[str, Field(max_length=300)]] = Field(max_length=10, description="what it says")

    assert "the longest answer that the bounds allow has about" in complaints(Long, max_output_tokens=500)[0]
    assert complaints(Long, max_output_tokens=1200) == []
    assert 1000 < longest_answer_tokens(Job("note", Long, "Read.")) < 1200


def test_costs_name_every_part_and_field() -> None:
    job = Job("note", Note, "Read the note well.")
    costs = {cost.part: cost.tokens for cost in prompt_costs(job, TOKENIZER)}
    assert list(costs) == ["system", "reminder", "instruction", "outline", "  title"]
    assert costs["instruction"] == len(TOKENIZER.token_ends("Read the note well."))
    assert costs["outline"] == costs["  title"] == len(TOKENIZER.token_ends(schema_outline(job)))
