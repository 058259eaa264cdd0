"""quality: language scores high, debris low."""

from __future__ import annotations

import pytest

from qwen_batch.reading.language.quality import is_plausible, plausible_characters, text_quality


@pytest.mark.parametrize(
    "text",
    [
        "This Agreement (the “Agreement”) is dated as of May 25th, 2018.",
        "RECEIPT TOTAL $8.20 GST @6% 016-7993391",
        "O'Brien & Müller-Lüdenscheidt GmbH, São Paulo",
        "本协议由双方当事人签订，并自签字之日起生效。",
        "Договор вступает в силу",
    ],
)
def test_language_is_plausible(text: str) -> None:
    assert text_quality(text) > 0.8


@pytest.mark.parametrize("text", ["gbyZ0Z ZbyZ0Z rhc xfgt bctwn tvv0", "%$#^ |~|{} ]x[ q;z", "ï¿½ï¿½ Ã¼Ã¤ â€œâ€"])
def test_debris_is_not(text: str) -> None:
    assert text_quality(text) < 0.4


def test_more_debris_does_not_beat_less_language() -> None:
    assert plausible_characters("the parties agree") > plausible_characters(
        "xqz0 bcdfgh tvv0 rrtz |~ ghjk thc zzkk the"
    )
    assert is_plausible("-----")
    assert text_quality("") == 0
