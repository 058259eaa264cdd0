"""Where the time of an engine's steps went, as patches/steps.py wrote it down."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from statistics import median

IDLE_S = 0.5
MOST_DECODED = 512
STEP_PARTS = ("launch_s", "wait_s", "update_s", "between_s")


def steps_to_figures(lines: Sequence[str]) -> dict[str, dict[str, float]]:
    """By kind of step: how many, their time from one start to the next, and the parts of it, in seconds."""
    steps = [tuple(map(float, line.split())) for line in lines]
    kinds: dict[str, list[tuple[float, ...]]] = {}
    for one, following in itertools.pairwise(steps):
        began_s, launch_s, wait_s, update_s, tokens = one
        between_s = following[0] - began_s - launch_s - wait_s - update_s
        if between_s > IDLE_S:  # nothing was asked
            continue
        kind = "with prefill" if tokens > MOST_DECODED else "of decoding"
        kinds.setdefault(kind, []).append((launch_s, wait_s, update_s, between_s))
    return {
        kind: {"steps": len(spans), "median_ms": 1000 * median(map(sum, spans)), "all_s": sum(map(sum, spans))}
        | {name: sum(part) for name, part in zip(STEP_PARTS, zip(*spans, strict=True), strict=True)}
        for kind, spans in kinds.items()
    }
