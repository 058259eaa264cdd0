"""All that this project asks of pdfium: open, page, lines with boxes, words, what is drawn, an image.

The only importer of pypdfium2. Decides nothing about a document. Boxes are in points from the top left corner of
the page as it is displayed: inside its crop box, after its rotation.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL.Image import Image

from qwen_batch.geometry import Placement, centre_inside, outline, overlap, placement
from qwen_batch.readers import Unreadable
from qwen_batch.readers._judge import Drawn
from qwen_batch.records import Box, Line, Word

POINTS_PER_INCH = 72
MIN_RENDER_DPI = 50
MIN_RULE_LENGTH_PT = 8.0
MAX_RULE_WIDTH_PT = 3.0
GRID_SEGMENTS = 16
"""A path with more segments may be a whole grid by itself."""
MAX_SPLIT_CHARS = 2000
"""A line of more characters is left as it is."""
MAX_OBJECTS = 20_000
"""Objects of a page that are looked at."""
PDFIUM_HYPHEN = "\ufffe"
"""What pdfium puts in place of a hyphen at the end of a line and of the line break after it."""

_LINE = re.compile(rf"[^\r\n{PDFIUM_HYPHEN}]+{PDFIUM_HYPHEN}?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff]")

DAMAGED = "The PDF is damaged and cannot be opened: open it in a viewer and save it anew."
_ENCRYPTED = "The PDF needs a password: save a copy without one."
_SHAPE_KINDS = {pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_PATH}
_PASSWORD_ERRORS = {pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY}


PdfDocument = pdfium.PdfDocument


@dataclass(frozen=True, slots=True)
class PageLayer:
    """What one page holds, before it is judged; `unmapped` counts the glyphs without a Unicode value."""

    width: float
    height: float
    lines: tuple[Line, ...]
    unmapped: int
    drawn: Drawn


@contextmanager
def opened(path: Path) -> Iterator[pdfium.PdfDocument]:
    """A document with at least one page, closed afterwards. Raises Unreadable: damaged, encrypted."""
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in _PASSWORD_ERRORS:
            raise Unreadable("encrypted", _ENCRYPTED) from None
        raise Unreadable("damaged", DAMAGED) from None
    try:
        if len(document) == 0:
            raise Unreadable("damaged", "The PDF has no pages: open it in a viewer and save it anew.")
        yield document
    finally:
        document.close()


@contextmanager
def loaded(document: pdfium.PdfDocument, number: int) -> Iterator[pdfium.PdfPage]:
    """One page, closed afterwards. Raises Unreadable: damaged."""
    try:
        page = document[number - 1]
    except (pdfium.PdfiumError, IndexError):
        raise Unreadable("damaged", DAMAGED, number) from None
    try:
        yield page
    finally:
        page.close()


def page_layer(document: pdfium.PdfDocument, number: int) -> PageLayer:
    """The lines of one page in pdfium's order and what is drawn on it. Raises Unreadable: damaged."""
    with loaded(document, number) as page:
        try:
            width, height = page.get_size()
            textpage = page.get_textpage()
            units = text_units(textpage)
            place = placement(page.get_bbox(), page.get_rotation())
            lines = text_lines(textpage, units, place, Box(0, 0, width, height))
            return PageLayer(width, height, lines, unmapped_glyphs(textpage, units), drawn_on(page))
        except pdfium.PdfiumError:
            raise Unreadable("damaged", DAMAGED, number) from None


def page_image(path: Path, number: int, dpi: float, max_megapixels: float) -> Image:
    """One page as grey values (mode "L"), at `dpi` or the resolution that `max_megapixels` allows."""
    with opened(path) as document, loaded(document, number) as page:
        width, height = page.get_size()
        allowed = (max_megapixels * 1e6 / max(width * height, 1)) ** 0.5 * POINTS_PER_INCH
        if allowed < MIN_RENDER_DPI:
            message = "The page is too large to be rendered: scale it down or raise read.max_megapixels."
            raise Unreadable("too_large", message, number)
        image: Image = page.render(scale=min(dpi, allowed) / POINTS_PER_INCH, grayscale=True).to_pil()
        return image.convert("L")


def words_in(path: Path, page_number: int, box: Box) -> tuple[Word, ...]:
    """The words inside a box of a page, in reading order, with their own boxes. Raises Unreadable."""
    with opened(path) as document, loaded(document, page_number) as page:
        textpage = page.get_textpage()
        place = placement(page.get_bbox(), page.get_rotation())
        characters: list[tuple[str, Box]] = []
        words: list[Word] = []
        for index, character in enumerate(text_units(textpage)):
            at = pdfium_c.FPDFText_GetCharIndexFromTextIndex(textpage, index)
            where = _char_box(textpage, at, place) if not character.isspace() else None
            if where is not None and centre_inside(where, box):
                characters.append((character, where))
            elif characters:
                words.append(_word(characters))
                characters = []
        return (*words, _word(characters)) if characters else tuple(words)


def text_units(textpage: pdfium.PdfTextPage) -> str:
    """The page's text, one UTF-16 unit a character, so that positions are pdfium's own."""
    text: str = textpage.get_text_range()
    if text.isascii() or max(text) <= "\uffff":
        return text
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(int.from_bytes(data[at : at + 2], "little")) for at in range(0, len(data), 2))


def unmapped_glyphs(textpage: pdfium.PdfTextPage, units: str) -> int:
    """Glyphs that have no Unicode value: pdfium counts them as characters and leaves them out of the text."""
    return max(0, int(textpage.count_chars()) - len(units))


def text_lines(textpage: pdfium.PdfTextPage, units: str, place: Placement, paper: Box) -> tuple[Line, ...]:
    """The lines in pdfium's order, each in the box around its glyphs; what lies off the paper is left out."""
    shifted = textpage.count_chars() != len(units)
    lines: list[Line] = []
    for match in _LINE.finditer(units):
        if match.group().isspace():
            continue
        start, end = match.span()
        if shifted:
            start = pdfium_c.FPDFText_GetCharIndexFromTextIndex(textpage, start)
            end = pdfium_c.FPDFText_GetCharIndexFromTextIndex(textpage, end - 1) + 1
        boxes = _range_boxes(textpage, start, end - start, place)
        parts = _split(textpage, start, match.group(), boxes, place)
        lines.extend(part for part in parts if part.text and overlap(part.box, paper))
    return tuple(lines)


def _split(textpage: pdfium.PdfTextPage, start: int, units: str, boxes: Sequence[Box], place: Placement) -> list[Line]:
    """One line, or several where pdfium ran together what stands in different heights, as it does with short lines."""
    if not boxes:
        return []
    if max(box.y0 for box in boxes) <= min(box.y1 for box in boxes) or len(units) > MAX_SPLIT_CHARS:
        return [Line(_clean(units), outline(boxes))]
    parts: list[tuple[list[str], list[Box]]] = []
    for index, unit in enumerate(units):
        box = None if unit.isspace() else _char_box(textpage, start + index, place)
        if box is not None and (not parts or not _beside(box, outline(parts[-1][1]))):
            parts.append(([], []))
        if parts:
            parts[-1][0].append(unit)
            parts[-1][1].extend([box] if box else [])
    return [Line(_clean("".join(text)), outline(around)) for text, around in parts]


def _beside(box: Box, line: Box) -> bool:
    """Whether a character may belong to a line: a superscript does, what lies clear above or below doesn't."""
    slack = (line.y1 - line.y0) / 2
    return box.y0 <= line.y1 + slack and box.y1 >= line.y0 - slack


def _clean(units: str) -> str:
    text = units.replace(PDFIUM_HYPHEN, "-").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return " ".join(_CONTROL.sub("", text).split())


def _range_boxes(textpage: pdfium.PdfTextPage, start: int, count: int, place: Placement) -> list[Box]:
    left, top, right, bottom = (ctypes.c_double() for _ in range(4))
    return [
        place(left.value, bottom.value, right.value, top.value)
        for index in range(pdfium_c.FPDFText_CountRects(textpage, start, count))
        if pdfium_c.FPDFText_GetRect(textpage, index, left, top, right, bottom)
    ]


def drawn_on(page: pdfium.PdfPage) -> Drawn:
    """Counts over the page's objects, and those of its forms one level down."""
    x_min, y_min, x_max, y_max = page.get_bbox()
    cover, images, segments, horizontal, vertical = 0.0, 0, 0, 0, 0
    for kind, obj, (left, bottom, right, top) in _shapes(page):
        width, height = min(right, x_max) - max(left, x_min), min(top, y_max) - max(bottom, y_min)
        if kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            images += 1
            cover += max(width, 0) * max(height, 0)
            continue
        count = max(0, pdfium_c.FPDFPath_CountSegments(obj))
        segments += count
        if count > GRID_SEGMENTS or min(width, height) >= MIN_RULE_LENGTH_PT:  # a box has two rules each way
            horizontal, vertical = horizontal + 2, vertical + 2
        elif max(width, height) >= MIN_RULE_LENGTH_PT and min(width, height) <= MAX_RULE_WIDTH_PT:
            horizontal, vertical = horizontal + (width > height), vertical + (width <= height)
    area = max((x_max - x_min) * (y_max - y_min), 1.0)
    return Drawn(min(cover / area, 1.0), images, segments, horizontal, vertical)


def _shapes(page: pdfium.PdfPage) -> Iterator[tuple[int, Any, tuple[float, float, float, float]]]:
    """Images and paths with their bounds; a form's image counts with the bounds of the form."""
    edges = [ctypes.c_float() for _ in range(4)]
    for index in range(min(pdfium_c.FPDFPage_CountObjects(page), MAX_OBJECTS)):
        obj = pdfium_c.FPDFPage_GetObject(page, index)
        kind = pdfium_c.FPDFPageObj_GetType(obj)
        inner = [obj]
        if kind == pdfium_c.FPDF_PAGEOBJ_FORM:
            count = min(max(0, pdfium_c.FPDFFormObj_CountObjects(obj)), MAX_OBJECTS)
            inner = [pdfium_c.FPDFFormObj_GetObject(obj, at) for at in range(count)]
        for shape in inner:
            shape_kind = pdfium_c.FPDFPageObj_GetType(shape)
            if shape_kind not in _SHAPE_KINDS:
                continue
            bounded = obj if shape_kind == pdfium_c.FPDF_PAGEOBJ_IMAGE else shape
            if pdfium_c.FPDFPageObj_GetBounds(bounded, *edges):
                yield shape_kind, shape, (edges[0].value, edges[1].value, edges[2].value, edges[3].value)


def _char_box(textpage: pdfium.PdfTextPage, index: int, place: Placement) -> Box | None:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not pdfium_c.FPDFText_GetCharBox(textpage, index, left, right, bottom, top):
        return None
    return place(left.value, bottom.value, right.value, top.value)


def _word(characters: Sequence[tuple[str, Box]]) -> Word:
    return Word(_clean("".join(character for character, _ in characters)), outline([box for _, box in characters]))
