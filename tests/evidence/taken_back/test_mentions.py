"""mentions: a value around whose quote none of its field's words stands is taken back, with its evidence."""

from __future__ import annotations

from typing import Any

import pytest
from helpers.texts import text_to_clean

from qwen_batch.evidence.taken_back.mentions import AROUND_CHARS, drop_unmentioned
from qwen_batch.job.looking import FieldLook
from qwen_batch.outcomes import Evidence

QUOTE = "sixty days before the end"
FAR = "Nothing is said of it here. " * 12
RESULT: dict[str, Any] = {"notice": {"quote": QUOTE, "days": 60}, "title": "Lease"}
LOOKS = (
    FieldLook("notice", ("notice",), mentions=(("en", ("renew", "cap on")), ("zh", ("续约",)))),
    FieldLook("title", ("title",)),
)


def evidence(text: str, quote: str = QUOTE, field: str = "notice.days") -> Evidence:
    at = text.find(quote)
    start, end = (at, at + len(quote)) if at >= 0 else (None, None)
    return Evidence(field, "60", quote, 1, start, end, (), "exact" if at >= 0 else "none", 1.0)


def is_kept(text: str, *found: Evidence, language: str = "en") -> bool:
    kept = drop_unmentioned(RESULT, found or (evidence(text),), LOOKS, text_to_clean(text, language))
    assert kept.dropped in {(), ("notice",)}
    assert kept.result == (RESULT if not kept.dropped else {**RESULT, "notice": None})
    return not kept.dropped


@pytest.mark.parametrize(
    "text",
    [
        f"It is renewed unless notice is given {QUOTE}.",
        f"RENEWAL\n\nNotice is given {QUOTE}.",
        f"Notice is given {QUOTE}. So it is not re-\nnewed.",
        f"Notice is given {QUOTE}. So it is not re\u00adnewed.",
        f"Notice is given {QUOTE} of the non-renewal.",
        f"Notice is given {QUOTE} of the **ＲＥＮＥＷＡＬ**.",
        f"A cap\non it: {QUOTE}.",
        f"A cap  on it: {QUOTE}.",
    ],
)
def test_a_value_stays_where_one_of_the_words_stands_around_its_quote(text: str) -> None:
    assert is_kept(text)


@pytest.mark.parametrize(
    "text",
    [
        f"Rent is due {QUOTE}.",
        f"It is renewed. {FAR}Rent is due {QUOTE}.",
        f"Rent is due {QUOTE}. {FAR}It is renewed.",
        f"A cap is put, and on it is rent due {QUOTE}.",
    ],
)
def test_a_value_is_taken_back_where_none_of_the_words_stands_near(text: str) -> None:
    assert len(FAR) > AROUND_CHARS
    assert not is_kept(text)


@pytest.mark.parametrize("text", [f"There are new rents {QUOTE}.", f"The future news {QUOTE}.", f"cup|re|new {QUOTE}"])
def test_the_end_of_a_word_and_the_beginning_of_the_next_were_a_mention(text: str) -> None:
    assert not is_kept(text)


@pytest.mark.parametrize("word", ["续约", "续\n约", "续 约"])
def test_chinese_words_count_wherever_a_line_divides_them(word: str) -> None:
    text = f"合同到期前六十日内书面提出{word}。"
    assert is_kept(text, evidence(text, "六十日内"), language="zh")
    assert not is_kept(text.replace("续", ""), evidence(text.replace("续", ""), "六十日内"), language="zh")


@pytest.mark.parametrize("language", ["fr", "und"])
def test_in_a_language_without_words_nothing_is_taken_back(language: str) -> None:
    assert is_kept(f"Rent is due {QUOTE}.", language=language)


def test_what_is_located_nowhere_is_left_to_those_who_ground_it() -> None:
    assert is_kept("Rent is due.")


def test_one_of_several_quotes_is_enough() -> None:
    text = f"Rent is due {QUOTE}. {FAR}It is renewed each year."
    assert is_kept(text, evidence(text), evidence(text, "each year", "notice.original"))


def test_the_evidence_of_what_is_taken_back_goes_and_that_of_others_stays() -> None:
    text = f"Lease. {FAR}Rent is due {QUOTE}."
    title = evidence(text, "Lease", "title")
    kept = drop_unmentioned(RESULT, (evidence(text), title), LOOKS, text_to_clean(text))
    assert kept.evidence == (title,)
    assert kept.dropped == ("notice",)
    assert RESULT["notice"] is not None


def test_a_field_that_is_empty_has_nothing_to_take_back() -> None:
    empty = {**RESULT, "notice": None}
    kept = drop_unmentioned(empty, (), LOOKS, text_to_clean("Rent is due."))
    assert (kept.result, kept.dropped) == (empty, ())
