"""wording: terms, languages as far as scripts tell them, and texts that come back as they were."""

from __future__ import annotations

import pytest

from qwen_batch.asking.drafting.wording import is_not_spoken, is_unchanged, stands_in, terms_lacking, wrong_language

TERMS = (("sale", "特卖"), ("Aurora X2", "Aurora X2"))


def test_a_term_is_asked_for_only_where_the_document_has_it() -> None:
    assert list(terms_lacking(TERMS, "The Sale of the aurora x2", "Aurora X2 特卖")) == []
    assert list(terms_lacking(TERMS, "The sale", "大减价")) == [("sale", "特卖")]
    assert list(terms_lacking(TERMS, "For wholesale only", "批发")) == []


def test_a_term_of_latin_letters_is_a_word_and_one_of_chinese_is_not() -> None:
    found = [("sale", "sale开始"), ("会员", "本店会员日"), ("Click & Collect", "with click  & collect now")]
    assert all(stands_in(*one) for one in found)
    assert not stands_in("sale", "sales")


def test_only_other_letters_are_a_change() -> None:
    assert is_unchanged("Big sale, today!", "BIG SALE - today 🎉")
    assert not is_unchanged("Big sale today", "Sale today")


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("新品本周六上市，欢迎到店试用", "zh", ""),
        ("This is still all in English, as it was", "zh", "not written in the language"),
        ("New products on Saturday at Harbour Hall for all", "en", ""),
        ("新品本周六上市，欢迎到店试用", "en", "not written in the language"),
        ("我哋嘅新店喺旺角開張，快啲嚟睇下", "yue", ""),
        ("#Sale #BigDeal #Weekend https://a.example/b 新品本周六上市，欢迎", "zh", ""),
        ("Acme X200", "zh", ""),
    ],
)
def test_a_language_is_told_by_its_script(text: str, language: str, words: str) -> None:
    assert words in wrong_language(text, "the source", language) if words else not wrong_language(text, "x", language)


def test_spoken_cantonese_has_its_own_words_somewhere() -> None:
    assert is_not_spoken(["我们的新店在旺角开张", "快来看看吧，欢迎光临"])
    assert not is_not_spoken(["夜晚，書房，檯燈着咗", "今晚讀多兩頁書，唔使傷眼"])
    assert not is_not_spoken(["新店開張"])


def test_a_text_of_the_same_script_that_came_back_unchanged_is_in_the_wrong_language() -> None:
    text = "All of this was English before it was asked for in German"
    assert "unchanged" in wrong_language(text, text, "de")
