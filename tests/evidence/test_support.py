"""support: a value is as good as what its quote says of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from helpers.places import ROOT

from qwen_batch.evidence.support import AROUND, PARAPHRASE, Surroundings, value_support


@pytest.mark.parametrize(
    ("value", "quote"),
    [
        ("2024-03-01", "effective as of March 1, 2024"),
        ("2024-05-01", "自二〇二四年五月一日起生效"),
        (1_860_000, "合同总价为人民币1,860,000元"),
        (0.05, "a penalty of 5 percent"),
        (36, "a term of thirty-six months"),
        ("CNY", "合同总价为人民币1,860,000元"),
        ("GBP 500,000 a year", "shall exceed 500,000 pounds sterling in any year"),
        ("New York", "the laws of the State of\nNew York"),
        ("北京云海", "甲方：北京云海科技有限公司"),
        ("Either party on 14 days' notice", "Any party may end it on fourteen days' notice"),
    ],
)
def test_a_value_that_its_quote_says_is_supported(value: Any, quote: str) -> None:
    assert value_support(value, Surroundings(quote, "")) >= AROUND


@pytest.mark.parametrize(
    ("value", "quote"),
    [
        ("2025-04-02", "effective as of March 1, 2024"),
        (18_000, "a fee of $18,500"),
        ("EUR", "a fee of $18,500"),
        ("Nevada", "the laws of the State of Delaware"),
        ("上海明德", "甲方：北京云海科技有限公司"),
        ("60 days", "within thirty (30) days"),
    ],
)
def test_another_fact_than_the_quoted_one_is_not(value: Any, quote: str) -> None:
    assert value_support(value, Surroundings(quote, "")) <= 0.2


def test_a_date_that_is_nearly_the_quoted_one_is_hardly_supported() -> None:
    assert value_support("2024-03-02", Surroundings("effective as of March 1, 2024", "")) <= 0.4


def test_a_paraphrase_without_names_or_numbers_is_never_worse_than_half() -> None:
    assert value_support("the buyer may walk away", Surroundings("Purchaser can terminate", "")) == PARAPHRASE


def test_what_the_text_around_says_counts_less_than_the_quote() -> None:
    assert value_support("Nevada", Surroundings("the governing law", "the law of Nevada")) == AROUND


def test_the_gold_values_of_our_own_contracts_are_supported_by_their_quotes() -> None:
    gold = ROOT / "data" / "gold" / "contracts.jsonl"
    facts = [
        fact
        for line in gold.read_text("utf-8").splitlines()
        for fact in json.loads(line)["labels"].values()
        if isinstance(fact, dict)
    ]
    supported = [value_support(fact["value"], Surroundings(fact["quote"], "")) >= AROUND for fact in facts]
    assert sum(supported) >= 0.9 * len(facts)
