"""Texts of a page that may be unseen, by cheap signs alone; whether they are is for `hidden` to find out.

The signs: no colour, white or that of what lies below, tiny, something painted later over it, a clip, a layer.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium_c

from qwen_batch.reading.readers.pdf.judge import SCAN_COVER
from qwen_batch.reading.readers.pdf.pdfium_seen import calls
from qwen_batch.reading.readers.pdf.pdfium_seen.clips import Clip
from qwen_batch.reading.readers.pdf.pdfium_seen.objects import (
    IMAGE,
    PATH,
    SHADING,
    TEXT,
    Bounds,
    Painted,
    bounds_of,
    mode_of,
)
from qwen_batch.records import HiddenKind

MIN_TEXT_PT = 2.0
"""Letters of a smaller size are read by nobody."""
MIN_ALPHA = 26
LIGHT = 215
"""Grey value, of 255, from which on letters may be lost on white paper."""
SAME_GREY = 40
MIN_SHAPE_PT = 2.5
"""A filled shape that is lower or narrower is a rule."""
MAX_MARKS = 20
_INVISIBLE = {pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP}
_UNFILLED = {pdfium_c.FPDF_TEXTRENDERMODE_STROKE, pdfium_c.FPDF_TEXTRENDERMODE_STROKE_CLIP}


@dataclass(frozen=True, slots=True)
class Suspect:
    """A text object that may be unseen, why, and its grey value; `sure` needs no look at the page."""

    at: int
    bounds: Bounds
    kind: HiddenKind
    grey: float | None
    sure: bool = False


_COLOUR = tuple(ctypes.c_uint() for _ in range(4))
_X, _Y = ctypes.c_float(), ctypes.c_float()


def suspects_of(painted: Sequence[Painted], page: Bounds, *, layers: bool) -> list[Suspect]:
    """The suspects among a page's objects; none on most pages. `layers` says whether the document has any."""
    texts = [one for one in painted if one.kind == TEXT]
    if not texts:
        return []
    clip = Clip()
    shapes = _shapes(painted)
    scan = sum(_part(bounds, page) for _, one, bounds, _ in shapes if one.kind == IMAGE) >= SCAN_COVER
    boxes, greys, found = [], [], {}
    for at, text in enumerate(texts):
        bounds = bounds_of(text)
        grey, alpha = _grey(text.at)
        boxes.append(bounds or (0.0, 0.0, 0.0, 0.0))
        greys.append(-1.0 if grey is None else grey)
        if bounds is None:
            continue
        suspect = _by_itself(text, bounds, (grey, alpha), clip, layers=layers)
        if suspect is not None:
            found[at] = suspect
    if all(at in found and found[at].kind == "transparent" for at in range(len(texts))):
        return []  # an old OCR's layer, whatever the letters of the page are made of
    texts_at = np.array([at for at, one in enumerate(painted) if one.kind == TEXT]) if shapes else np.empty(0)
    for at, kind in _by_shapes(np.array(boxes), np.array(greys), texts_at, shapes) if shapes else ():
        if at not in found:
            found[at] = Suspect(texts[at].at, boxes[at], kind, None if greys[at] < 0 else greys[at])
    images = [bounds for _, one, bounds, _ in shapes if one.kind == IMAGE]
    return [one for _, one in sorted(found.items()) if not _is_ocr_layer(one, images, scan=scan)]


def _is_ocr_layer(suspect: Suspect, images: Sequence[Bounds], *, scan: bool) -> bool:
    """Whether a text says what an image shows in its place; `judge` decides what such a layer is worth."""
    if suspect.kind not in {"transparent", "covered", "white"}:
        return False
    if scan and suspect.kind in {"transparent", "covered"}:
        return True
    return suspect.kind == "transparent" and any(_holds(image, suspect.bounds) for image in images)


def _holds(outer: Bounds, inner: Bounds) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _by_itself(
    text: Painted, bounds: Bounds, fill: tuple[float | None, int], clip: Clip, *, layers: bool
) -> Suspect | None:
    grey, alpha = fill
    mode = mode_of(text)
    if layers and (text.in_form or _in_layer(text.handle)):
        return Suspect(text.at, bounds, "layer", None)
    if mode in _INVISIBLE or (alpha < MIN_ALPHA and mode not in _UNFILLED):
        return Suspect(text.at, bounds, "transparent", grey, sure=True)
    if min(bounds[2] - bounds[0], bounds[3] - bounds[1]) < MIN_TEXT_PT and _size(text) < MIN_TEXT_PT:
        return Suspect(text.at, bounds, "tiny", grey, sure=True)
    if clip.cuts(text, bounds):
        return Suspect(text.at, bounds, "clipped", None)
    if grey is not None and grey >= LIGHT and mode not in _UNFILLED:
        return Suspect(text.at, bounds, "white", grey)
    return None


def _grey(at: int) -> tuple[float | None, int]:
    """The grey value of a fill and its opacity; None for a pattern."""
    red, green, blue, alpha = _COLOUR
    if not calls.fill_colour(at, red, green, blue, alpha):
        return None, 255
    return 0.299 * red.value + 0.587 * green.value + 0.114 * blue.value, alpha.value


def _size(text: Painted) -> float:
    """The height of the letters in points, whatever turns and scales them."""
    size, matrix = ctypes.c_float(), pdfium_c.FS_MATRIX()
    if not pdfium_c.FPDFTextObj_GetFontSize(text.handle, size) or not pdfium_c.FPDFPageObj_GetMatrix(
        text.handle, matrix
    ):
        return MIN_TEXT_PT
    x, y = matrix.c * size.value, matrix.d * size.value
    if text.matrix is not None:
        a, b, c, d, _, _ = text.matrix
        x, y = a * x + c * y, b * x + d * y
    return float((x * x + y * y) ** 0.5)


def _in_layer(handle: Any) -> bool:
    """Whether an object stands in marked content of the kind "OC" (PDF 1.7, 8.11.3.2)."""
    room, size = (ctypes.c_ushort * 8)(), ctypes.c_ulong()
    for index in range(min(pdfium_c.FPDFPageObj_CountMarks(handle), MAX_MARKS)):
        mark = pdfium_c.FPDFPageObj_GetMark(handle, index)
        if pdfium_c.FPDFPageObjMark_GetName(mark, room, ctypes.sizeof(room), size) and bytes(room)[:6] == b"O\0C\0\0\0":
            return True
    return False


Shape = tuple[int, Painted, Bounds, float | None]
"""Its place in painting order, the object, its bounds, the grey value of its fill."""


def _shapes(painted: Sequence[Painted]) -> list[Shape]:
    """Filled shapes and images that are more than rules; a path without a fill covers nothing."""
    shapes: list[Shape] = []
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    for at, one in enumerate(painted):
        if one.kind not in {PATH, IMAGE, SHADING}:
            continue
        grey: float | None = None
        if one.kind == PATH:
            if not pdfium_c.FPDFPath_GetDrawMode(one.handle, mode, stroke):
                continue
            thick = bool(stroke.value) and _is_thick(one.handle)
            if not mode.value and not thick:
                continue
            grey, alpha = _grey(one.at) if mode.value else (None, 255)
            if alpha < MIN_ALPHA:
                continue
        bounds = bounds_of(one)
        if bounds and bounds[2] - bounds[0] >= MIN_SHAPE_PT and bounds[3] - bounds[1] >= MIN_SHAPE_PT:
            shapes.append((at, one, bounds, grey))
    return shapes


def _is_thick(handle: Any) -> bool:
    """Whether a stroke is as thick as a line of text, as a marker's is."""
    return bool(pdfium_c.FPDFPageObj_GetStrokeWidth(handle, _X)) and _X.value >= 2 * MIN_SHAPE_PT


def _by_shapes(
    boxes: np.ndarray, greys: np.ndarray, texts_at: np.ndarray, shapes: Sequence[Shape]
) -> list[tuple[int, HiddenKind]]:
    """Texts under a shape that is painted later, or in the colour of one that is painted before."""
    found: list[tuple[int, HiddenKind]] = []
    for at, _, (left, bottom, right, top), grey in shapes:
        over = (boxes[:, 0] < right) & (boxes[:, 2] > left) & (boxes[:, 1] < top) & (boxes[:, 3] > bottom)
        if not over.any():
            continue
        middle = (boxes[:, 1] + boxes[:, 3]) / 2
        over &= (middle > bottom) & (middle < top)
        later = over & (texts_at < at)
        if later.any():
            found.extend((int(index), "covered") for index in np.flatnonzero(later))
        if grey is not None:
            same = over & (texts_at > at) & (greys >= 0) & (np.abs(greys - grey) < SAME_GREY)
            found.extend((int(index), "white") for index in np.flatnonzero(same))
    return found


def _part(bounds: Bounds, page: Bounds) -> float:
    """The share of the page under some bounds."""
    width = max(min(bounds[2], page[2]) - max(bounds[0], page[0]), 0)
    height = max(min(bounds[3], page[3]) - max(bounds[1], page[1]), 0)
    return width * height / max((page[2] - page[0]) * (page[3] - page[1]), 1)
