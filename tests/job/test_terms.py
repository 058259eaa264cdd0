"""terms: a text and a question meet in the same terms however their words are bent, hyphenated, wide or accented."""

from __future__ import annotations

import pytest

from qwen_batch.job.terms import STOP_WORDS, is_cjk_term, terms_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RENEWAL", "renewed"),
        ("party", "parties"),
        ("obligation", "obligations"),
        ("payment", "payments"),
        ("terminate", "termination"),
        ("terminated", "terminates"),
        ("calculate", "calculation"),
        ("agree\u00adment", "agreement"),
        ("agree\u200bment", "agreement"),
        ("ＡＧＲＥＥＭＥＮＴ", "agreement"),
        ("ﬁne", "fine"),
        ("RÉSILIATION", "résiliation"),
        ("RESILIATION", "résiliation"),
        ("re\u0301siliation", "résiliation"),
        ("STRASSE", "Straße"),
        ("İSTANBUL", "istanbul"),
        ("العَقْد", "العقد"),
        ("العـقد", "العقد"),
        ("חוֹזֶה", "חוזה"),
        ("２０２４", "2024"),
        ("non-renewal", "non renewal"),
    ],
)
def test_both_ways_to_write_a_word_are_one_term(one: str, other: str) -> None:
    assert set(terms_of(one)) & set(terms_of(other))


@pytest.mark.parametrize(
    ("one", "other"), [("law", "lawn"), ("less", "lest"), ("2024", "2025"), ("term", "tern"), ("甲方", "乙方")]
)
def test_different_words_are_different_terms(one: str, other: str) -> None:
    assert not set(terms_of(one)) & set(terms_of(other))


def test_chinese_is_pairs_of_characters() -> None:
    assert list(terms_of("适用法律，管辖")) == ["适用", "用法", "法律", "管辖"]


def test_a_single_chinese_character_is_a_term() -> None:
    assert list(terms_of("元")) == ["元"]


def test_chinese_beside_letters_and_figures_was_one_long_word_with_them() -> None:
    assert list(terms_of("ABC公司2024年3月1日起生效")) == [
        "abc",
        "公司",
        "2024",
        "年",
        "3",
        "月",
        "1",
        "日起",
        "起生",
        "生效",
    ]


def test_words_of_scripts_whose_vowels_are_marks_stay_whole() -> None:
    assert list(terms_of("अनुबंध की अवधि।")) == ["अनुबंध", "की", "अवधि"]


def test_korean_is_pairs_of_syllables() -> None:
    assert list(terms_of("계약서")) == ["계약", "약서"]


def test_words_that_every_text_has_are_left_out() -> None:
    assert list(terms_of("The parties TO this deed")) == ["part", "deed"]
    assert list(terms_of(" ".join(STOP_WORDS))) == []


@pytest.mark.parametrize("text", ["", " \n", "...", "— ¶ §", "\u00ad", "\u0301", "___"])
def test_a_text_without_words_has_no_terms(text: str) -> None:
    assert list(terms_of(text)) == []


def test_terms_tell_whether_they_are_chinese() -> None:
    assert [is_cjk_term(term) for term in terms_of("law 法律 2024")] == [False, True, False]
