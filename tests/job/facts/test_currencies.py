"""currencies: signs and names are codes, and a text names a currency or does not."""

from __future__ import annotations

import pytest

from qwen_batch.job.facts.currencies import CODES, is_named, meanings, to_code


@pytest.mark.parametrize(
    ("written", "code"), [("eur", "EUR"), ("RM", "MYR"), ("£", "GBP"), ("元", "CNY"), ("gold", None)]
)
def test_what_a_model_writes_is_a_code_or_nothing(written: str, code: str | None) -> None:
    assert to_code(written) == code


@pytest.mark.parametrize(
    ("code", "text", "named"),
    [
        ("USD", "$18,500", True),
        ("USD", "18,500 US Dollars", True),
        ("MYR", "TOTAL RM 9.00", True),
        ("MYR", "the form", False),
        ("CHF", "CHF5", True),
        ("EUR", "£5", False),
    ],
)
def test_a_text_names_a_currency_or_not(code: str, text: str, *, named: bool) -> None:
    assert is_named(code, text) is named


def test_every_code_has_three_letters() -> None:
    assert {len(code) for code in CODES} == {3}
    assert len(CODES) > 150


def test_a_sign_means_all_its_currencies_and_english_words_none() -> None:
    assert meanings()["$"] >= {"USD", "CAD", "SGD", "HKD"}
    assert meanings()["pounds"] == {"GBP"}
    assert meanings()["chf"] == {"CHF"}
    assert {"all", "top", "cup"}.isdisjoint(meanings())
