"""estimating: sums over all from a few, the range that goes with them, and how a sample is spread."""

from __future__ import annotations

import random

import pytest

from qwen_batch.output.log.plan import Estimate
from qwen_batch.run.plan.estimating import Point, added, exactly, shares, spread, told_sum


def test_what_grows_with_length_is_told_between_the_sampled_lengths() -> None:
    told = told_sum([Point(1, 100), Point(11, 1_100)], [2, 6, 10])
    assert told is not None
    assert told.likely == pytest.approx(200 + 600 + 1_000)


def test_what_is_longer_than_the_sample_is_between_no_growth_and_full_growth() -> None:
    told = told_sum([Point(5, 500), Point(10, 1_000)], [20])
    assert told is not None
    assert (told.low <= 1_000, told.likely, told.high >= 2_000) == (True, 1_500, True)


def test_nothing_is_told_without_a_sample_and_no_others_are_nothing() -> None:
    assert told_sum([], [1, 2]) is None
    assert told_sum([Point(1, 5)], []) == exactly(0)


def test_one_sampled_document_has_a_wide_range() -> None:
    told = told_sum([Point(1, 100)], [1] * 100)
    assert told is not None
    assert told.likely == 10_000
    assert told.low <= 5_000
    assert told.high >= 15_000


def test_the_range_holds_the_sum_of_noisy_figures_nearly_always() -> None:
    chance = random.Random(0)
    held = 0
    for _ in range(50):
        pages = [chance.choice([1, 1, 2, 3, 5, 8, 20, 60]) for _ in range(300)]
        figures = [1_000 + min(one, 10) * 300 * chance.uniform(0.6, 1.4) for one in pages]
        chosen = set(spread(pages, 30))
        others = [place for place in range(300) if place not in chosen]
        told = told_sum([Point(pages[at], figures[at]) for at in chosen], [pages[at] for at in others])
        assert told is not None
        held += told.low <= sum(figures[at] for at in others) <= told.high
    assert held >= 46


def test_errors_of_independent_parts_are_added_as_squares() -> None:
    assert added([Estimate(low=7, likely=10, high=13), Estimate(low=6, likely=10, high=14)], 5) == Estimate(
        low=20, likely=25, high=30
    )


def test_a_sample_has_the_shortest_and_the_longest() -> None:
    lengths = [5, 1, 9, 3, 7, 2]
    chosen = [lengths[at] for at in spread(lengths, 3)]
    assert chosen[0] == 1
    assert chosen[-1] == 9
    assert len(set(spread(lengths, 6))) == 6


@pytest.mark.parametrize(
    ("sizes", "total", "given"),
    [
        ([100, 1, 1], 30, [28, 1, 1]),
        ([2, 2], 30, [2, 2]),
        ([10, 20, 30], 2, [0, 1, 1]),
        ([150, 150], 30, [15, 15]),
        ([], 30, []),
    ],
)
def test_each_kind_has_a_share_of_the_sample(sizes: list[int], total: int, given: list[int]) -> None:
    assert shares(sizes, total) == given
