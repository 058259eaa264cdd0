"""Numbers of items in the forms that programs write."""

from __future__ import annotations

import pytest

from qwen_batch.reading.parts.inline.numbers import number_text


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (4, "lowerRoman", "iv"),
        (1994, "upperRoman", "MCMXCIV"),
        (28, "lowerLetter", "bb"),
        (21, "chineseCounting", "二十一"),
        (1, "cardinalText", "One"),
        (21, "cardinalText", "Twenty-one"),
        (1005, "cardinalText", "One thousand five"),
        (2, "ordinalText", "Second"),
        (30, "ordinalText", "Thirtieth"),
        (121, "ordinalText", "One hundred twenty-first"),
        (22, "ordinal", "22nd"),
        (112, "ordinal", "112th"),
        (3, "decimalEnclosedCircle", "③"),
        (21, "decimalEnclosedCircle", "21"),
        (5, "decimalZero", "05"),
        (0, "upperRoman", "0"),
        (2, "russianLower", "б"),
        (4, "a form of tomorrow", "4"),
    ],
)
def test_numbers_in_their_forms(value: int, form: str, text: str) -> None:
    assert number_text(value, form) == text
