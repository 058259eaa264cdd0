"""kinds: amounts, days and parties hold what a document states, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, Field

from qwen_batch import Amount, Day, Job, Party
from qwen_batch.asking.prompts import schema_outline
from qwen_batch.asking.validate import Invalid, Valid, completion_to_result
from qwen_batch.engine.kinds.null import smallest_instance
from qwen_batch.job.definition import job_decoding_schema, job_schema
from qwen_batch.output.record_table import job_table_schema
from qwen_batch.records import Completion


class Deal(BaseModel):
    price: Amount | None
    start: Day | None
    parties: list[Party] = Field(max_length=3)
    fees: list[Amount] = Field(max_length=3)


JOB = Job("deal", Deal, "Read.")
EMPTY: dict[str, Any] = {"price": None, "start": None, "parties": [], "fees": []}


def checked(**answer: Any) -> Valid | Invalid:
    text = json.dumps({**EMPTY, **answer}, ensure_ascii=False)
    return completion_to_result(Completion(text, "stop", 1, 1), Deal)


def result(**answer: Any) -> dict[str, Any]:
    found = checked(**answer)
    assert isinstance(found, Valid), found
    return found.result


def amount(quote: str, value: float = 18_500, currency: str | None = "USD") -> dict[str, Any]:
    return {"quote": quote, "value": value, "currency": currency}


@pytest.mark.parametrize(
    ("written", "code"),
    [("USD", "USD"), ("usd", "USD"), ("$", "USD"), ("RMB", "CNY"), ("人民币", "CNY"), ("€", "EUR"), ("n/a", None)],
)
def test_a_currency_is_an_iso_code_or_null(written: str | None, code: str | None) -> None:
    assert result(price=amount("a fee of $18,500", currency=written))["price"]["currency"] == code


@pytest.mark.parametrize("quote", ["a fee agreed upon later", "费用另行约定", ""])
def test_an_amount_whose_quote_names_no_number_is_null(quote: str) -> None:
    assert result(price=amount(quote), fees=[amount(quote), amount("EUR 5")]) == {
        **EMPTY,
        "fees": [amount("EUR 5")],
    }


def test_an_amount_with_a_currency_and_no_value_is_null() -> None:
    assert result(price={**amount("in USD 5"), "value": None})["price"] is None


@pytest.mark.parametrize("quote", ["$18,500", "eighteen thousand five hundred dollars", "一万八千五百元"])
def test_an_amount_in_digits_or_words_stays(quote: str) -> None:
    assert result(price=amount(quote))["price"] == amount(quote)


@pytest.mark.parametrize("date", ["0000-00-00", "unknown", "YYYY-MM-DD", "N/A", "____", "[date]", "未约定", None])
def test_a_date_that_is_none_is_null(date: str | None) -> None:
    assert result(start={"quote": "on the signing date", "date": date})["start"] is None


@pytest.mark.parametrize("date", ["2024-02-31", "2024-13-01", "soon"])
def test_a_day_that_is_not_in_the_calendar_is_refused(date: str) -> None:
    found = checked(start={"quote": "on 31 February", "date": date})
    assert isinstance(found, Invalid)
    assert found.problem.startswith("start.date: ")


@pytest.mark.parametrize(
    ("quote", "original"),
    [
        ("made as of this 1st day of May, 2024", "1st day of May, 2024"),
        ("自二〇二四年五月一日起生效", "二〇二四年五月一日"),
        ("on the Effective Date", None),
        ("on May 2, 2024", None),
    ],
)
def test_a_day_keeps_how_its_quote_writes_it(quote: str, original: str | None) -> None:
    assert result(start={"quote": quote, "date": "2024-05-01"})["start"] == {
        "quote": quote,
        "date": "2024-05-01",
        "original": original,
    }


def test_the_model_is_not_asked_for_the_original_and_the_table_has_it() -> None:
    assert "original" not in job_decoding_schema(JOB)
    assert "original" not in schema_outline(JOB)
    result = job_table_schema(JOB.name, job_schema(JOB)).field("result").type
    assert "original" in [field.name for field in result.field("start").type]


@pytest.mark.parametrize("role", ["N/A", "unknown", "", None, "未提及"])
def test_a_role_that_is_not_given_is_null(role: str | None) -> None:
    party = {"quote": "Acme Corp.", "name": "Acme Corp.", "role": role}
    assert result(parties=[party])["parties"] == [{**party, "role": None}]


def test_what_decoding_gives_for_nothing_is_nothing() -> None:
    least = Completion(smallest_instance(job_decoding_schema(JOB)), "stop", 1, 1)
    assert completion_to_result(least, Deal) == Valid(EMPTY)
