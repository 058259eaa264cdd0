"""The functions of pdfium that are called for each object and each character of a page.

They take and give addresses in place of pointers: ctypes makes an object of each pointer, which takes as long as the
call itself. They keep Python's lock, since each ends in less than a microsecond.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import POINTER, c_double, c_float, c_int, c_uint, c_void_p
from typing import Any

import pypdfium2.raw as pdfium_c


def _plain(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    return ctypes.PYFUNCTYPE(result, *arguments)(ctypes.cast(function, c_void_p).value or 0)


_FLOAT, _UINT, _DOUBLE = POINTER(c_float), POINTER(c_uint), POINTER(c_double)

object_of = _plain(pdfium_c.FPDFPage_GetObject, c_void_p, c_void_p, c_int)
inner_of = _plain(pdfium_c.FPDFFormObj_GetObject, c_void_p, c_void_p, c_int)
kind_of = _plain(pdfium_c.FPDFPageObj_GetType, c_int, c_void_p)
bounds = _plain(pdfium_c.FPDFPageObj_GetBounds, c_int, c_void_p, _FLOAT, _FLOAT, _FLOAT, _FLOAT)
render_mode = _plain(pdfium_c.FPDFTextObj_GetTextRenderMode, c_int, c_void_p)
fill_colour = _plain(pdfium_c.FPDFPageObj_GetFillColor, c_int, c_void_p, _UINT, _UINT, _UINT, _UINT)
font_of = _plain(pdfium_c.FPDFTextObj_GetFont, c_void_p, c_void_p)
clip_of = _plain(pdfium_c.FPDFPageObj_GetClipPath, c_void_p, c_void_p)
clip_count = _plain(pdfium_c.FPDFClipPath_CountPaths, c_int, c_void_p)
clip_segment = _plain(pdfium_c.FPDFClipPath_GetPathSegment, c_void_p, c_void_p, c_int, c_int)
clip_segment_count = _plain(pdfium_c.FPDFClipPath_CountPathSegments, c_int, c_void_p, c_int)
segment_point = _plain(pdfium_c.FPDFPathSegment_GetPoint, c_int, c_void_p, _FLOAT, _FLOAT)
segment_count = _plain(pdfium_c.FPDFPath_CountSegments, c_int, c_void_p)
text_object = _plain(pdfium_c.FPDFText_GetTextObject, c_void_p, c_void_p, c_int)
loose_box = _plain(pdfium_c.FPDFText_GetLooseCharBox, c_int, c_void_p, c_int, POINTER(pdfium_c.FS_RECTF))
inked_box = _plain(pdfium_c.FPDFText_GetCharBox, c_int, c_void_p, c_int, _DOUBLE, _DOUBLE, _DOUBLE, _DOUBLE)
origin = _plain(pdfium_c.FPDFText_GetCharOrigin, c_int, c_void_p, c_int, _DOUBLE, _DOUBLE)
rect_count = _plain(pdfium_c.FPDFText_CountRects, c_int, c_void_p, c_int, c_int)
rect = _plain(pdfium_c.FPDFText_GetRect, c_int, c_void_p, c_int, _DOUBLE, _DOUBLE, _DOUBLE, _DOUBLE)


def address(handle: Any) -> int:
    """The address that a pointer of pdfium's holds."""
    return c_void_p.from_buffer(handle).value or 0


def page_object(at: int) -> Any:
    """The pointer to an object of a page."""
    return ctypes.cast(at, pdfium_c.FPDF_PAGEOBJECT)
