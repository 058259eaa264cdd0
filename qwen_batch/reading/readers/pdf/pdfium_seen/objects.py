"""The objects of a page in the order in which they are painted, also those inside of forms, with their bounds."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qwen_batch.reading.readers.pdf.pdfium_seen import calls
from qwen_batch.reading.readers.pdf.pdfium_seen.calls import address, inner_of, kind_of, object_of, page_object

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
    """One object: where it lies in memory, its kind, the place of the object that holds it among those of the page.

    `form` is the outermost form around it, None if it stands on the page itself; `matrix` leads from the space of its
    form to that of the page, None for both being the same. Ask `bounds_of` for `bounds`, `mode_of` for
    a text's render `mode`.
    """

    at: int
    kind: int
    top: int
    form: int | None = None
    matrix: Matrix | None = None
    bounds: Bounds | None = None
    mode: int | None = None

    @property
    def handle(self) -> Any:
        """Pdfium's pointer to it."""
        return page_object(self.at)

    @property
    def in_form(self) -> bool:
        """Whether a form holds it."""
        return self.form is not None


def painted_on(page: pdfium.PdfPage) -> list[Painted]:
    """Texts, paths, images and shadings in painting order; a form is as its contents."""
    found: list[Painted] = []
    holder = address(page.raw)
    for top in range(min(pdfium_c.FPDFPage_CountObjects(page), MAX_OBJECTS)):
        at = object_of(holder, top)
        kind = kind_of(at)
        if kind == FORM:
            found.extend(islice(_inside(at, top, at, None, 1), MAX_OBJECTS - len(found)))
        else:
            found.append(Painted(at, kind, top))
        if len(found) >= MAX_OBJECTS:
            break
    return found


def _inside(form: int, top: int, outermost: int, outer: Matrix | None, depth: int) -> Iterator[Painted]:
    handle = page_object(form)
    matrix = matrix_of(handle, outer)
    for index in range(min(max(0, pdfium_c.FPDFFormObj_CountObjects(handle)), MAX_OBJECTS)):
        at = inner_of(form, index)
        kind = kind_of(at)
        if kind != FORM:
            yield Painted(at, kind, top, outermost, matrix)
        elif depth < MAX_DEPTH:
            yield from _inside(at, top, outermost, matrix, depth + 1)


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
        if not calls.bounds(painted.at, left, bottom, right, top):
            return None
        painted.bounds = moved((left.value, bottom.value, right.value, top.value), painted.matrix)
    return painted.bounds


def mode_of(text: Painted) -> int:
    """How the letters of a text are painted; pdfium is asked once."""
    if text.mode is None:
        text.mode = calls.render_mode(text.at)
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
