"""Whether a clip cuts a text of a page: a good part of it lies outside of the bounds of its clip's paths."""

from __future__ import annotations

import ctypes

from qwen_batch.reading.readers.pdf.pdfium_seen import calls
from qwen_batch.reading.readers.pdf.pdfium_seen.objects import Bounds, Matrix, Painted, moved

SLACK_PT = 0.5
MAX_CUT_SHARE = 0.1
FAR = 1e9
MAX_SEGMENTS = 64
MAX_PATHS = 8
RECTANGLE_SEGMENTS = {4, 5}
RECTANGLE = (0, 2)
"""Corners that say all of a rectangle. Of another shape they say less than it shows: `hidden` looks at it closely."""

_X, _Y = ctypes.c_float(), ctypes.c_float()


class Clip:
    """Remembers the clip of the text before: many texts share one, whose points lie at one place in memory."""

    def __init__(self) -> None:
        self._key: tuple[int, int | None, Matrix | None] | None = None
        self._bounds: Bounds | None = None

    def cuts(self, text: Painted, bounds: Bounds) -> bool:
        """Whether a good part of a text with these bounds lies outside."""
        path = calls.clip_of(text.at)
        count = calls.clip_count(path) if path else 0
        if count <= 0:
            return False
        key = (count, calls.clip_segment(path, count - 1, 0), text.matrix)
        if key != self._key:
            self._key, self._bounds = key, _bounds(path, count, text.matrix)
        if self._bounds is None:
            return False
        left, bottom, right, top = self._bounds
        x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
        if not (left <= x <= right and bottom <= y <= top):
            return True
        slack = MAX_CUT_SHARE * (bounds[2] - bounds[0]) + SLACK_PT
        return bounds[0] < left - slack or bounds[2] > right + slack


def _bounds(path: int, count: int, matrix: Matrix | None) -> Bounds | None:
    """What is left of the plane by the bounds of a clip's paths; None if that cannot be told."""
    left, bottom, right, top = -FAR, -FAR, FAR, FAR
    for at in range(min(count, MAX_PATHS)):
        segments = calls.clip_segment_count(path, at)
        if not 0 < segments <= MAX_SEGMENTS:
            continue
        xs, ys = [], []
        for index in RECTANGLE if segments in RECTANGLE_SEGMENTS else range(segments):
            calls.segment_point(calls.clip_segment(path, at, index), _X, _Y)
            xs.append(_X.value)
            ys.append(_Y.value)
        left, bottom, right, top = max(left, min(xs)), max(bottom, min(ys)), min(right, max(xs)), min(top, max(ys))
    return moved((left, bottom, right, top), matrix) if left > -FAR else None
