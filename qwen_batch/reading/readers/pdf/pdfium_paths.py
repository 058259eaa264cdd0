"""The straight edges of all paths on a page, also of those inside forms, where they lie on the displayed page."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium_c

from qwen_batch.geometry import Placement
from qwen_batch.reading.readers.pdf.layout.grid import MIN_DRAWN_PT, Edge, Edges
from qwen_batch.reading.readers.pdf.pdfium_seen.objects import IDENTITY, PATH, Matrix, Painted, matrix_of

MAX_PATHS = 20_000
MAX_SEGMENTS = 200_000
STRAIGHT_PT = 0.1
"""How far a level or upright edge may lean."""
Point = tuple[float, float]


def page_edges(painted: Iterable[Painted], place: Placement) -> Edges | None:
    """All straight edges of paths, first those of the page, then of its forms; None if there is too much to look at."""
    level: list[Edge] = []
    upright: list[Edge] = []
    oblique = segments = 0
    paths = sorted((one for one in painted if one.kind == PATH), key=lambda one: one.in_form)
    if len(paths) > MAX_PATHS:
        return None
    for one in paths:
        handle = one.handle
        count = pdfium_c.FPDFPath_CountSegments(handle)
        segments += max(count, 0)
        if segments > MAX_SEGMENTS:
            return None
        for points in _outlines(handle, count, matrix_of(handle, one.matrix) or IDENTITY):
            for (x0, y0), (x1, y1) in pairwise(points):
                box = place(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
                width, height = box.x1 - box.x0, box.y1 - box.y0
                if height <= STRAIGHT_PT:
                    level.append(Edge(box.y0, box.x0, box.x1))
                elif width <= STRAIGHT_PT:
                    upright.append(Edge(box.x0, box.y0, box.y1))
                else:
                    oblique += width > MIN_DRAWN_PT and height > MIN_DRAWN_PT
    return Edges(tuple(level), tuple(upright), oblique)


def _outlines(path: Any, count: int, matrix: Matrix) -> Iterator[list[Point]]:
    """The points of each part of a path, closed with its first point; of a curve only where it ends."""
    a, b, c, d, e, f = matrix
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[Point] = []
    curve = 0
    for index in range(count):
        segment = pdfium_c.FPDFPath_GetPathSegment(path, index)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO and points:
            yield points
            points = []
        curve = curve + 1 if kind == pdfium_c.FPDF_SEGMENT_BEZIERTO else 0
        if curve % 3 == 0 and pdfium_c.FPDFPathSegment_GetPoint(segment, x, y):
            points.append((a * x.value + c * y.value + e, b * x.value + d * y.value + f))
        if pdfium_c.FPDFPathSegment_GetClose(segment) and points:
            points.append(points[0])
    if points:
        yield points
