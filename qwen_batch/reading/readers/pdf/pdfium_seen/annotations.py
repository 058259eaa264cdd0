"""What annotations and form fields show on a page: values, ticked boxes, notes typed on it, stamps, strikes.

Values come from the fields themselves, so that a value cut off by its frame is whole; what has no value (a stamp, a
signature's look) comes from its appearance (`appearances`).
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qwen_batch.reading.readers.pdf.pdfium_seen.layered import annotations_in_hidden_layers
from qwen_batch.reading.readers.pdf.pdfium_seen.objects import Bounds
from qwen_batch.records import HiddenText

MAX_ANNOTATIONS = 5000
"""Annotations of a page that are looked at."""
MAX_OPTIONS = 2000
MAX_QUADS = 500
TICKED, UNTICKED = "☒", "☐"
NOT_SHOWN = pdfium_c.FPDF_ANNOT_FLAG_HIDDEN | pdfium_c.FPDF_ANNOT_FLAG_NOVIEW
PASSWORD = 1 << 13
"""The flag of a field whose value shows as stars (PDF 1.7, table 228)."""
_SILENT = {pdfium_c.FPDF_ANNOT_LINK, pdfium_c.FPDF_ANNOT_POPUP}
_COMMENTED = {
    pdfium_c.FPDF_ANNOT_TEXT,
    pdfium_c.FPDF_ANNOT_LINE,
    pdfium_c.FPDF_ANNOT_SQUARE,
    pdfium_c.FPDF_ANNOT_CIRCLE,
    pdfium_c.FPDF_ANNOT_INK,
    pdfium_c.FPDF_ANNOT_HIGHLIGHT,
    pdfium_c.FPDF_ANNOT_UNDERLINE,
    pdfium_c.FPDF_ANNOT_SQUIGGLY,
    pdfium_c.FPDF_ANNOT_STRIKEOUT,
    pdfium_c.FPDF_ANNOT_CARET,
    pdfium_c.FPDF_ANNOT_POLYGON,
    pdfium_c.FPDF_ANNOT_POLYLINE,
    pdfium_c.FPDF_ANNOT_STAMP,
    pdfium_c.FPDF_ANNOT_FILEATTACHMENT,
}
_DRAWN = {pdfium_c.FPDF_ANNOT_WIDGET, pdfium_c.FPDF_ANNOT_FREETEXT, pdfium_c.FPDF_ANNOT_STAMP}
_LINES = {
    pdfium_c.FPDF_ANNOT_POLYLINE,
    pdfium_c.FPDF_ANNOT_UNDERLINE,
    pdfium_c.FPDF_ANNOT_SQUIGGLY,
    pdfium_c.FPDF_ANNOT_CARET,
}
"""Annotations whose looks neither say nor cover anything; drawings have thousands."""
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CHOICES = {pdfium_c.FPDF_FORMFIELD_COMBOBOX, pdfium_c.FPDF_FORMFIELD_LISTBOX}
_BOXES = {pdfium_c.FPDF_FORMFIELD_CHECKBOX, pdfium_c.FPDF_FORMFIELD_RADIOBUTTON}

ShownKind = Literal["value", "choice", "box", "look", "stamp", "note"]


class Document(Protocol):
    """A document that knows where it lies and whether its forms are ready to be asked."""

    path: Path
    formenv: Any


@dataclass(frozen=True, slots=True)
class Shown:
    """What one annotation says. `bounds` are in the PDF's own space.

    A "look" (words typed on the page, a signature) and a "stamp" have yet to be read from their appearance; `text` is
    then what to fall back to. A "value" is held against its appearance; a "choice", a "box" and a "note" are whole.
    """

    kind: ShownKind
    text: str
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Annotations:
    """Those of one page; `drawn` says whether any has an appearance that matters, `struck` are places of strikes."""

    shown: tuple[Shown, ...] = ()
    struck: tuple[Bounds, ...] = ()
    hidden: tuple[HiddenText, ...] = ()
    drawn: bool = False
    files: int = 0
    """Files that are pinned to the page."""


NONE = Annotations()


def annotations_of(document: Document, page: pdfium.PdfPage, number: int, *, layers: bool) -> Annotations:
    """What the annotations of a page say; NONE where there are only links."""
    count = min(pdfium_c.FPDFPage_GetAnnotCount(page), MAX_ANNOTATIONS)
    if count <= 0:
        return NONE
    shown: list[Shown] = []
    struck: list[Bounds] = []
    hidden: list[HiddenText] = []
    drawn, files = False, 0
    off = cache(lambda: annotations_in_hidden_layers(document.path, number))
    for index in range(count):
        with _annotation(page, index) as annotation:
            kind = pdfium_c.FPDFAnnot_GetSubtype(annotation) if annotation else pdfium_c.FPDF_ANNOT_LINK
            if kind in _SILENT:
                continue
            form = document.formenv if kind == pdfium_c.FPDF_ANNOT_WIDGET else None
            said = list(_said(annotation, kind, form))
            if pdfium_c.FPDFAnnot_GetFlags(annotation) & NOT_SHOWN:
                hidden.extend(HiddenText("field", piece.text) for piece in said if piece.kind != "box" and piece.text)
                continue
            if layers and pdfium_c.FPDFAnnot_HasKey(annotation, b"OC") and index in off():
                hidden.extend(HiddenText("layer", piece.text) for piece in said if piece.text)
                continue
            files += kind == pdfium_c.FPDF_ANNOT_FILEATTACHMENT
            has_look = kind not in _LINES and pdfium_c.FPDFAnnot_GetObjectCount(annotation) > 0
            drawn = drawn or kind in _DRAWN or has_look
            shown.extend(said)
            if kind == pdfium_c.FPDF_ANNOT_STRIKEOUT:
                struck.extend(_quads(annotation))
    return Annotations(tuple(shown), tuple(struck), tuple(hidden), drawn, files)


@contextmanager
def _annotation(page: pdfium.PdfPage, index: int) -> Iterator[Any]:
    annotation = pdfium_c.FPDFPage_GetAnnot(page, index)
    try:
        yield annotation
    finally:
        if annotation:
            pdfium_c.FPDFPage_CloseAnnot(annotation)


def _said(annotation: Any, kind: int, form: Any) -> Iterator[Shown]:
    bounds = _bounds(annotation)
    if kind == pdfium_c.FPDF_ANNOT_WIDGET:
        if form is not None:
            yield from _field(annotation, form, bounds)
        return
    contents = _string(lambda *room: pdfium_c.FPDFAnnot_GetStringValue(annotation, b"Contents", *room))
    if kind == pdfium_c.FPDF_ANNOT_FREETEXT:
        yield Shown("look", contents, bounds)
        return
    is_bare_stamp = kind == pdfium_c.FPDF_ANNOT_STAMP and pdfium_c.FPDFAnnot_GetObjectCount(annotation) == 0
    yield Shown("stamp", _stamp_name(annotation, contents) if is_bare_stamp else "", bounds)
    if contents.strip() and kind in _COMMENTED:
        author = _string(lambda *room: pdfium_c.FPDFAnnot_GetStringValue(annotation, b"T", *room))
        yield Shown("note", f"[Comment by {_line(author) or 'unknown'}: {_line(contents)}]", bounds)


def _stamp_name(annotation: Any, contents: str) -> str:
    """What a viewer draws for a stamp without a look: "Approved" from the name /SBApproved."""
    name = _string(lambda *room: pdfium_c.FPDFAnnot_GetStringValue(annotation, b"Name", *room))
    return _WORDS.sub(" ", name.removeprefix("SB")) or _line(contents)


def _field(annotation: Any, form: Any, bounds: Bounds) -> Iterator[Shown]:
    kind = pdfium_c.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in _BOXES:
        ticked = pdfium_c.FPDFAnnot_IsChecked(form, annotation)
        yield Shown("box", TICKED if ticked else UNTICKED, bounds)
    elif kind in _CHOICES:
        yield Shown("choice", ", ".join(_chosen(annotation, form)) or _value(annotation, form), bounds)
    elif kind == pdfium_c.FPDF_FORMFIELD_TEXTFIELD:
        if not pdfium_c.FPDFAnnot_GetFormFieldFlags(form, annotation) & PASSWORD:
            yield Shown("value", _value(annotation, form), bounds)
    elif kind == pdfium_c.FPDF_FORMFIELD_SIGNATURE:
        yield Shown("look", "", bounds)


def _value(annotation: Any, form: Any) -> str:
    return _string(lambda *room: pdfium_c.FPDFAnnot_GetFormFieldValue(form, annotation, *room))


def _chosen(annotation: Any, form: Any) -> Iterator[str]:
    for index in range(min(pdfium_c.FPDFAnnot_GetOptionCount(form, annotation), MAX_OPTIONS)):
        if pdfium_c.FPDFAnnot_IsOptionSelected(form, annotation, index):
            yield _line(_string(lambda *room, at=index: pdfium_c.FPDFAnnot_GetOptionLabel(form, annotation, at, *room)))


def _quads(annotation: Any) -> Iterator[Bounds]:
    quad = pdfium_c.FS_QUADPOINTSF()
    for index in range(min(pdfium_c.FPDFAnnot_CountAttachmentPoints(annotation), MAX_QUADS)):
        if pdfium_c.FPDFAnnot_GetAttachmentPoints(annotation, index, quad):
            xs, ys = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
            yield min(xs), min(ys), max(xs), max(ys)


def _bounds(annotation: Any) -> Bounds:
    rect = pdfium_c.FS_RECTF()
    pdfium_c.FPDFAnnot_GetRect(annotation, rect)
    return (
        min(rect.left, rect.right),
        min(rect.bottom, rect.top),
        max(rect.left, rect.right),
        max(rect.bottom, rect.top),
    )


def _string(ask: Callable[..., int]) -> str:
    """A UTF-16 string of pdfium's, which is asked for its length in bytes first."""
    size = ask(None, 0)
    if size <= 2:  # noqa: PLR2004 - the closing zero alone
        return ""
    room = ctypes.create_string_buffer(size)
    ask(ctypes.cast(room, ctypes.POINTER(ctypes.c_ushort)), size)
    return room.raw[:size].decode("utf-16-le", "ignore").rstrip("\0")


def _line(text: str) -> str:
    return " ".join(text.split())
