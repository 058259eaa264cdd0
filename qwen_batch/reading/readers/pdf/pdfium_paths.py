"""The straight edges of all paths on a page, also of those inside forms, where they lie on the displayed page."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qwen_batch.geometry import Placement
from qwen_batch.reading.readers.pdf.layout.grid import MIN_DRAWN_PT, Edge, Edges

MAX_FORM_DEPTH = 12
MAX_PATHS = 20_000
MAX_SEGMENTS = 200_000
STRAIGHT_PT = 0.1
"""How far a level or upright edge may lean."""
Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
Point = tuple[float, float]


def page_edges(page: pdfium.PdfPage, place: Placement) -> Edges | None:
    """All straight edges; None if there is too much on the page to look at."""
    level: list[Edge] = []
    upright: list[Edge] = []
    oblique = segments = 0
    for number, (path, matrix) in enumerate(_paths(page.raw, IDENTITY, 0)):
        count = pdfium_c.FPDFPath_CountSegments(path)
        segments += max(count, 0)
        if number >= MAX_PATHS or segments > MAX_SEGMENTS:
            return None
        for points in _outlines(path, count, _times(_matrix(path), matrix)):
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


def _paths(holder: Any, matrix: Matrix, depth: int) -> Iterator[tuple[Any, Matrix]]:
    """Paths with the matrix of the forms around them: first those of the page, then of its forms, as they are drawn."""
    if depth == 0:
        count, get = pdfium_c.FPDFPage_CountObjects(holder), pdfium_c.FPDFPage_GetObject
    else:
        count, get = pdfium_c.FPDFFormObj_CountObjects(holder), pdfium_c.FPDFFormObj_GetObject
    for index in range(count):
        obj = get(holder, index)
        kind = pdfium_c.FPDFPageObj_GetType(obj)
        if kind == pdfium_c.FPDF_PAGEOBJ_PATH:
            yield obj, matrix
        elif kind == pdfium_c.FPDF_PAGEOBJ_FORM and depth < MAX_FORM_DEPTH:
            yield from _paths(obj, _times(_matrix(obj), matrix), depth + 1)


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


def _matrix(obj: Any) -> Matrix:
    found = pdfium_c.FS_MATRIX()
    if not pdfium_c.FPDFPageObj_GetMatrix(obj, found):
        return IDENTITY
    return (found.a, found.b, found.c, found.d, found.e, found.f)


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that does first `inner`, then `outer`."""
    if outer == IDENTITY:
        return inner
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)
