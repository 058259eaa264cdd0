from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from qwen_batch import Amount, Checks, Computed, Day, Job
from qwen_batch.asking.prompts import schema_outline
from qwen_batch.errors import JobError
from qwen_batch.job.definition import job_computed, job_decoding_schema, job_fingerprint


class Line(BaseModel):
    what: str = Field(max_length=20)
    quantity: float | None
    amount: Amount | None


class Bill(BaseModel):
    issued: Day | None
    days: int | None
    lines: list[Line] = Field(max_length=9)
    total: Amount | None
    with_tip: Annotated[float | None, Computed("sum_of_lines * 1.1")] = None
    sum_of_lines: Annotated[float | None, Computed("sum(lines[].amount)")] = None
    due: Annotated[dt.date | None, Computed("issued + days(days)")] = None


def job(schema: type[BaseModel] = Bill, checks: Checks | None = None) -> Job:
    return Job("bills", schema, "Read the bill.", checks=checks)


def made(kind: Any, expression: str, default: Any = None) -> type[BaseModel]:
    return type("Made", (Bill,), {"__annotations__": {"made": Annotated[kind, Computed(expression)]}, "made": default})


def test_the_model_is_not_asked_for_what_is_computed() -> None:
    asked = json.loads(job_decoding_schema(job()))["properties"]
    assert list(asked) == ["issued", "days", "lines", "total"]
    assert "due" not in schema_outline(job())
    assert "x-computed" not in job_decoding_schema(job())


def test_a_field_is_computed_behind_those_that_it_reads() -> None:
    order = [one.field for one in job_computed(job())]
    assert order.index("sum_of_lines") < order.index("with_tip")


def test_an_expression_and_a_check_are_part_of_the_fingerprint() -> None:
    plain = job_fingerprint(job())
    assert job_fingerprint(job(checks=Checks(right="sum(lines[].amount) == total"))) != plain
    assert job_fingerprint(job(made(float | None, "total * 2"))) != job_fingerprint(
        job(made(float | None, "total * 3"))
    )


@pytest.mark.parametrize(
    ("kind", "expression", "said"),
    [
        (float | None, "sum(rows[].amount)", "there is no field rows"),
        (float | None, "sum(lines[].price)", "there is no field lines[].price"),
        (float | None, "sum(lines.amount)", "lines is a list"),
        (float | None, "sum(total[])", "total is no list"),
        (float | None, "sum(total)", "sum takes a list"),
        (float | None, "sum(lines[].what)", "which is a text"),
        (float | None, "lines[].amount", "one money for each item"),
        (dt.date | None, "issued + days", "a day and a number"),
        (float | None, "issued + days(days)", "gives a day"),
        (float | None, "total * total", "a money and a money"),
        (float | None, "round(total, 1, 2)", "round takes 2 values"),
    ],
)
def test_an_expression_that_does_not_fit_names_field_and_expression(kind: Any, expression: str, said: str) -> None:
    with pytest.raises(JobError) as refused:
        job(made(kind, expression))
    assert "made" in refused.value.message
    assert expression in refused.value.message
    assert said in refused.value.message


@pytest.mark.parametrize(
    "expression",
    [
        *("", "1 + 1", "__import__('os')", "total.__class__()", "lines[0].amount", "total if days else 1"),
        *("open(total)", "total ** 9", "lambda: total", "[total]", "total and days", "sum(total, start=total)"),
        *("total ==", "x" * 501),
    ],
)
def test_what_is_no_part_of_the_language_is_refused(expression: str) -> None:
    with pytest.raises(JobError):
        Computed(expression)


def test_a_computed_field_may_be_null_and_says_so() -> None:
    with pytest.raises(JobError, match="may come out as nothing"):
        job(made(float, "total * 2", 0.0))


def test_fields_that_are_computed_from_each_other_are_refused() -> None:
    class Circle(BaseModel):
        days: int | None
        one: Annotated[float | None, Computed("two + days")] = None
        two: Annotated[float | None, Computed("one + days")] = None

    with pytest.raises(JobError, match="computed from each other"):
        job(Circle)


def test_a_field_of_an_item_is_not_computed() -> None:
    class Item(BaseModel):
        price: float
        double: Annotated[float | None, Computed("price * 2")] = None

    class Items(BaseModel):
        items: list[Item] = Field(max_length=3)

    with pytest.raises(JobError, match=r"Item\.double is computed"):
        job(Items)


def test_a_check_compares_something_that_is_there() -> None:
    with pytest.raises(JobError, match="the check right compares nothing"):
        job(checks=Checks(right="sum(lines[].amount)"))
    with pytest.raises(JobError, match="there is no field sum"):
        job(checks=Checks(right="sums == total"))
    with pytest.raises(JobError, match="a day with a number"):
        job(checks=Checks(right="issued == days"))


def test_a_pipe_says_the_same_as_a_call() -> None:
    assert job(made(float | None, "lines[].amount.value | sum"))
