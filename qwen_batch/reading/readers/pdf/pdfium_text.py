"""The lines and words of a page's text layer, with boxes in points from the top left corner as it is displayed."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from dataclasses import replace

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qwen_batch.geometry import Placement, centre_inside, outline, overlap
from qwen_batch.reading.readers.pdf.layout.fragments import with_fragments
from qwen_batch.reading.readers.pdf.layout.gutters import columns_apart
from qwen_batch.reading.readers.pdf.layout.marks import MIN_NARROW_SHARE, TIGHT, has_small_run, marked_text
from qwen_batch.reading.readers.pdf.layout.numbers import numbers_beside_lines
from qwen_batch.reading.readers.pdf.layout.pieces import PageText, Piece
from qwen_batch.reading.readers.pdf.layout.unruled import tables_rebuilt
from qwen_batch.reading.readers.pdf.pdfium_glyphs import PDFIUM_HYPHEN, GlyphReader
from qwen_batch.records import Box, Line, Word

MAX_SPLIT_CHARS = 2000
"""A line of more characters is left as it is."""
TALL_PIECE_PT = 36.0
"""A line with a piece as tall as this is looked at letter by letter."""
MAX_TURN_RAD = 0.2
"""Letters that are turned by more than this against those before belong to another text, such as a watermark."""

_LINE = re.compile(rf"[^\r\n{PDFIUM_HYPHEN}]+{PDFIUM_HYPHEN}?")
_DIGIT = re.compile(r"\d")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff]")


def words_inside(textpage: pdfium.PdfTextPage, place: Placement, boxes: Sequence[Box]) -> list[tuple[Word, ...]]:
    """The words in each box, in reading order; every character of the page is looked at once."""
    words: list[list[Word]] = [[] for _ in boxes]
    current: list[list[tuple[str, Box]]] = [[] for _ in boxes]
    for index, character in enumerate(text_units(textpage)):
        at = pdfium_c.FPDFText_GetCharIndexFromTextIndex(textpage, index)
        where = _char_box(textpage, at, place) if not character.isspace() else None
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


def text_lines(reader: GlyphReader, paper: Box, ruled: bool) -> tuple[Line, ...]:
    """The lines in pdfium's order, each in the box around its glyphs; what lies off the paper is left out.

    What pdfium guesses wrong is mended where the boxes of a line's runs show that it may be: blanks, marks, pieces of
    one line drawn apart, columns and tables; the latter not on a page with a grid, `ruled`, whose rules say more.
    """
    units = reader.units
    pieces: list[Piece] = []
    for match in _LINE.finditer(units):
        if match.group().isspace():
            continue
        start, end = match.span()
        first = reader.character(start)
        boxes = _range_boxes(reader.textpage, first, reader.character(end - 1) + 1 - first, reader.place)
        parts = _split(reader, start, match.group(), boxes)
        pieces.extend(part for part in parts if part.text and overlap(part.box, paper))
    page = PageText(reader.glyphs, lambda start, end: _clean(units[start:end]))
    lines = [piece.line() for piece in _mended(pieces, page, reader, ruled)]
    return tuple(lines if ruled else numbers_beside_lines(lines))


def _mended(pieces: list[Piece], page: PageText, reader: GlyphReader, ruled: bool) -> list[Piece]:
    if not ruled:
        pieces = columns_apart(pieces, page)
    pieces = with_fragments(pieces, page)
    if not ruled:
        pieces = tables_rebuilt(pieces, page)
    following = [*(piece.text for piece in pieces[1:]), ""]
    return [
        _marked(piece, page, after) if len(piece.boxes) > 1 and _needs_look(piece, reader) else piece
        for piece, after in zip(pieces, following, strict=False)
    ]


def _needs_look(piece: Piece, reader: GlyphReader) -> bool:
    """Whether a line of several runs may hide a blank or hold a mark; looks at a few letters only."""
    text = reader.units[piece.start : piece.end]
    tight = (match.start() for match in TIGHT.finditer(text))
    if any(reader.gap(piece.start + at) >= MIN_NARROW_SHARE for at in tight):
        return True
    return has_small_run(piece.boxes) and _DIGIT.search(text) is not None


def _marked(piece: Piece, page: PageText, following: str) -> Piece:
    text = marked_text(page.of(piece), following)
    return replace(piece, text=_clean(text)) if text else piece


def _split(reader: GlyphReader, start: int, units: str, boxes: Sequence[Box]) -> list[Piece]:
    """One line, or several where pdfium ran together what stands in different heights or is written at a slant."""
    if not boxes:
        return []
    whole = Piece(_clean(units), tuple(boxes), start, start + len(units))
    if len(boxes) == 1 or len(units) > MAX_SPLIT_CHARS or _is_level(boxes) or _is_turned(reader, start, units):
        return [whole]
    parts: list[tuple[list[str], list[Box], int, int]] = []
    angle = 0.0
    for index, unit in enumerate(units):
        at = reader.character(start + index)
        box = None if unit.isspace() else _char_box(reader.textpage, at, reader.place)
        if box is not None:
            before, angle = angle, pdfium_c.FPDFText_GetCharAngle(reader.textpage, at)
            if not parts or abs(angle - before) > MAX_TURN_RAD or not _beside(box, outline(parts[-1][1])):
                parts.append(([], [], start + index, 0))
        if parts:
            text, around, first, _ = parts[-1]
            text.append(unit)
            around.extend([box] if box else [])
            parts[-1] = (text, around, first, start + index + 1)
    return [Piece(_clean("".join(text)), tuple(around), first, end) for text, around, first, end in parts]


def _is_turned(reader: GlyphReader, start: int, units: str) -> bool:
    """Whether a line stands upright on its side from its first letter to its last."""
    first = reader.turn(start + len(units) - len(units.lstrip()))
    return first not in {None, 0} and first == reader.turn(start + len(units.rstrip()) - 1)


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
