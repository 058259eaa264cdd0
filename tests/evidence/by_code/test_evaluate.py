from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from qwen_batch.evidence.by_code.evaluate import Value, value_of
from qwen_batch.job.computed.expression import parsed
from qwen_batch.job.computed.values import Money

EUR = {"quote": "-", "currency": "EUR"}
RESULT: dict[str, Any] = {
    "start": {"quote": "from 31 January 2024", "date": "2024-01-31", "original": "31 January 2024"},
    "end": "2024-03-01",
    "term": {"number": 1, "unit": "months"},
    "lines": [
        {"name": "ink", "quantity": 3, "price": {**EUR, "value": 0.1}},
        {"name": "pen", "quantity": 2, "price": {**EUR, "value": 1.35}},
    ],
    "mixed": [{"price": {**EUR, "value": 1}}, {"price": {"quote": "-", "value": 2, "currency": "USD"}}],
    "unsaid": [{"price": {**EUR, "value": 1}}, {"price": {"quote": "-", "value": 2, "currency": None}}],
    "gaps": [{"price": {**EUR, "value": 1}}, {"price": None}],
    "none": [],
    "total": {**EUR, "value": 3.0},
    "nothing": None,
}


def of(expression: str) -> Value:
    return value_of(parsed(expression, "test").tree, RESULT)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("sum(lines[].price)", Money(Decimal("1.45"), "EUR")),
        ("sum(lines[].price.value)", Decimal("1.45")),
        ("sum(lines[].price * lines[].quantity)", Money(Decimal("3.00"), "EUR")),
        ("sum(unsaid[].price)", Money(Decimal(3), "EUR")),
        ("max(lines[].price)", Money(Decimal("1.35"), "EUR")),
        ("min(start, end)", dt.date(2024, 1, 31)),
        ("count(lines)", Decimal(2)),
        ("count(lines[])", Decimal(2)),
        ("count(gaps[].price)", Decimal(1)),
        ("count(none)", Decimal(0)),
        ("total / 2", Money(Decimal("1.5"), "EUR")),
        ("total / sum(lines[].price) - 2", Decimal(3) / Decimal("1.45") - 2),
        ("-total", Money(Decimal(-3), "EUR")),
        ("abs(-total)", Money(Decimal(3), "EUR")),
        ("round(total * 1.005, 2)", Money(Decimal("3.02"), "EUR")),
        ("start + months(term.number)", dt.date(2024, 2, 29)),
        ("start + length(term.number, term.unit)", dt.date(2024, 2, 29)),
        ("start - days(31)", dt.date(2023, 12, 31)),
        ("start + years(1)", dt.date(2025, 1, 31)),
        ("end - start", Decimal(30)),
        ("sum(lines[].price * lines[].quantity) == total", True),
        ("sum(lines[].price) == total", False),
        ("total <= 3.004", True),
        ("lines[].quantity > 2", [True, False]),
        ("lines[].name == 'ink'", [True, False]),
    ],
)
def test_an_expression_is_exact(expression: str, value: Any) -> None:
    assert of(expression) == Value(value)


@pytest.mark.parametrize("expression", ["nothing + 1", "sum(gaps[].price)", "sum(none[].price)", "nothing == total"])
def test_what_is_null_makes_nothing_without_a_word(expression: str) -> None:
    assert of(expression) == Value(None)


def test_different_currencies_make_nothing_and_say_so() -> None:
    assert of("sum(mixed[].price)") == Value(None, "EUR and USD are different currencies")
    assert of("mixed[].price == total").warning == "USD and EUR are different currencies"


@pytest.mark.parametrize("expression", ["total / 0", "start + years(99999)", "start + days(9999999999)"])
def test_what_cannot_be_computed_says_so(expression: str) -> None:
    found = of(expression)
    assert found.value is None
    assert found.warning
