from __future__ import annotations

from qwen_batch.evaluate.tuning.source import JobText

TEXT = '''"""Ein Auftrag, für Verträge."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import Job, LooksFor, Quoted


class Law(Quoted):
    state: str = Field(max_length=60, description="Name des Staats")


class Lease(BaseModel):
    law: Annotated[Law | None, LooksFor("适用法律", "governed by")] = Field(
        description="whose "
        "law applies"
    )  # the state
    größe: str | None = Field(max_length=9, description="Fläche")
    ends: str = Field(max_length=9)


JOB = Job(name="lease", schema=Lease, instruction="Extract.")
'''


def test_a_description_is_replaced_where_it_stands_and_nothing_else() -> None:
    changed = JobText(TEXT).with_description("Lease", "law", 'the "law"')
    assert changed == TEXT.replace('"whose "\n        "law applies"', '"the \\"law\\""')
    assert JobText(TEXT).with_description("Law", "state", "x") == TEXT.replace("Name des Staats", "x")
    assert JobText(TEXT).with_description("Lease", "größe", "面积") == TEXT.replace("Fläche", "面积")
    assert JobText(TEXT).with_description("Lease", "ends", "x") is None
    assert JobText(TEXT).with_description("Lease", "nobody", "x") is None


def test_words_to_look_for_are_added_behind_those_that_are_there() -> None:
    changed = JobText(TEXT).with_phrases("Lease", "law", ["laws of"])
    assert changed == TEXT.replace('"governed by")', '"governed by", "laws of")')
    assert JobText(TEXT).with_phrases("Lease", "ends", ["until"]) is None


def test_fields_change_places_with_their_comments() -> None:
    changed = JobText(TEXT).with_order("Lease", ["ends", "größe", "law"])
    assert changed is not None
    assert list(JobText(changed).fields("Lease")) == ["ends", "größe", "law"]
    assert sorted(changed.splitlines()) == sorted(TEXT.splitlines())
    assert ")  # the state" in changed
    assert JobText(TEXT).with_order("Lease", ["ends"]) is None


def test_a_class_with_something_between_its_fields_keeps_its_order() -> None:
    text = TEXT.replace("    ends:", "\n    # until when\n    ends:")
    assert JobText(text).with_order("Lease", ["ends", "größe", "law"]) is None


def test_a_job_gets_another_name() -> None:
    assert JobText(TEXT).with_name("lease_v1") == TEXT.replace('name="lease"', 'name="lease_v1"')
    assert JobText(TEXT.replace('name="lease"', "name=NAME")).with_name("lease_v1") is None
