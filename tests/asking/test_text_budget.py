"""text_budget: one prompt or chunks, by mode, length and room; and what the engine's context has to hold."""

from __future__ import annotations

import pytest

from qwen_batch.asking.text_budget import TextBudget, prompt_lengths, shaping_settings, text_budget
from qwen_batch.config import LongSettings


@pytest.mark.parametrize(
    ("mode", "room", "whole", "part"),
    [
        ("auto", 100_000, 30_000, 12_000),
        ("auto", 13_000, 13_000, 12_000),
        ("auto", 3_000, 3_000, 2_904),
        ("single", 250_000, 250_000, 250_000),
        ("map_reduce", 100_000, 12_000, 12_000),
        ("map_reduce", 3_000, 3_000, 2_904),
    ],
)
def test_a_prompt_holds_what_the_mode_wants_and_the_room_allows(mode: str, room: int, whole: int, part: int) -> None:
    assert text_budget(room, 96, LongSettings(mode=mode)) == TextBudget(whole, part)


@pytest.mark.parametrize(
    ("mode", "tokens", "lengths"),
    [
        ("single", 200_000, [200_000]),
        ("auto", 9_000, [9_000]),
        ("auto", 30_001, [30_000, 12_000, 12_000]),
        ("map_reduce", 5_000, [5_000]),
        ("map_reduce", 25_000, [12_000, 12_000, 12_000]),
    ],
)
def test_the_context_is_fitted_to_the_prompts_and_not_to_the_documents(
    mode: str, tokens: int, lengths: list[int]
) -> None:
    assert prompt_lengths([tokens], LongSettings(mode=mode)) == lengths


def test_only_settings_that_the_mode_uses_shape_an_answer() -> None:
    assert shaping_settings(LongSettings(mode="single")) == {"mode": "single"}
    assert set(shaping_settings(LongSettings(mode="map_reduce"))) == {"mode", "chunk_tokens"}
    assert set(shaping_settings(LongSettings())) == {"mode", "single_tokens", "chunk_tokens"}
