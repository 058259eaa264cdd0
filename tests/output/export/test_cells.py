"""cells: values as text, and what text may not do."""

from __future__ import annotations

from datetime import date

import pytest

from qwen_batch.output.export.cells import as_text, guarded, is_right_to_left, shortened


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", " =1", "\ufeff=1", "\u200b+1", "\x00=1", "＝1"]
)
def test_what_a_spreadsheet_might_compute_gets_an_apostrophe(text: str) -> None:
    assert guarded(text).startswith("'")


@pytest.mark.parametrize("text", ["a=1", "1-2", "", "a@b.example", "'=1", "–1", "(=1)"])
def test_other_text_does_not(text: str) -> None:
    assert guarded(text) == text


def test_a_list_is_one_text() -> None:
    value = [{"name": "Ann", "role": None, "of": ["a", "b"]}, {"name": "Bo", "role": "buyer", "of": []}, None]
    assert as_text(value) == "Ann, a, b; Bo, buyer; "
    assert as_text([1250.0, 0.5, True, date(2024, 1, 2)]) == "1250; 0.5; true; 2024-01-02"


def test_items_keep_their_places_where_one_says_nothing() -> None:
    assert as_text(["a", None, "c"]) == "a; ; c"


def test_the_first_letter_that_has_a_direction_decides() -> None:
    assert is_right_to_left("12. שלום a")
    assert not is_right_to_left("12. a שלום")
    assert not is_right_to_left("12")


def test_a_letter_of_two_units_is_never_halved() -> None:
    assert shortened("𝒳𝒳𝒳", 5) == "𝒳𝒳…"
    assert shortened("abcde", 5) == "abcde"
