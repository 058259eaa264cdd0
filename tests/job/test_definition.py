"""definition: schemas that cannot be enforced are refused, and the fingerprint follows whatever shapes an answer."""

from __future__ import annotations

import calendar
import datetime as dt
import json
import re
import subprocess
import sys
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from qwen_batch.errors import EXIT_USAGE, JobError
from qwen_batch.job.definition import (
    DRAFTING,
    MAX_QUOTE_CHARS,
    Job,
    Quoted,
    Sampling,
    job_decoding_schema,
    job_fingerprint,
    job_schema,
)
from qwen_batch.job.schema import CALENDAR_DAY

Short = Annotated[str, Field(max_length=20)]


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Day(Quoted):
    """A day."""

    date: dt.date = Field(description="YYYY-MM-DD")


class Note(BaseModel):
    title: Short = Field(title="Heading", description="as printed", examples=["A"])
    due: Day | None = Field(default=None, description="when it is due")
    days: list[Day] = Field(max_length=3)
    kind: Literal["memo", "letter"] = "memo"


def job_for(schema: type[BaseModel], **changes: Any) -> Job:
    return replace(Job(name="note", schema=schema, instruction="Read."), **changes)


def model_with(annotation: Any) -> type[BaseModel]:
    return create_model("Model", field=(annotation, ...))


@pytest.mark.parametrize(
    "annotation",
    [
        str,
        str | None,
        list[Annotated[list[str], Field(max_length=2)]],
        Annotated[list[str], Field(max_length=2)],
        create_model("Inner", text=(str, ...)),
        Annotated[list[create_model("Item", text=(str | None, None))], Field(max_length=2)],
    ],
)
def test_text_without_a_bound_is_refused_wherever_it_stands(annotation: Any) -> None:
    with pytest.raises(JobError, match=r"job note: the (string|list) \S* ?has no max_length") as caught:
        job_for(model_with(annotation))
    assert "Field(max_length=...)" in caught.value.remedy
    assert caught.value.exit_code == EXIT_USAGE


def test_the_unbounded_field_is_named_with_its_path() -> None:
    inner = create_model("Inner", text=(str, ...))
    with pytest.raises(JobError, match=r"the string Inner\.text has no max_length"):
        job_for(model_with(inner))


def test_a_list_without_a_bound_is_refused() -> None:
    with pytest.raises(JobError, match="the list field has no max_length"):
        job_for(model_with(list[int]))


@pytest.mark.parametrize("annotation", [dict[str, int], dict[str, Short], dict])
def test_a_free_dict_is_refused(annotation: Any) -> None:
    with pytest.raises(JobError, match="field is a free dict") as caught:
        job_for(model_with(annotation))
    assert "pydantic model" in caught.value.remedy


@pytest.mark.parametrize(
    ("annotation", "keyword"),
    [
        (Annotated[set[int], Field(max_length=3)], "uniqueItems"),
        (Annotated[int, Field(json_schema_extra={"allOf": [{"minimum": 3}]})], "allOf"),
        (Annotated[int, Field(json_schema_extra={"not": {"const": 3}})], "not"),
    ],
)
def test_keywords_that_decoding_does_not_enforce_are_refused_by_name(annotation: Any, keyword: str) -> None:
    with pytest.raises(JobError, match=f"field uses {keyword}, which constrained decoding does not enforce"):
        job_for(model_with(annotation))


@pytest.mark.parametrize(
    "annotation",
    [
        Short,
        Short | None,
        int,
        float | None,
        bool,
        dt.date,
        dt.datetime,
        Colour,
        Literal["a", "b"],
        Literal["only"],
        Day,
        Day | None,
        Annotated[list[Short], Field(max_length=3)],
        Annotated[list[Day], Field(max_length=3)],
    ],
)
def test_types_that_can_be_enforced_are_accepted(annotation: Any) -> None:
    assert "field" in json.loads(job_decoding_schema(job_for(model_with(annotation))))["properties"]


@pytest.mark.parametrize("name", ["", "Note", "9lives", "my-job", "my job", "note\n", "a" * 64, "../x"])
def test_a_name_that_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(JobError, match="is not valid"):
        job_for(Note, name=name)


@pytest.mark.parametrize("fits", [" ", "a contract.", "is it a contract?", "a\ncontract", "x" * 201])
def test_words_that_make_no_question_of_what_fits_are_refused(fits: str) -> None:
    with pytest.raises(JobError, match="does not go into the question"):
        replace(job_for(Note), fits=fits)


def test_an_empty_instruction_is_refused() -> None:
    with pytest.raises(JobError, match="job note: the instruction is empty"):
        job_for(Note, instruction=" \n")


def all_objects(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [found for item in schema for found in all_objects(item)]
    if not isinstance(schema, dict):
        return []
    below = [found for value in schema.values() for found in all_objects(value)]
    return [schema, *below] if isinstance(schema.get("properties"), dict) else below


def test_every_object_of_the_schema_is_closed_and_all_its_keys_are_required() -> None:
    objects = all_objects(json.loads(job_decoding_schema(job_for(Note))))
    assert len(objects) == 3  # Note, Day and Day that may be absent
    for item in objects:
        assert item["required"] == list(item["properties"])
        assert item["additionalProperties"] is False


def test_keys_are_in_field_order_with_the_quote_before_the_value() -> None:
    schema = json.loads(job_decoding_schema(job_for(Note)))
    assert list(schema["properties"]) == ["title", "due", "days", "kind"]
    assert list(schema["$defs"]["Day"]["properties"]) == ["quote", "date"]


def test_prose_is_left_out_and_bounds_stay() -> None:
    schema = json.loads(job_decoding_schema(job_for(Note)))
    assert schema["properties"]["title"] == {"type": "string", "maxLength": 20}
    assert schema["properties"]["days"]["maxItems"] == 3
    assert schema["properties"]["kind"] == {"type": "string", "enum": ["memo", "letter"]}
    assert schema["$defs"]["Day"]["properties"]["quote"] == {"type": "string", "maxLength": MAX_QUOTE_CHARS}


@pytest.mark.parametrize("year", [1, 4, 100, 400, 1900, 2000, 2023, 2024, 9999])
def test_decoding_allows_exactly_the_days_that_the_calendar_has(year: int) -> None:
    months = ((month, calendar.monthrange(year, month)[1]) for month in range(1, 13))
    days = {f"{year:04}-{month:02}-{day:02}" for month, last in months for day in range(1, last + 1)}
    written = {f"{year:04}-{month:02}-{day:02}" for month in range(14) for day in range(33)}
    assert {day for day in written if re.search(CALENDAR_DAY, day)} == days


def test_decoding_allows_no_year_0() -> None:
    assert not re.search(CALENDAR_DAY, "0000-01-01")
    assert not re.search(CALENDAR_DAY, "0000-02-29")


def test_fields_named_like_keywords_are_kept() -> None:
    schema = create_model("Book", title=(Short, ...), description=(Short, ...), default=(int, ...))
    assert list(json.loads(job_decoding_schema(job_for(schema)))["properties"]) == ["title", "description", "default"]


def test_an_optional_quoted_fact_is_asked_with_a_quote_that_may_be_empty_and_never_as_null() -> None:
    schema = json.loads(job_decoding_schema(job_for(Note)))
    assert schema["properties"]["due"] == {"$ref": "#/$defs/DayOrAbsent"}
    absent = schema["$defs"]["DayOrAbsent"]
    assert absent["properties"]["quote"] == {"type": "string", "maxLength": MAX_QUOTE_CHARS}
    assert absent["properties"]["date"] == {"anyOf": [{"type": "string", "pattern": CALENDAR_DAY}, {"type": "null"}]}


def test_a_list_of_quoted_facts_has_one_at_least_whose_quote_may_be_empty() -> None:
    days = json.loads(job_decoding_schema(job_for(Note)))["properties"]["days"]
    assert days["items"] == {"$ref": "#/$defs/DayOrAbsent"}
    assert days["minItems"] == 1


def test_an_optional_value_without_a_quote_stays_nullable() -> None:
    schema = json.loads(job_decoding_schema(job_for(model_with(Short | None))))
    assert {"type": "null"} in schema["properties"]["field"]["anyOf"]


def test_making_the_decoding_schema_leaves_the_json_schema_alone() -> None:
    job_decoding_schema(job_for(Note))
    assert job_schema(job_for(Note)) == Note.model_json_schema()


class LongerNote(Note):
    pages: int


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "other"},
        {"instruction": "Read well."},
        {"sampling": DRAFTING},
        {"sampling": Sampling("extraction", temperature=0.3, top_p=0.8)},
        {"max_output_tokens": 512},
        {"schema": LongerNote},
    ],
)
def test_the_fingerprint_changes_with_whatever_shapes_an_answer(changes: dict[str, Any]) -> None:
    job = job_for(Note)
    assert job_fingerprint(replace(job, **changes)) != job_fingerprint(job)


def test_the_fingerprint_changes_with_a_description_because_the_model_reads_it() -> None:
    class Note(BaseModel):
        title: Short = Field(description="one")

    before = job_fingerprint(job_for(Note))

    class Note(BaseModel):
        title: Short = Field(description="two")

    assert job_fingerprint(job_for(Note)) != before


def test_the_fingerprint_changes_with_its_context() -> None:
    prints = {
        job_fingerprint(job_for(Note)),
        job_fingerprint(job_for(Note), model="a"),
        job_fingerprint(job_for(Note), model="b"),
        job_fingerprint(job_for(Note), model="a", clean={"headers": True}),
    }
    assert len(prints) == 4


@pytest.mark.subprocess
def test_the_fingerprint_is_the_same_in_another_process() -> None:
    code = (
        "from pydantic import BaseModel\nfrom qwen_batch.job.definition import Job, job_fingerprint\n"
        "class N(BaseModel):\n    n: int\n"
        "print(job_fingerprint(Job(name='n', schema=N, instruction='读'), b=1, a='模型'))"
    )
    runs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }

    class N(BaseModel):
        n: int

    assert runs == {job_fingerprint(Job(name="n", schema=N, instruction="读"), a="模型", b=1) + "\n"}
