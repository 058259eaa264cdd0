"""The objects of a page in the order in which they are painted, also those inside of forms, with their bounds."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

MAX_OBJECTS = 20_000
"""Objects of a page that are looked at."""
MAX_DEPTH = 5
"""Forms inside of forms that are looked into."""
Bounds = tuple[float, float, float, float]
"""Left, bottom, right, top in the PDF's own space."""
Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
TEXT = pdfium_c.FPDF_PAGEOBJ_TEXT
PATH = pdfium_c.FPDF_PAGEOBJ_PATH
IMAGE = pdfium_c.FPDF_PAGEOBJ_IMAGE
SHADING = pdfium_c.FPDF_PAGEOBJ_SHADING
FORM = pdfium_c.FPDF_PAGEOBJ_FORM


@dataclass(slots=True)
class Painted:
    """One object: pdfium's handle, its kind, the place of the object that holds it among those of the page.

    `form` is the outermost form around it, None if it stands on the page itself; `matrix` leads from the space of its
    form to that of the page, None for both being the same. Ask `bounds_of` for `bounds`, `mode_of` for
    a text's render `mode`.
    """

    handle: Any
    kind: int
    top: int
    form: Any = None
    matrix: Matrix | None = None
    bounds: Bounds | None = None
    mode: int | None = None

    @property
    def in_form(self) -> bool:
        """Whether a form holds it."""
        return self.form is not None


def painted_on(page: pdfium.PdfPage) -> list[Painted]:
    """Texts, paths, images and shadings in painting order; a form is as its contents."""
    found: list[Painted] = []
    get, kind_of, raw = pdfium_c.FPDFPage_GetObject, pdfium_c.FPDFPageObj_GetType, page.raw
    for top in range(min(pdfium_c.FPDFPage_CountObjects(raw), MAX_OBJECTS)):
        handle = get(raw, top)
        kind = kind_of(handle)
        if kind == FORM:
            found.extend(islice(_inside(handle, top, handle, None, 1), MAX_OBJECTS - len(found)))
        else:
            found.append(Painted(handle, kind, top))
        if len(found) >= MAX_OBJECTS:
            break
    return found


def _inside(form: Any, top: int, outermost: Any, outer: Matrix | None, depth: int) -> Iterator[Painted]:
    matrix = matrix_of(form, outer)
    for index in range(min(max(0, pdfium_c.FPDFFormObj_CountObjects(form)), MAX_OBJECTS)):
        handle = pdfium_c.FPDFFormObj_GetObject(form, index)
        kind = pdfium_c.FPDFPageObj_GetType(handle)
        if kind != FORM:
            yield Painted(handle, kind, top, outermost, matrix)
        elif depth < MAX_DEPTH:
            yield from _inside(handle, top, outermost, matrix, depth + 1)


def matrix_of(form: Any, outer: Matrix | None) -> Matrix | None:
    """The matrix of an object, then that around it; None for one that changes nothing."""
    own = pdfium_c.FS_MATRIX()
    if not pdfium_c.FPDFPageObj_GetMatrix(form, own):
        return outer
    a, b, c, d, e, f = own.a, own.b, own.c, own.d, own.e, own.f
    if outer is None:
        return None if (a, b, c, d, e, f) == IDENTITY else (a, b, c, d, e, f)
    oa, ob, oc, od, oe, of = outer
    return (
        a * oa + b * oc,
        a * ob + b * od,
        c * oa + d * oc,
        c * ob + d * od,
        e * oa + f * oc + oe,
        e * ob + f * od + of,
    )


_EDGES = tuple(ctypes.c_float() for _ in range(4))


def bounds_of(painted: Painted) -> Bounds | None:
    """Where an object stands, in the space of the page; None if it has no extent. Pdfium is asked once."""
    if painted.bounds is None:
        left, bottom, right, top = _EDGES
        if not pdfium_c.FPDFPageObj_GetBounds(painted.handle, left, bottom, right, top):
            return None
        painted.bounds = moved((left.value, bottom.value, right.value, top.value), painted.matrix)
    return painted.bounds


def mode_of(text: Painted) -> int:
    """How the letters of a text are painted; pdfium is asked once."""
    if text.mode is None:
        text.mode = pdfium_c.FPDFTextObj_GetTextRenderMode(text.handle)
    return text.mode


def moved(bounds: Bounds, matrix: Matrix | None) -> Bounds:
    """The bounds after a change of space."""
    if matrix is None:
        return bounds
    a, b, c, d, e, f = matrix
    left, bottom, right, top = bounds
    if not b and not c and a > 0 and d > 0:
        return a * left + e, d * bottom + f, a * right + e, d * top + f
    xs = [a * x + c * y + e for x in (left, right) for y in (bottom, top)]
    ys = [b * x + d * y + f for x in (left, right) for y in (bottom, top)]
    return min(xs), min(ys), max(xs), max(ys)


def address(handle: Any) -> int:
    """What tells two handles of pdfium apart."""
    return ctypes.c_void_p.from_buffer(handle).value or 0
