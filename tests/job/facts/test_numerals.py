"""numerals: numbers are read whether digits, words or Chinese numerals say them."""

from __future__ import annotations

import pytest

from qwen_batch.job.facts.numerals import chinese_to_number, has_numeral, number_tokens, numbers_in


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("USD 1,200.50", 1200.5),
        ("1 200 000 kr", 1_200_000),
        ("１，２００ 元", 1200),
        ("$1.2 million", 1_200_000),
        ("50万元", 500_000),
        ("thirty-six months", 36),
        ("one hundred and twenty-five", 125),
        ("two thousand", 2000),
        ("三十六个月", 36),
        ("人民币壹佰贰拾万元整", 1_200_000),
        ("二〇二四年", 2024),
    ],
)
def test_a_number_is_read_as_it_is_written(text: str, number: float) -> None:
    assert number in numbers_in(text)


@pytest.mark.parametrize(("run", "number"), [("十", 10), ("廿五", 25), ("一百零五", 105), ("三千二百万", 32_000_000)])
def test_chinese_numerals_have_values(run: str, number: float) -> None:
    assert chinese_to_number(run) == number


def test_tokens_see_through_what_ocr_makes_of_digits() -> None:
    assert number_tokens("3O days, I2 months, 2OOO and 5th") == number_tokens("30 days, 12 months, 2000 and 5th")


@pytest.mark.parametrize(
    ("text", "has"), [("upon request", False), ("5 days", True), ("ten days", True), ("十日", True)]
)
def test_a_text_without_any_number_is_told(text: str, *, has: bool) -> None:
    assert has_numeral(text) is has
