"""dates: the days that documents write out, in their forms and no others."""

from __future__ import annotations

import datetime as dt

import pytest

from qwen_batch.job.facts.dates import dates_in, names_time_span, original_of

MAY = dt.date(2024, 5, 1)


@pytest.mark.parametrize(
    "written",
    [
        "May 1, 2024",
        "MAY 1ST, 2024",
        "1 May 2024",
        "1st day of May, 2024",
        "May 1 2024",
        "2024-05-01",
        "2024/5/1",
        "05/01/2024",
        "01.05.2024",
        "1-5-24",
        "2024年5月1日",
        "2024 年 05 月 01 日",
        "二〇二四年五月一日",
        "二零二四年五月一日",
    ],
)
def test_a_day_is_read_and_given_back_as_it_stands(written: str) -> None:
    assert original_of(MAY, f"as of {written} (the “Date”)") == written


@pytest.mark.parametrize("text", ["February 31, 2024", "2024-13-01", "version 1.2.3.4", "May 2024", "32/32/2024", ""])
def test_what_is_no_day_is_not_read_as_one(text: str) -> None:
    assert dates_in(text) == []


def test_a_date_that_may_be_two_days_has_both() -> None:
    (found,) = dates_in("03/04/2024")
    assert found.days == {dt.date(2024, 3, 4), dt.date(2024, 4, 3)}


def test_another_day_is_not_written_there() -> None:
    assert original_of(MAY, "effective May 2, 2024") is None


@pytest.mark.parametrize(
    "text",
    [
        "one (1) year",
        "thirty-day notice",
        "24 months after",
        "the first anniversary of it",
        "60 business days",
        "三年",
        "为期12个月",
    ],
)
def test_a_span_of_time_is_a_number_of_days_weeks_months_or_years(text: str) -> None:
    assert names_time_span(text)


@pytest.mark.parametrize(
    "text",
    ["this ____ day of ______", "this ____ day of ____, 2015", "20____", "each year", "20__年__月__日", "daily 3", ""],
)
def test_a_blank_to_be_filled_in_is_none(text: str) -> None:
    assert not names_time_span(text)
