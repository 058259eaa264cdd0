"""From a sample to all documents: a figure is told by how long a document is, and its range by how well that tells it.

Knows numbers alone. Between two sampled documents the figure is interpolated by length; what is longer than all of
them lies between their last figure and one that grows with the length. The range is two standard errors, of what
leaving each sampled document out and telling it from the others gets wrong.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qwen_batch.output.log.plan import Estimate

LONE_SPREAD = 0.5
"""What one sampled document may be wrong by of the others of its kind; a guess."""
ERRORS = 2.0
"""Standard errors to either side."""
NOTHING = Estimate(low=0, likely=0, high=0)


@dataclass(frozen=True, slots=True)
class Point:
    """A sampled document: how long it is, and the figure."""

    length: float
    figure: float


def exactly(figure: float) -> Estimate:
    """What is known."""
    return Estimate(low=figure, likely=figure, high=figure)


def added(parts: Iterable[Estimate], known: float = 0.0) -> Estimate:
    """The sum of independent figures: their errors are added as squares."""
    each = list(parts)
    likely = known + sum(one.likely for one in each)
    below = math.sqrt(sum((one.likely - one.low) ** 2 for one in each))
    above = math.sqrt(sum((one.high - one.likely) ** 2 for one in each))
    return Estimate(low=likely - below, likely=likely, high=likely + above)


def told_sum(points: Sequence[Point], others: Sequence[float]) -> Estimate | None:
    """The figures of documents of these lengths together, by those of a sample; None if there is no sample for them."""
    if not others:
        return NOTHING
    if not points:
        return None
    told = sum(_told(points, length) for length in others)
    beyond = max(point.length for point in points)
    unsure = sum(abs(_told(points, length) - _last(points)) for length in others if length > beyond)
    error = unsure + ERRORS * _error(points) * math.sqrt(len(others) + len(others) ** 2 / len(points))
    return Estimate(low=max(0.0, told - error), likely=told, high=told + error)


def _told(points: Sequence[Point], length: float) -> float:
    """What a document of this length is told to have."""
    means = _means(points)
    lengths = [point.length for point in means]
    at = bisect_left(lengths, length)
    if at == len(means):
        last = means[-1]
        return last.figure * (1 + (length / last.length if last.length else 1)) / 2
    if at == 0 or lengths[at] == length:
        return means[at].figure
    before, after = means[at - 1], means[at]
    share = (length - before.length) / (after.length - before.length)
    return before.figure + share * (after.figure - before.figure)


def _last(points: Sequence[Point]) -> float:
    return _means(points)[-1].figure


def _means(points: Sequence[Point]) -> list[Point]:
    """One point a length, in ascending order."""
    by_length: dict[float, list[float]] = defaultdict(list)
    for point in points:
        by_length[point.length].append(point.figure)
    return [Point(length, sum(figures) / len(figures)) for length, figures in sorted(by_length.items())]


def _error(points: Sequence[Point]) -> float:
    """The standard error of telling one document from the others."""
    if len(points) == 1:
        return points[0].figure * LONE_SPREAD / ERRORS
    wrong = [_told([*points[:at], *points[at + 1 :]], one.length) - one.figure for at, one in enumerate(points)]
    return math.sqrt(sum(one**2 for one in wrong) / len(wrong))


def spread(lengths: Sequence[float], count: int) -> list[int]:
    """The places of so many of these lengths, even in their order: the shortest, the longest, and between them."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    if count >= len(order):
        return order
    if count == 1:
        return [order[len(order) // 2]]
    return [order[round(step * (len(order) - 1) / (count - 1))] for step in range(count)]


def shares(sizes: Sequence[int], total: int) -> list[int]:
    """How many of each group a sample of `total` has: at least one while it lasts, the others by the groups' sizes."""
    total = min(total, sum(sizes))
    largest_first = sorted(range(len(sizes)), key=lambda place: -sizes[place])
    given = [0] * len(sizes)
    for place in largest_first[:total]:
        given[place] = 1
    for _ in range(total - sum(given)):
        wanting = [place for place in largest_first if given[place] < sizes[place]]
        given[max(wanting, key=lambda one: sizes[one] / given[one])] += 1
    return given
