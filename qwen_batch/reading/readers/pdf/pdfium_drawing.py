"""What is drawn on a page besides text lines: images, paths, rules, and text that nobody sees."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence

import pypdfium2.raw as pdfium_c

from qwen_batch.reading.readers.pdf.judge import SCAN_COVER, Drawn
from qwen_batch.reading.readers.pdf.pdfium_seen.calls import segment_count
from qwen_batch.reading.readers.pdf.pdfium_seen.objects import (
    FORM,
    IDENTITY,
    IMAGE,
    PATH,
    TEXT,
    Bounds,
    Painted,
    bounds_of,
    matrix_of,
    mode_of,
)
from qwen_batch.reading.readers.pdf.rules import boxes_to_rules, has_grid

GRID_SEGMENTS = 5
"""A path with more segments, which a box has, may be a whole grid by itself."""
MAX_PATH_SEGMENTS = 2000
"""A path with more is a drawing."""


def drawn_on(painted: Sequence[Painted], page: Bounds) -> Drawn:
    """What the objects of a page are; `page` are its bounds."""
    x_min, y_min, x_max, y_max = page
    area = max((x_max - x_min) * (y_max - y_min), 1.0)
    cover, images, segments, texts, hidden = 0.0, 0, 0, 0, 0
    over = 0.0
    boxes: list[Bounds] = []
    for one in painted:
        if one.kind == TEXT:
            texts += 1
            over = 0.0
            hidden += mode_of(one) == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE
        elif one.kind == IMAGE:
            images += 1
            part = _shown_area(one, page)
            cover += part
            over += part
            if over >= SCAN_COVER * area:
                hidden = texts  # what was written before lies under the image, or under strips of one
        elif one.kind == PATH and (bounds := bounds_of(one)):
            count = max(0, segment_count(one.at))
            segments += count
            boxes.extend(_edges(one) if GRID_SEGMENTS < count <= MAX_PATH_SEGMENTS else [bounds])
    return Drawn(
        min(cover / area, 1.0), images, segments, hidden / texts if texts else 0.0, has_grid(boxes_to_rules(boxes))
    )


def _shown_area(image: Painted, page: Bounds) -> float:
    """How much of a page an image covers; in a form it may be cut by that."""
    own = bounds_of(image)
    around = bounds_of(Painted(image.form, FORM, image.top)) if image.form else own
    if own is None or around is None:
        return 0.0
    left, right = max(own[0], around[0], page[0]), min(own[2], around[2], page[2])
    bottom, top = max(own[1], around[1], page[1]), min(own[3], around[3], page[3])
    return max(right - left, 0) * max(top - bottom, 0)


def _edges(painted: Painted) -> Iterator[Bounds]:
    """The straight pieces of a path, each with its own bounds, in the space of the page."""
    path = painted.handle
    a, b, c, d, e, f = matrix_of(path, painted.matrix) or IDENTITY
    x, y = ctypes.c_float(), ctypes.c_float()
    before: tuple[float, float] | None = None
    first: tuple[float, float] | None = None
    for index in range(pdfium_c.FPDFPath_CountSegments(path)):
        segment = pdfium_c.FPDFPath_GetPathSegment(path, index)
        if not pdfium_c.FPDFPathSegment_GetPoint(segment, x, y):
            continue
        point = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        if kind == pdfium_c.FPDF_SEGMENT_LINETO and before is not None:
            yield _bounds(before, point)
        elif kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            first = point
        if pdfium_c.FPDFPathSegment_GetClose(segment) and first is not None:
            yield _bounds(point, first)
        before = point


def _bounds(one: tuple[float, float], other: tuple[float, float]) -> Bounds:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1])
