"""What is drawn on a page besides text lines: images, paths, rules, and text that nobody sees."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qwen_batch.reading.readers.pdf.judge import SCAN_COVER, Drawn
from qwen_batch.reading.readers.pdf.rules import boxes_to_rules, has_grid

GRID_SEGMENTS = 5
"""A path with more segments, which a box has, may be a whole grid by itself."""
MAX_PATH_SEGMENTS = 2000
"""A path with more is a drawing."""
MAX_FORM_DEPTH = 12
MAX_OBJECTS = 20_000
"""Objects of a page that are looked at."""
NOWHERE = (0.0, 0.0, 0.0, 0.0)
Bounds = tuple[float, float, float, float]
"""Left, bottom, right, top in the PDF's own space."""
_SHAPE_KINDS = {pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_PATH}


def drawn_on(page: pdfium.PdfPage) -> Drawn:
    """What the page's objects are, and those of its forms."""
    x_min, y_min, x_max, y_max = page.get_bbox()
    cover, images, segments, texts, hidden = 0.0, 0, 0, 0, 0
    over = 0.0
    boxes: list[Bounds] = []
    for kind, obj, bounds in _shapes(page):
        if kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            texts += 1
            over = 0.0
            hidden += pdfium_c.FPDFTextObj_GetTextRenderMode(obj) == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE
        elif kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            images += 1
            left, bottom, right, top = bounds
            part = max(min(right, x_max) - max(left, x_min), 0) * max(min(top, y_max) - max(bottom, y_min), 0)
            cover += part
            over += part
            if over >= SCAN_COVER * (x_max - x_min) * (y_max - y_min):
                hidden = texts  # what was written before lies under the image, or under strips of one
        else:
            count = max(0, pdfium_c.FPDFPath_CountSegments(obj))
            segments += count
            boxes.extend(_edges(obj) if GRID_SEGMENTS < count <= MAX_PATH_SEGMENTS else [bounds])
    area = max((x_max - x_min) * (y_max - y_min), 1.0)
    return Drawn(
        min(cover / area, 1.0), images, segments, hidden / texts if texts else 0.0, has_grid(boxes_to_rules(boxes))
    )


def _shapes(page: pdfium.PdfPage) -> Iterator[tuple[int, Any, Bounds]]:
    """Texts, images and paths as they are drawn; a text without its bounds, a form's image with the form's."""
    edges = [ctypes.c_float() for _ in range(4)]
    for index in range(min(pdfium_c.FPDFPage_CountObjects(page), MAX_OBJECTS)):
        obj = pdfium_c.FPDFPage_GetObject(page, index)
        kind = pdfium_c.FPDFPageObj_GetType(obj)
        if kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            yield kind, obj, NOWHERE
            continue
        inner = [obj]
        if kind == pdfium_c.FPDF_PAGEOBJ_FORM:
            inner = list(islice(_inside(obj, MAX_FORM_DEPTH), MAX_OBJECTS))
        for shape in inner:
            shape_kind = pdfium_c.FPDFPageObj_GetType(shape) if shape is not obj else kind
            if shape_kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
                yield shape_kind, shape, NOWHERE
            elif shape_kind in _SHAPE_KINDS:
                bounded = obj if shape_kind == pdfium_c.FPDF_PAGEOBJ_IMAGE else shape
                if pdfium_c.FPDFPageObj_GetBounds(bounded, *edges):
                    yield shape_kind, shape, (edges[0].value, edges[1].value, edges[2].value, edges[3].value)


def _inside(form: Any, depth: int) -> Iterator[Any]:
    """What a form draws, and the forms in it, as they are drawn."""
    for at in range(min(max(0, pdfium_c.FPDFFormObj_CountObjects(form)), MAX_OBJECTS)):
        obj = pdfium_c.FPDFFormObj_GetObject(form, at)
        if pdfium_c.FPDFPageObj_GetType(obj) != pdfium_c.FPDF_PAGEOBJ_FORM:
            yield obj
        elif depth:
            yield from _inside(obj, depth - 1)


def _edges(path: Any) -> Iterator[Bounds]:
    """The straight pieces of a path, each with its own bounds, in the space of the page."""
    matrix = pdfium_c.FS_MATRIX()
    pdfium_c.FPDFPageObj_GetMatrix(path, matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    before: tuple[float, float] | None = None
    first: tuple[float, float] | None = None
    for index in range(pdfium_c.FPDFPath_CountSegments(path)):
        segment = pdfium_c.FPDFPath_GetPathSegment(path, index)
        if not pdfium_c.FPDFPathSegment_GetPoint(segment, x, y):
            continue
        point = (matrix.a * x.value + matrix.c * y.value + matrix.e, matrix.b * x.value + matrix.d * y.value + matrix.f)
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
