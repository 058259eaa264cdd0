"""The order that boxes above each other demand, which changes a given order only where that goes upwards.

The first of the two rules of Breuel, "High performance document layout analysis" (2003): what stands above something,
and shares a part of its width, comes before it. What stands beside each other stays as it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise

from qwen_batch.records import Box

MIN_SHARED_WIDTH = 0.2
"""Of the narrower box."""
OVERLAP_SHARE = 0.3
"""How far boxes above each other may overlap, of the lower one's height."""


def top_down(boxes: Sequence[Box]) -> list[int]:
    """The numbers of the boxes in order; the given order if nothing stands above what comes before it."""
    given = list(range(len(boxes)))
    if all(one.y0 <= two.y0 for one, two in pairwise(boxes)):
        return given
    above: list[set[int]] = [set() for _ in boxes]
    by_height = sorted(given, key=lambda at: boxes[at].y0)
    for place, lower in enumerate(by_height):
        for upper in by_height[:place]:
            if _is_above(boxes[upper], boxes[lower]):
                above[lower].add(upper)
    if all(upper < lower for lower in given for upper in above[lower]):
        return given
    return _sorted(above)


def _is_above(upper: Box, lower: Box) -> bool:
    shared = min(upper.x1, lower.x1) - max(upper.x0, lower.x0)
    if shared <= MIN_SHARED_WIDTH * min(upper.x1 - upper.x0, lower.x1 - lower.x0):
        return False
    return upper.y1 <= lower.y0 + OVERLAP_SHARE * (lower.y1 - lower.y0) and upper.y0 < lower.y0


def _sorted(above: list[set[int]]) -> list[int]:
    """Kahn's sorting, that takes the earliest given of those that may come next."""
    below: list[list[int]] = [[] for _ in above]
    for lower, uppers in enumerate(above):
        for upper in uppers:
            below[upper].append(lower)
    waiting = list(map(len, above))
    ready = [at for at, count in enumerate(waiting) if not count]
    heapify(ready)
    order: list[int] = []
    while ready:
        order.append(at := heappop(ready))
        for lower in below[at]:
            waiting[lower] -= 1
            if not waiting[lower]:
                heappush(ready, lower)
    return order
