"""Compares how letters and figures of a font look with what its map says they are.

A glyph is drawn, cut to its ink, made as large as the others and held against the same characters of pdfium's own
fonts (matched templates, by correlation). Decides only that a font is in doubt: OCR then says what stands there.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

FIGURES = "0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
FONTS = ("Helvetica", "Times-Roman", "Courier", "Helvetica-Bold", "Times-Bold", "Times-Italic")
SIDE = 16
TEMPLATE_PT = 24.0
MIN_INK_PIXELS = 6
MARGIN = 0.12
"""By how much another character must look more like it: fonts differ, and so do a 6 and a G."""
MIN_LIKENESS = 0.6
"""Less than this like any character says nothing: a fancy font."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """A drawn character: what its map says, and its ink, dark on 0, of any size."""

    text: str
    ink: np.ndarray


@lru_cache(maxsize=2)
def _templates(characters: str) -> tuple[str, np.ndarray]:
    """The characters and their templates, one row each, those of a character in all fonts side by side."""
    document = pdfium.PdfDocument.new()
    page = document.new_page(200, 200)
    names, rows = [], []
    for font in FONTS:
        for character in characters:
            handle = pdfium_c.FPDFPageObj_NewTextObj(document, font.encode(), TEMPLATE_PT)
            units = (ctypes.c_ushort * 2)(ord(character), 0)
            pdfium_c.FPDFText_SetText(handle, units)
            pdfium_c.FPDFPage_InsertObject(page, handle)
            drawn = rendered(document, page, handle, 2.0)
            shape = None if drawn is None else shape_of(drawn)
            if shape is not None:
                names.append(character)
                rows.append(shape)
    page.close()
    document.close()
    return "".join(names), np.array(rows)


def rendered(document: pdfium.PdfDocument, page: pdfium.PdfPage, text: Any, scale: float) -> np.ndarray | None:
    """A text object alone, its ink as values from 0 to 255."""
    bitmap = pdfium_c.FPDFTextObj_GetRenderedBitmap(document, page, text, scale)
    if not bitmap:
        return None
    try:
        width, height = pdfium_c.FPDFBitmap_GetWidth(bitmap), pdfium_c.FPDFBitmap_GetHeight(bitmap)
        stride = pdfium_c.FPDFBitmap_GetStride(bitmap)
        buffer = ctypes.cast(pdfium_c.FPDFBitmap_GetBuffer(bitmap), ctypes.POINTER(ctypes.c_ubyte * (stride * height)))
        pixels = np.frombuffer(buffer.contents, np.uint8).reshape(height, stride)[:, : width * 4]
        return pixels.reshape(height, width, 4)[:, :, 3].copy()
    finally:
        pdfium_c.FPDFBitmap_Destroy(bitmap)


def shape_of(ink: np.ndarray) -> np.ndarray | None:
    """Ink cut to its own edges and brought to one size, with mean 0 and length 1; None if there is hardly any."""
    dark = ink > 96  # noqa: PLR2004
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    if len(rows) < MIN_INK_PIXELS or len(columns) < 2:  # noqa: PLR2004
        return None
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    width = max(round(SIDE * min(cut.shape[1] / cut.shape[0], 1.0)), 1)
    small = np.asarray(Image.fromarray(cut).resize((width, SIDE), Image.Resampling.BOX), np.float32)
    square = np.zeros((SIDE, SIDE), np.float32)
    left = (SIDE - width) // 2
    square[:, left : left + width] = small
    flat = square.ravel() - square.mean()
    length = float(np.linalg.norm(flat))
    return flat / length if length else None


def looks_otherwise(glyph: Glyph, characters: str) -> bool | None:
    """Whether a glyph looks like another of `characters` than its own; None if that cannot be told."""
    shape = shape_of(glyph.ink)
    if shape is None:
        return None
    names, rows = _templates(characters)
    likeness = rows @ shape
    own = max((float(likeness[at]) for at, name in enumerate(names) if name == glyph.text), default=0.0)
    best = float(likeness.max())
    if best < MIN_LIKENESS:
        return None
    return best - own > MARGIN
