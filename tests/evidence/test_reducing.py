"""reducing: each rule on a handful of values, plain and quoted."""

from __future__ import annotations

from typing import Any

import pytest

from qwen_batch.evidence.candidates import Candidate, Reduced
from qwen_batch.evidence.reducing import reduce_filled
from qwen_batch.job.rules import FieldRule
from qwen_batch.outcomes import ConfidenceParts, Evidence
from qwen_batch.records import MatchKind


def candidate(value: Any, place: int, match: MatchKind | None = None, token: float | None = None) -> Candidate:
    evidence = () if match is None else (Evidence("f.value", str(value), "q", 1, 0, 1, (), match, 1.0),)
    parts = ConfidenceParts("f", False, False, token, token, None, match, None, None)
    return Candidate(value, evidence, parts, place)


def reduce(rule: Any, *values: Any, **changes: Any) -> Reduced:
    given = [value if isinstance(value, Candidate) else candidate(value, place) for place, value in enumerate(values)]
    return reduce_filled(FieldRule("f", rule, "other", **changes), given)


def money(value: float, currency: str | None, place: int = 0, match: MatchKind = "exact") -> Candidate:
    return candidate({"quote": "q", "value": value, "currency": currency}, place, match)


@pytest.mark.parametrize(
    ("rule", "value"),
    [("first", 3), ("max", 9), ("min", 1), ("sum", 16), ("vote", 3)],
)
def test_rules_of_numbers(rule: str, value: int) -> None:
    assert reduce(rule, 3, 9, 1, 3).value == value


@pytest.mark.parametrize(("rule", "value"), [("max", True), ("min", False), ("vote", False)])
def test_any_all_and_most_of_flags(rule: str, value: bool) -> None:
    assert reduce(rule, False, True, False).value is value


def test_the_vote_counts_texts_that_differ_in_case_as_one_and_says_how_many_agree() -> None:
    found = reduce("vote", "Utah", "State of Ohio", "STATE OF OHIO")
    assert (found.value, found.parts.agreement) == ("State of Ohio", pytest.approx(2 / 3))


@pytest.mark.parametrize(("rule", "value"), [("latest", "2025-01-01"), ("earliest", "2019-12-31")])
def test_rules_of_dates(rule: str, value: str) -> None:
    assert reduce(rule, "2024-02-29", "2019-12-31", "2025-01-01").value == value


def test_of_two_facts_that_are_located_the_surer_one_is_first_wherever_its_lines_end() -> None:
    doubtful = candidate({"quote": "q", "law": "Ohio"}, 0, "exact", 0.4)
    sure = candidate({"quote": "q", "law": "Utah"}, 1, "normalised", 0.9)
    likely = candidate({"quote": "q", "law": "Iowa"}, 2, "fuzzy", 1.0)
    assert reduce("first", doubtful, sure, likely).value == sure.value


def test_times_compare_as_moments_whatever_their_zone() -> None:
    assert reduce("latest", "2024-01-01T23:00:00-05:00", "2024-01-02T01:00:00Z").value == "2024-01-01T23:00:00-05:00"
    assert reduce("latest", "2024-01-01T00:00:00", "2024-01-01T00:00:01Z").value == "2024-01-01T00:00:01Z"


def test_the_latest_is_of_those_that_are_located() -> None:
    ghost = candidate({"quote": "q", "date": "2099-01-01"}, 0, "none")
    real = candidate({"quote": "q", "date": "2024-01-01"}, 1, "exact")
    assert reduce("latest", ghost, real, key="date").value["date"] == "2024-01-01"


def test_a_sum_keeps_the_evidence_of_all_that_was_added() -> None:
    found = reduce("sum", money(10, "USD"), money(5, None, 1), key="value", units=("currency",))
    assert found.value == {"quote": "q", "value": 15, "currency": "USD"}
    assert len(found.evidence) == 2
    assert found.warnings == ()


def test_other_currencies_and_values_without_evidence_are_not_added() -> None:
    values = (money(10, "USD"), money(7, "EUR", 1), money(99, "USD", 2, "none"), money(1, "USD", 3))
    found = reduce("sum", *values, key="value", units=("currency",))
    assert found.value["value"] == 11
    assert found.warnings == ("f: 1 values in other units were not added",)


def test_a_sum_out_of_bounds_leaves_one_value_and_says_so() -> None:
    found = reduce("sum", 60, 70, maximum=100)
    assert found.value == 60
    assert "out of bounds" in found.warnings[0]


def test_the_longest_text() -> None:
    assert reduce("longest", "ab", "abcd", "abc").value == "abcd"


def test_joined_texts_stand_once_each_and_end_like_sentences() -> None:
    assert reduce("join", "One thing", "Two.", "ONE THING", "三。").value == "One thing; Two. 三。"


def test_joined_texts_are_cut_at_a_word_and_it_is_said() -> None:
    found = reduce("join", "alpha beta.", "gamma delta", max_chars=20)
    assert found.value == "alpha beta. gamma"
    assert found.warnings == ("f: joined texts were cut to 20 characters",)


def test_texts_in_order_are_neither_merged_nor_cut() -> None:
    found = reduce("in_order", "Same.\n\n", "Same.\n", "| a |\n\n", max_chars=4)
    assert (found.value, found.warnings) == ("Same.\n\nSame.\n| a |", ())
