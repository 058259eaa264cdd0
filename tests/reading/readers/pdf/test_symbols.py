"""symbols: which sign a private code of a symbol font means."""

from __future__ import annotations

import pytest

from qwen_batch.reading.readers.pdf.symbols import symbol


@pytest.mark.parametrize(
    ("code", "font", "sign"),
    [
        (0xF0FD, "ABCDEF+Wingdings-Regular", "☒"),
        (0xF0A8, "Wingdings", "☐"),
        (0xF052, "Wingdings 2", "☑"),
        (0xF0B3, "SymbolMT", "≥"),
        (0xF061, "Symbol", "α"),
    ],
)
def test_sign_by_the_font_s_name(code: int, font: str, sign: str) -> None:
    assert symbol(chr(code), font, "x", "y") == sign


def test_font_of_unknown_name_means_a_bullet_only_where_it_stands_alone() -> None:
    assert symbol("\uf0b7", "F12", "", " ") == "•"
    assert symbol("\uf0b7", "F12", "1", "2") == "\uf0b7"


def test_code_that_no_table_has_stays() -> None:
    assert symbol("\uf0ff", "Wingdings 2", "", "") == "\uf0ff"
