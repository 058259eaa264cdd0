"""bm25: rare words weigh more than common ones, and where none stands the score is nothing."""

from __future__ import annotations

import pytest

from qwen_batch.asking.selecting.bm25 import Bm25

PASSAGES = [["rent", "pay", "pay"], ["rent", "law"], ["rent", "term", "term", "term"], []]


def test_a_passage_without_a_word_of_the_query_scores_nothing() -> None:
    assert Bm25(PASSAGES).scores(["law"])[0] == 0
    assert Bm25(PASSAGES).scores(["unknown"]) == [0, 0, 0, 0]
    assert Bm25(PASSAGES).scores([]) == [0, 0, 0, 0]


def test_no_score_is_negative_even_for_a_word_of_all_passages() -> None:
    assert all(score > 0 for score in Bm25([["rent"]] * 5).scores(["rent"]))


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    index = Bm25(PASSAGES)
    assert index.scores(["law"])[1] > index.scores(["rent"])[1]


def test_a_word_that_stands_more_often_scores_higher_but_not_in_proportion() -> None:
    once, thrice = Bm25([["term", "a", "b"], ["term", "term", "term"]]).scores(["term"])
    assert once < thrice < 3 * once


def test_a_word_that_is_asked_twice_weighs_double() -> None:
    index = Bm25(PASSAGES)
    assert index.scores(["law", "law"])[1] == pytest.approx(2 * index.scores(["law"])[1])


def test_scores_are_one_for_each_passage_and_no_passages_have_none() -> None:
    assert len(Bm25(PASSAGES).scores(["rent"])) == len(PASSAGES)
    assert Bm25([]).scores(["rent"]) == []


def test_the_index_knows_its_words_and_what_share_is_of_a_kind() -> None:
    index = Bm25(PASSAGES)
    assert index.knows("law")
    assert not index.knows("laws")
    assert index.share_of(lambda term: term in {"law", "pay"}) == pytest.approx(1 / 2)
    assert Bm25([]).share_of(lambda _: True) == 0
