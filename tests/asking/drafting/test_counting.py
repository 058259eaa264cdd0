"""counting: characters and emoji as a reader counts them."""

from __future__ import annotations

import pytest

from qwen_batch.asking.drafting.counting import characters_in, emoji_in


@pytest.mark.parametrize(
    ("text", "characters", "emoji"),
    [
        ("", 0, 0),
        ("café", 4, 0),
        ("cafe\u0301", 4, 0),
        ("新品上市", 4, 0),
        ("a👨‍👩‍👧‍👦b", 3, 1),
        ("🇨🇳🇭🇰", 2, 2),
        ("👍🏽", 1, 1),
        ("1\ufe0f\u20e3", 1, 1),
        ("❤️", 1, 1),
        ("☀", 1, 1),
        ("© ® ™ 3 # *", 11, 0),
        ("→ 5 %", 5, 0),
    ],
)
def test_what_a_reader_sees_is_counted(text: str, characters: int, emoji: int) -> None:
    assert (characters_in(text), emoji_in(text)) == (characters, emoji)
