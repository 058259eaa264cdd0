"""difficulty: what a small model finds hard in a job's schema is said by its field; our own jobs are easy, but two."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from helpers.places import ROOT
from pydantic import BaseModel, Field, create_model

from qwen_batch.asking.difficulty import job_difficulties
from qwen_batch.job.definition import Job, Quoted
from qwen_batch.job.facts.kinds import Amount, Day, Party
from qwen_batch.job.files import find_job, job_names, load_job

Text = Annotated[str, Field(max_length=20)]
LONG_ON_PURPOSE = {"policy_obligations": ["obligations"], "product_facts": ["facts"]}
"""A regulation has more duties, and a paper more facts, than a small model lists well."""


def hard(schema: type[BaseModel]) -> list[str]:
    return [f"{one.where}: {one.what}" for one in job_difficulties(Job("note", schema, "Read."))]


@pytest.mark.parametrize("name", job_names(ROOT / "jobs"))
def test_our_own_jobs_are_not_hard(name: str) -> None:
    found = [one.where for one in job_difficulties(load_job(find_job(name, ROOT / "jobs")))]
    assert found == LONG_ON_PURPOSE.get(name, [])


def test_ready_made_facts_are_not_hard() -> None:
    class Bill(BaseModel):
        total: Amount | None = Field(description="to pay")
        day: Day | None = Field(description="of issue")
        parties: list[Party] = Field(max_length=20, description="both sides")

    assert hard(Bill) == []


class Part(BaseModel):
    name: Text = Field(description="as printed")


class Box(BaseModel):
    parts: list[Part] = Field(max_length=3, description="in it")


class Shelf(BaseModel):
    boxes: list[Box] = Field(max_length=3, description="on it")


class Room(BaseModel):
    shelves: list[Shelf] = Field(max_length=3, description="along the walls")


def test_values_deeper_than_three_models_are_pointed_at_once() -> None:
    assert hard(Shelf) == []
    assert hard(Room) == ["shelves.boxes.parts: its values stand 4 models deep or more"]


def test_a_list_of_more_than_twenty_is_pointed_at_also_in_a_model_and_where_it_may_be_null() -> None:
    class Many(BaseModel):
        few: list[Text] = Field(max_length=20, description="a few")
        many: list[Text] | None
        box: Box

    class Deep(BaseModel):
        words: list[Text] = Field(max_length=40, description="said")

    class Both(Many):
        many: Annotated[list[Text], Field(max_length=21)] | None = Field(description="more")
        deep: Deep

    assert [one.partition(" items")[0] for one in hard(Both)] == ["many: it may have 21", "deep.words: it may have 40"]


def test_more_than_twelve_fields_at_once_are_pointed_at() -> None:
    text = (Text, Field(description="as printed"))
    twelve = {f"field_{n}": text for n in range(12)}
    assert hard(create_model("Twelve", **twelve)) == []
    assert hard(create_model("Thirteen", **twelve, one_more=text)) == ["schema: it has 13 fields at once"]
    inner = create_model("Inner", **twelve, one_more=text)
    assert hard(create_model("Outer", inner=(inner, Field()))) == ["inner: it has 13 fields at once"]


def test_a_nested_field_that_only_its_name_explains_is_pointed_at() -> None:
    class Fact(Quoted):
        value: Text
        kind: Literal["a", "b"]

    class Note(BaseModel):
        fact: Fact | None = Field(description="what is said")
        facts: list[Fact] | None = Field(max_length=3, description="what else is said")

    assert hard(Note) == ["fact.value: it has no description", "facts.value: it has no description"]
