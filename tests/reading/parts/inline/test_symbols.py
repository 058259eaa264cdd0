"""Signs of symbol fonts."""

from __future__ import annotations

import pytest

from qwen_batch.reading.parts.inline.symbols import symbol, symbols_to_text


@pytest.mark.parametrize(
    ("text", "font", "seen"),
    [
        ("\uf0b3 5", "Symbol", "≥ 5"),
        ("a \xb1 b", "Symbol", "α ± β"),
        ("\uf0fe\uf0a8\uf0fc", "Wingdings", "☒☐✓"),
        ("R", "Wingdings 2", "☑"),
        ("4", "ZapfDingbats", "✔"),
        ("\uf0e0", "wingdings", "→"),
        ("plain \uf0a8", "Arial", "plain ☐"),
        ("plain", None, "plain"),
        ("Wingdings", "Segoe UI Symbol", "Wingdings"),
    ],
)
def test_a_code_is_the_sign_of_its_font(text: str, font: str | None, seen: str) -> None:
    assert symbols_to_text(text, font) == seen


def test_letters_of_another_font_stay_letters() -> None:
    assert symbols_to_text("ab\uf0e0", "Wingdings", letters=False) == "ab→"


def test_what_is_not_known_says_so() -> None:
    assert symbol(0xF0FF, "Symbol") == "\ufffd"
    assert symbol(0x1F, None) == "\ufffd"
