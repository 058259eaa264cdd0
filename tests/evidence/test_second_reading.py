"""second_reading: a second reading fills what the first left empty, and agreement becomes part of the confidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from qwen_batch.evidence.calibration import default_confidence
from qwen_batch.evidence.merge import Merged
from qwen_batch.evidence.second_reading import with_second
from qwen_batch.job.nothing import is_absent
from qwen_batch.outcomes import ConfidenceParts, Evidence


def reading(result: dict[str, Any], places: dict[str, tuple[int, int]] | None = None, token: float = 0.8) -> Merged:
    """A merged reading whose evidence stands at these characters."""
    evidence = tuple(
        Evidence(f"{field}.value", "v", "q", 1, start, end, (), "exact", 1.0)
        for field, (start, end) in (places or {}).items()
    )
    parts = tuple(
        ConfidenceParts(field, False, is_absent(value), token, token, None, "exact", 1.0, None)
        for field, value in result.items()
    )
    return Merged(result, evidence, parts)


def agreement(first: Merged, second: Merged) -> float | None:
    return with_second(first, second).parts[0].agreement


def test_a_field_that_the_first_reading_left_empty_is_filled_with_the_second_s_value_and_evidence() -> None:
    both = with_second(
        reading({"law": None, "term": {"value": "a year"}}, {"term": (0, 4)}),
        reading({"law": {"value": "Utah"}, "term": None}, {"law": (9, 12)}, token=0.6),
    )
    assert both.result == {"law": {"value": "Utah"}, "term": {"value": "a year"}}
    assert {(one.field, one.start) for one in both.evidence} == {("law.value", 9), ("term.value", 0)}
    assert [(one.field, one.absent, one.token) for one in both.parts] == [("law", False, 0.6), ("term", False, 0.8)]


def test_a_value_of_the_first_reading_stands_whatever_the_second_says() -> None:
    both = with_second(reading({"law": {"value": "Utah"}}), reading({"law": {"value": "Ohio"}}))
    assert both.result == {"law": {"value": "Utah"}}
    assert both.parts[0].agreement == 0.0


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ({"law": {"value": "Utah"}}, {"law": {"value": "UTAH."}}, 1.0),
        ({"law": {"value": "Utah"}}, {"law": None}, 0.0),
        ({"law": None}, {"law": None}, None),
        ({"law": None}, {"law": {"value": "Utah"}}, 0.0),
        ({"law": [{"value": "Utah"}, {"value": "Ohio"}]}, {"law": [{"value": "Ohio"}]}, 0.5),
    ],
)
def test_agreement_is_whether_or_how_much_of_a_list_both_say(first: Any, second: Any, shared: float | None) -> None:
    assert agreement(reading(first), reading(second)) == shared


def test_two_wordings_of_one_place_agree_but_not_two_figures() -> None:
    place = {"term": (10, 50)}
    written = reading({"term": {"value": "thirty (30) days"}}, place)
    assert agreement(written, reading({"term": {"value": "a notice of 30 days"}}, place)) == 1.0
    assert agreement(written, reading({"term": {"value": "a notice of 60 days"}}, place)) == 0.0
    assert agreement(written, reading({"term": {"value": "a notice of 30 days"}}, {"term": (60, 90)})) == 0.0


def test_without_a_calibration_a_value_that_only_one_reading_has_is_half_as_sure() -> None:
    first, same, none = (reading({"law": value}) for value in ({"value": "Utah"}, {"value": "Utah"}, None))
    sure, unsure = (default_confidence(with_second(first, second).parts[0]) for second in (same, none))
    assert sure == pytest.approx(2 * (unsure or 0))


def test_a_list_that_was_cut_at_the_job_s_bound_is_still_known_as_that_beside_a_second_reading() -> None:
    first = replace(reading({"law": None}), cut=("law",))
    assert with_second(first, reading({"law": {"value": "Utah"}})).cut == ("law",)
