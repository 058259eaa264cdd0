"""rules: every type has a rule, a marker changes it, and one that means nothing is refused by name."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from qwen_batch import MUST_BE_GROUNDED, Job, Quoted, Reduce
from qwen_batch.errors import JobError
from qwen_batch.job.definition import job_decoding_schema, job_fingerprint
from qwen_batch.job.rules import FieldRule, field_rules

Short = Annotated[str, Field(max_length=40)]
Long = Annotated[str, Field(max_length=400)]


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Day(Quoted):
    date: dt.date


class Span(Quoted):
    start: dt.date
    end: dt.date


class Amount(Quoted):
    value: float
    currency: Annotated[str, Field(max_length=3)] | None


class Clause(Quoted):
    text: Short


class Address(BaseModel):
    city: Short


def rule_of(annotation: Any) -> FieldRule:
    schema = create_model("Model", field=(annotation, ...))
    Job("note", schema, "Read.")
    (rule,) = field_rules("note", schema.model_json_schema())
    return rule


@pytest.mark.parametrize(
    ("annotation", "rule"),
    [
        (Day, "first"),
        (Day | None, "first"),
        (Annotated[list[Day], Field(max_length=3)], "union"),
        (Annotated[list[Short], Field(max_length=3)] | None, "union"),
        (bool, "vote"),
        (bool | None, "vote"),
        (Colour, "vote"),
        (Literal["a", "b"] | None, "vote"),
        (int, "first"),
        (float | None, "first"),
        (dt.date, "first"),
        (Short, "first"),
        (Long, "model"),
        (Long | None, "model"),
        (Address, "first"),
        (int | Short, "first"),
    ],
)
def test_each_type_has_a_default(annotation: Any, rule: str) -> None:
    assert rule_of(annotation).rule == rule


@pytest.mark.parametrize(
    ("annotation", "rule", "key"),
    [
        (dt.date | None, "latest", None),
        (Day | None, "latest", "date"),
        (Day, "earliest", "date"),
        (int, "sum", None),
        (Amount | None, "sum", "value"),
        (Amount, "max", "value"),
        (bool, "max", None),
        (Short, "longest", None),
        (Clause | None, "longest", "text"),
        (Short, "join", None),
        (Short, "model", None),
        (Long, "first", None),
        (Day, "vote", None),
        (Annotated[list[Day], Field(max_length=3)], "first", None),
    ],
)
def test_a_marker_sets_the_rule(annotation: Any, rule: Any, key: str | None) -> None:
    for marked in (Annotated[annotation, Reduce(rule)], Annotated[annotation, Field(description="x"), Reduce(rule)]):
        found = rule_of(marked)
        assert (found.rule, found.key) == (rule, key)


def test_a_marker_may_stand_inside_the_optional() -> None:
    assert rule_of(Annotated[dt.date, Reduce("latest")] | None).rule == "latest"


def test_the_unit_of_a_number_is_known() -> None:
    assert rule_of(Annotated[Amount, Reduce("sum")]).units == ("currency",)


@pytest.mark.parametrize(
    ("annotation", "rule"),
    [
        (Short, "sum"),
        (Short, "latest"),
        (int, "model"),
        (bool, "sum"),
        (Colour, "max"),
        (Day, "sum"),
        (Day, "union"),
        (Span, "latest"),
        (Annotated[list[int], Field(max_length=3)], "sum"),
        (Clause, "join"),
    ],
)
def test_a_rule_that_does_not_fit_is_refused_by_name(annotation: Any, rule: Any) -> None:
    with pytest.raises(JobError, match=f"job note: the rule '{rule}' does not fit the field field") as caught:
        rule_of(Annotated[annotation, Reduce(rule)])
    assert "first" in caught.value.remedy


def test_an_unknown_rule_is_refused_with_those_there_are() -> None:
    with pytest.raises(JobError, match="Reduce") as caught:
        Reduce("newest")  # type: ignore[arg-type]
    assert "latest" in caught.value.remedy


def test_a_rule_on_a_nested_field_is_refused() -> None:
    inner = create_model("Inner", when=(Annotated[dt.date, Reduce("latest")], ...))
    with pytest.raises(JobError, match=r"Inner\.when has a Reduce rule"):
        rule_of(inner)


@pytest.mark.parametrize(
    "annotation",
    [
        Day | None,
        Annotated[list[Day], Field(max_length=3)],
        create_model("Side", __base__=Quoted, role=(Annotated[Short | None, MUST_BE_GROUNDED], ...)),
    ],
)
def test_what_may_be_empty_may_have_to_be_grounded(annotation: Any) -> None:
    rule_of(Annotated[annotation, MUST_BE_GROUNDED] if not isinstance(annotation, type) else annotation)


@pytest.mark.parametrize(
    ("annotation", "problem"),
    [
        (Day, "may not be null"),
        (Short | None, "has no quote"),
        (Annotated[list[Short], Field(max_length=3)], "has no quote"),
        (Annotated[list[Day], Field(min_length=1, max_length=3)], "may not be empty"),
        (Address | None, "has no quote"),
    ],
)
def test_what_could_not_be_taken_back_is_refused(annotation: Any, problem: str) -> None:
    with pytest.raises(JobError, match=f"field must be grounded, but it .*{problem}"):
        rule_of(Annotated[annotation, MUST_BE_GROUNDED])


def test_a_field_of_a_list_item_may_be_marked_in_plain_json_schema_too() -> None:
    marked = create_model(
        "M", __base__=Quoted, name=(Annotated[Short, Field(json_schema_extra={"x-must-be-grounded": True})], ...)
    )
    with pytest.raises(JobError, match=r"M\.name must be grounded, but it may not be null"):
        rule_of(marked)


def test_markers_never_reach_the_grammar_and_change_the_fingerprint() -> None:
    def job(annotation: Any) -> Job:
        return Job("note", create_model("Model", field=(annotation, ...)), "Read.")

    plain, marked = job(Day | None), job(Annotated[Day | None, Reduce("latest"), MUST_BE_GROUNDED])
    assert job_decoding_schema(plain) == job_decoding_schema(marked)
    assert job_fingerprint(plain) != job_fingerprint(marked)
