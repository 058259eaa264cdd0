"""quantities: the same amount in another unit or in words is the same, and nothing else is."""

from __future__ import annotations

import pytest

from qwen_batch.job.facts.quantities import is_same_quantity, quantity_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.2 kg", "1,200 grams"),
        ("1,5 kg", "1500 g"),
        ("90 minutes", "1.5 h"),
        ("ten years", "120 months"),
        ("230 V", "0.23 kV"),
        ("EUR 899", "899 euros"),
        ("$1.2 million", "USD 1,200,000"),
        ("2", "two ports"),
        ("12 languages", "twelve languages"),
        ("92 %", "92 percent"),
        ("-20 °C", "minus 20 degrees Celsius"),
        ("3 公斤", "3 kg"),
    ],
)
def test_one_amount_in_two_ways(one: str, other: str) -> None:
    assert is_same_quantity(one, other) is True


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.2 kg", "1.3 kg"),
        ("10 W", "10 V"),
        ("EUR 899", "USD 899"),
        ("IP54", "IP65"),
        ("2 years", "2 days"),
        ("two ports", "three ports"),
    ],
)
def test_two_amounts(one: str, other: str) -> None:
    assert is_same_quantity(one, other) is False


@pytest.mark.parametrize(("one", "other"), [("red", "blue"), ("10 to 20 W", "15 W"), ("March 2025", "June 2025")])
def test_numbers_do_not_tell_words_apart(one: str, other: str) -> None:
    assert is_same_quantity(one, other) is None


def test_a_milliwatt_is_no_megawatt() -> None:
    small, large = quantity_of("5 mW"), quantity_of("5 MW")
    assert small is not None
    assert large is not None
    assert (small.value, large.value) == (0.005, 5e6)
