from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Annotated, Any

from helpers.published import evidence, parts
from pydantic import BaseModel, Field

from qwen_batch import Amount, Checks, Computed, Job
from qwen_batch.evidence.by_code.checks import Checked, with_checks
from qwen_batch.evidence.by_code.computed import MAX_CITED, with_computed
from qwen_batch.evidence.merge import Merged
from qwen_batch.job.definition import job_checks, job_computed, job_schema


class Line(BaseModel):
    quantity: int | None
    amount: Amount | None


class Bill(BaseModel):
    lines: list[Line] = Field(max_length=900)
    total: Amount | None
    start: dt.date | None
    net: Annotated[float | None, Computed("sum(lines[].amount)")] = None
    pieces: Annotated[int | None, Computed("sum(lines[].quantity)")] = None
    end: Annotated[dt.date | None, Computed("start + months(1)")] = None


JOB = Job(
    "bills",
    Bill,
    "Read the bill.",
    checks=Checks(
        lines_total="sum(lines[].amount) == total",
        whole_lines="lines[].amount == round(lines[].quantity * 2, 2)",
    ),
)


def amount(value: float, currency: str = "EUR") -> dict[str, Any]:
    return {"quote": f"{value}", "value": value, "currency": currency}


def merged(amounts: list[dict[str, Any]], total: dict[str, Any] | None, start: str | None = "2024-01-31") -> Merged:
    found = [
        replace(evidence(f"lines[{at}].amount.{key}", str(one[key]), one["quote"]), start=10 * at, end=10 * at + 3)
        for at, one in enumerate(amounts)
        for key in ("value", "currency")
    ]
    if total:
        found.append(replace(evidence("total.value", str(total["value"]), total["quote"], page=2), start=900, end=905))
    return Merged(
        result={
            "lines": [{"quantity": 1, "amount": one} for one in amounts],
            "total": total,
            "start": start,
            "net": None,
            "pieces": None,
            "end": None,
        },
        evidence=tuple(found),
        parts=tuple(
            parts(name, match="fuzzy" if name == "lines" else "exact", token=0.9)
            for name in ("lines", "total", "start", "net", "pieces", "end")
        ),
    )


def computed(one: Merged) -> Merged:
    return with_computed(one, job_computed(JOB), job_schema(JOB))


def test_a_computed_value_cites_its_inputs_each_place_once() -> None:
    done = computed(merged([amount(2), amount(0.1)], amount(2.1)))
    assert done.result["net"] == 2.1
    assert done.result["pieces"] == 2
    assert done.result["end"] == "2024-02-29"
    assert [(one.field, one.value, one.quote, one.match) for one in done.evidence_of("net")] == [
        ("net", "2.1 EUR", "2", "computed"),
        ("net", "2.1 EUR", "0.1", "computed"),
    ]


def test_a_computed_value_is_as_sure_as_its_inputs() -> None:
    (net,) = [one for one in computed(merged([amount(2)], None)).parts if one.field == "net"]
    assert (net.match, net.token, net.absent) == ("fuzzy", 0.9, False)


def test_what_is_null_computes_to_nothing_without_a_warning() -> None:
    done = computed(merged([], None, None))
    assert (done.result["net"], done.result["end"], done.warnings) == (None, None, ())
    assert done.evidence == ()
    assert all(one.absent for one in done.parts if one.field in {"net", "end"})


def test_different_currencies_are_not_added_and_that_is_told() -> None:
    done = computed(merged([amount(2), amount(1, "USD")], None))
    assert done.result["net"] is None
    assert done.warnings == ("net: not computed, EUR and USD are different currencies",)


def test_a_sum_of_many_cites_the_first_of_them() -> None:
    done = computed(merged([amount(1) for _ in range(MAX_CITED + 9)], None))
    assert done.result["net"] == MAX_CITED + 9
    assert len(done.evidence_of("net")) == MAX_CITED


def test_computing_again_changes_nothing() -> None:
    done = computed(merged([amount(2)], amount(2)))
    assert computed(done) == done


SURE: dict[str, float | None] = {"lines": 0.8, "total": 0.6, "start": 0.9}


def checked(amounts: list[dict[str, Any]], total: dict[str, Any] | None) -> Checked:
    return with_checks(merged(amounts, total), SURE, job_checks(JOB))


def test_a_check_that_holds_says_nothing() -> None:
    done = checked([amount(2), amount(2)], amount(4))
    assert (done.merged.warnings, done.confidence) == ((), SURE)


def test_a_check_that_fails_cites_both_sides_and_lowers_both() -> None:
    done = checked([amount(2), amount(2)], amount(5))
    (warning,) = done.merged.warnings
    assert warning == (
        "check lines_total: sum(lines[].amount) == total does not hold: sum(lines[].amount) is 4 EUR "
        "(page 1: '2'; page 1: '2'), but total is 5 EUR (page 2: '5')"
    )
    assert done.confidence == {"lines": 0.4, "total": 0.3, "start": 0.9}


def test_a_check_of_each_item_names_those_that_fail() -> None:
    (warning,) = checked([amount(2), amount(9)], None).merged.warnings
    assert "whole_lines" in warning
    assert "for item 2:" in warning
    assert "lines[].amount is 9 EUR (page 1: '9')" in warning


def test_a_check_without_a_value_is_not_made() -> None:
    assert checked([], None).merged.warnings == ()
    (warning,) = checked([amount(2)], amount(2, "USD")).merged.warnings
    assert warning == "check lines_total: not made, EUR and USD are different currencies"
