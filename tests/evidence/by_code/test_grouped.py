"""grouped: numbers of each group from rows and from each other, and what a model wrote beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import pytest
from helpers.published import evidence, parts
from pydantic import BaseModel, Field

from qwen_batch import GroupedBy, Job, PerGroup, Rows
from qwen_batch.errors import JobError
from qwen_batch.evidence.by_code.grouped import Grouped, rows_to_groups, with_groups
from qwen_batch.evidence.merge import Merged
from qwen_batch.job.definition import job_grouped


class Row(BaseModel):
    channel: str = Field(max_length=20)
    month: str | None = Field(max_length=20)
    region: str | None = Field(max_length=20)
    result: float | None
    previous_result: float | None


class Driver(BaseModel):
    channel: str = Field(max_length=20)
    finding: str | None = Field(max_length=80)
    result: Annotated[float | None, PerGroup("sum(now[].result)")] = None
    change: Annotated[float | None, PerGroup("result - sum(before[].result)")] = None
    share: Annotated[float | None, PerGroup("round(change / total.change, 4)")] = None


class Params(BaseModel):
    region: str | None = None


class Answer(BaseModel):
    rows: Annotated[list[Row], Rows()] = Field(max_length=99)
    drivers: Annotated[
        list[Driver], GroupedBy("rows", key="channel", period="month", where=("region",), order="change")
    ] = Field(max_length=3)


JOB = Job("drivers", Answer, "Say it.", workbook=True, params=Params)
(FIELD,) = job_grouped(JOB)


def row(channel: str, month: str | None, result: float | None, region: str = "N", before: float | None = None) -> dict:
    return {"channel": channel, "month": month, "region": region, "result": result, "previous_result": before}


ROWS = [row("a", "8月", 10), row("b", "8月", 20), row("a", "9月", 16), row("b", "9月", 24), row("c", "9月", 5, "S")]


def grouped(rows: Sequence[dict[str, Any]], given: Mapping[str, Any] | None = None) -> Grouped:
    return rows_to_groups(FIELD, rows, given or {})


def numbers(found: Grouped) -> dict[str, tuple[Any, ...]]:
    return {one.name: tuple(one.numbers.values()) for one in found.items}


def test_a_group_that_was_not_there_before_counts_from_nought() -> None:
    found = grouped(ROWS)
    assert numbers(found) == {"a": (16, 6, 0.4), "c": (5, 5, 0.3333), "b": (24, 4, 0.2667)}
    assert found.asked == "9月 against 8月"
    assert found.totals == {"result": 45}


def test_a_group_that_is_gone_counts_as_nought_now() -> None:
    assert numbers(grouped(ROWS[:3]))["b"] == (0, -20, 1.4286)


def test_an_earlier_period_may_be_asked_for() -> None:
    assert numbers(grouped(ROWS, {"month": "8月"})) == {"a": (10, None, None), "b": (20, None, None)}


def test_rows_are_chosen_by_a_parameter() -> None:
    assert [*numbers(grouped(ROWS, {"region": "s"}))] == ["c"]
    assert grouped(ROWS, {"region": "West"}).warnings == ("drivers: no row has region 'West'; there is N, S",)


def test_without_periods_a_row_says_what_was_before() -> None:
    rows = [row("a", None, 16, before=10), row("b", None, 24, before=20)]
    assert numbers(grouped(rows)) == {"a": (16, 6, 0.6), "b": (24, 4, 0.4)}


def test_a_blank_of_a_row_does_not_make_the_sum_blank() -> None:
    assert numbers(grouped([*ROWS, row("a", "9月", None)]))["a"][0] == 16


def test_no_change_at_all_has_no_shares() -> None:
    rows = [row("a", "8月", 10), row("a", "9月", 10)]
    assert numbers(grouped(rows)) == {"a": (10, 0, None)}


def written(items: list[dict[str, Any]]) -> Merged:
    cells = [evidence(f"rows[{at}].result", str(one["result"]), "x") for at, one in enumerate(ROWS)]
    return Merged({"rows": ROWS, "drivers": items}, tuple(cells), (parts("rows"), parts("drivers")))


def test_what_the_model_wrote_goes_to_its_group_and_all_groups_are_there() -> None:
    merged = with_groups(written([{"channel": "B", "finding": "grew"}]), FIELD, grouped(ROWS))
    assert [(one["channel"], one["finding"]) for one in merged.result["drivers"]] == [
        ("a", None),
        ("c", None),
        ("b", "grew"),
    ]


def test_a_group_that_the_model_made_up_is_told_and_left_out() -> None:
    merged = with_groups(written([{"channel": "Radio", "finding": "grew"}]), FIELD, grouped(ROWS))
    assert merged.warnings == ("drivers: 'Radio' is no channel of the table, left out",)
    assert len(merged.result["drivers"]) == 3


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        (GroupedBy("lines", key="channel"), "no list marked with Rows"),
        (GroupedBy("rows", key="shop"), "goes by 'shop'"),
        (GroupedBy("rows", key="channel", where=("channel",)), "which is no parameter"),
    ],
)
def test_a_mark_that_names_nothing_is_refused(mark: GroupedBy, told: str) -> None:
    class Wrong(BaseModel):
        rows: Annotated[list[Row], Rows()] = Field(max_length=99)
        drivers: Annotated[list[Driver], mark] = Field(max_length=3)

    with pytest.raises(JobError, match=told):
        Job("wrong", Wrong, "Say it.", workbook=True, params=Params)


def test_an_expression_that_reads_nothing_is_refused() -> None:
    class Item(BaseModel):
        channel: str = Field(max_length=20)
        cost: Annotated[float | None, PerGroup("sum(now[].cost)")] = None

    class Wrong(BaseModel):
        rows: Annotated[list[Row], Rows()] = Field(max_length=99)
        drivers: Annotated[list[Item], GroupedBy("rows", key="channel")] = Field(max_length=3)

    with pytest.raises(JobError, match=r"reads now\[\].cost, which is not there"):
        Job("wrong", Wrong, "Say it.", workbook=True)


def test_a_job_that_is_none_of_workbooks_groups_nothing() -> None:
    with pytest.raises(JobError, match="no job of workbooks"):
        Job("drivers", Answer, "Say it.", params=Params)
