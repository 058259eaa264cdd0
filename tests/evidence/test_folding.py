"""folding: each folded character knows where it came from."""

from __future__ import annotations

import pytest

from qwen_batch.evidence.folding import fold, text_to_folded


def test_every_offset_of_a_folded_character_is_one_of_the_text() -> None:
    folded = text_to_folded("ß＂ﬁ\u00adÅ…")
    assert folded.text == "ssfia..."
    assert folded.offsets.tolist() == [0, 0, 2, 2, 4, 5, 5, 5]


@pytest.mark.parametrize("form", ["plain", "ocr"])
@pytest.mark.parametrize(
    "text", ["", "Ｔｏｔａｌ：１，２００", "modern wills \U0001f600", "合同\u3000编号", "\ud800x", "e\u0301"]
)
def test_a_text_folds_as_its_characters_do(text: str, form: str) -> None:
    folded = text_to_folded(text, form)
    assert folded.text == fold(text, form)
    assert len(folded.offsets) == len(folded.text)


def test_what_ocr_confuses_is_the_same_in_its_form_only() -> None:
    assert fold("MODERN l0ss", "ocr") == fold("rnoclern lO5S".replace("cl", "d"), "ocr")
    assert fold("loss") != fold("l0ss")


def test_a_million_characters_fold_as_their_parts_do() -> None:
    part = "The quick brown fox, 北京云海 “quoted” and hyphen-\nated. "
    assert text_to_folded(part * 20_000).text.startswith(text_to_folded(part * 2).text)
