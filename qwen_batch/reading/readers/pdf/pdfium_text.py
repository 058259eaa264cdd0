"""The lines and words of a page's text layer, with boxes in points from the top left corner as it is displayed."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qwen_batch.geometry import Placement, centre_inside, outline, overlap
from qwen_batch.records import Box, Line, Word

MAX_SPLIT_CHARS = 2000
"""A line of more characters is left as it is."""
TALL_PIECE_PT = 36.0
"""A line with a piece as tall as this is looked at letter by letter."""
MAX_TURN_RAD = 0.2
"""Letters that are turned by more than this against those before belong to another text, such as a watermark."""
PDFIUM_HYPHEN = "\ufffe"
"""What pdfium puts in place of a hyphen at the end of a line and of the line break after it."""

_LINE = re.compile(rf"[^\r\n{PDFIUM_HYPHEN}]+{PDFIUM_HYPHEN}?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff]")


def words_inside(
    textpage: pdfium.PdfTextPage, place: Placement, boxes: Sequence[Box], units: str
) -> list[tuple[Word, ...]]:
    """The words in each box, in reading order; every character of the page is looked at once."""
    words: list[list[Word]] = [[] for _ in boxes]
    current: list[list[tuple[str, Box]]] = [[] for _ in boxes]
    for index, character in enumerate(units):
        at = pdfium_c.FPDFText_GetCharIndexFromTextIndex(textpage, index)
        where = None if character.isspace() or _CONTROL.match(character) else _char_box(textpage, at, place)
        for number, box in enumerate(boxes):
            if where is not None and centre_inside(where, box):
                current[number].append((character, where))
            elif current[number]:
                words[number].append(_word(current[number]))
                current[number] = []
    for number, characters in enumerate(current):
        if characters:
            words[number].append(_word(characters))
    return [tuple(found) for found in words]


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
    """One line, or several where pdfium ran together what stands in different heights or is written at a slant."""
    if not boxes:
        return []
    if len(boxes) == 1 or len(units) > MAX_SPLIT_CHARS or _is_level(boxes):
        return [Line(_clean(units), outline(boxes))]
    parts: list[tuple[list[str], list[Box]]] = []
    angle = 0.0
    for index, unit in enumerate(units):
        box = None if unit.isspace() else _char_box(textpage, start + index, place)
        if box is not None:
            before, angle = angle, pdfium_c.FPDFText_GetCharAngle(textpage, start + index)
            if not parts or abs(angle - before) > MAX_TURN_RAD or not _beside(box, outline(parts[-1][1])):
                parts.append(([], []))
        if parts:
            parts[-1][0].append(unit)
            parts[-1][1].extend([box] if box else [])
    return [Line(_clean("".join(text)), outline(around)) for text, around in parts]


def _is_level(boxes: Sequence[Box]) -> bool:
    """Whether all pieces of a line share some height, and none is so tall that it may be a watermark's letters."""
    overlapping = max(box.y0 for box in boxes) <= min(box.y1 for box in boxes)
    return overlapping and max(box.y1 - box.y0 for box in boxes) < TALL_PIECE_PT


def _beside(box: Box, line: Box) -> bool:
    """Whether a character may belong to a line: a superscript does, what lies clear above or below doesn't."""
    slack = (line.y1 - line.y0) / 2
    return box.y0 <= line.y1 + slack and box.y1 >= line.y0 - slack


def _clean(units: str) -> str:
    text = units
    if not units.isascii():
        text = units.replace(PDFIUM_HYPHEN, "-").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return " ".join(_CONTROL.sub("", text).split())


def _range_boxes(textpage: pdfium.PdfTextPage, start: int, count: int, place: Placement) -> list[Box]:
    left, top, right, bottom = (ctypes.c_double() for _ in range(4))
    return [
        place(left.value, bottom.value, right.value, top.value)
        for index in range(pdfium_c.FPDFText_CountRects(textpage, start, count))
        if pdfium_c.FPDFText_GetRect(textpage, index, left, top, right, bottom)
    ]


def _char_box(textpage: pdfium.PdfTextPage, index: int, place: Placement) -> Box | None:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not pdfium_c.FPDFText_GetCharBox(textpage, index, left, right, bottom, top):
        return None
    return place(left.value, bottom.value, right.value, top.value)


def _word(characters: Sequence[tuple[str, Box]]) -> Word:
    return Word(_clean("".join(character for character, _ in characters)), outline([box for _, box in characters]))
