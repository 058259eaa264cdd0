"""same_words: what decides the meaning of a quote has to stand in the text that resembles it."""

from __future__ import annotations

import pytest

from qwen_batch.evidence.same_words import says_the_same


def same(quote: str, text: str) -> bool:
    return says_the_same(quote, text, 0, len(text))


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("due within 30 days of receipt", "due witbin 3O days of reciept"),
        ("the State of Nevada", "the State of Nevadu"),
        ("甲方应当在三十日内付款", "甲方应当在三十日内忖款"),
    ],
)
def test_wrong_letters_leave_the_meaning(quote: str, text: str) -> None:
    assert same(quote, text)


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("due within 30 days of receipt", "due within 60 days of receipt"),
        ("due within thirty days of receipt", "due within sixty days of receipt"),
        ("the State of Nevada", "the State of Alaska"),
        ("may be assigned by it", "may not be assigned by it"),
        ("may not be assigned by it", "may be assigned by it"),
        ("甲方应当在三十日内付款", "甲方应当在六十日内付款"),
    ],
)
def test_another_number_name_or_no_is_another_meaning(quote: str, text: str) -> None:
    assert not same(quote, text)


def test_a_number_that_the_alignment_cuts_off_is_still_seen() -> None:
    text = "payable within 30 days after the end of month 12"
    assert says_the_same("within 30 days after the end of month 12", text, 8, len(text) - 1)
