"""cjk: one answer to what is a Chinese, Japanese or Korean character."""

from __future__ import annotations

import re
import unicodedata

import pytest

from qwen_batch.cjk import CJK, is_cjk, is_han, is_hangul, is_kana

NAMES = (
    "CJK UNIFIED IDEOGRAPH",
    "CJK COMPATIBILITY IDEOGRAPH",
    "CJK RADICAL",
    "IDEOGRAPHIC ITERATION MARK",
    "IDEOGRAPHIC NUMBER ZERO",
    "HIRAGANA LETTER",
    "HALFWIDTH KATAKANA LETTER",
    "HALFWIDTH HANGUL LETTER",
    "HANGUL JUNGSEONG",
    "KATAKANA LETTER",
    "HANGUL SYLLABLE",
    "HANGUL LETTER",
    "HANGUL CHOSEONG",
    "BOPOMOFO LETTER",
)


@pytest.mark.parametrize("name", NAMES)
def test_every_character_of_the_scripts_is_one(name: str) -> None:
    named = [c for c in map(chr, range(0x40000)) if unicodedata.name(c, "").startswith(name)]
    assert named
    assert all(map(is_cjk, named))


@pytest.mark.parametrize("character", "aZéя9 \u3000、。「」！，（😀𝒜‹\u10ff")
def test_other_letters_and_all_punctuation_are_none(character: str) -> None:
    assert not is_cjk(character)


@pytest.mark.parametrize(
    ("character", "script"), [("合", is_han), ("々", is_han), ("𠮷", is_han), ("カ", is_kana), ("한", is_hangul)]
)
def test_each_script_is_told_from_the_others(character: str, script: object) -> None:
    assert [kind(character) for kind in (is_han, is_kana, is_hangul)] == [
        kind is script for kind in (is_han, is_kana, is_hangul)
    ]


def test_the_class_for_regular_expressions_has_the_same_characters() -> None:
    everything = "".join(chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF)
    assert set(re.findall(f"[{CJK}]", everything)) == {character for character in everything if is_cjk(character)}
