"""The lines and words of a page's text layer, with boxes in points from the top left corner as it is displayed."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qwen_batch.geometry import Placement, centre_inside, outline, overlap
from qwen_batch.reading.readers.pdf.layout.fragments import with_fragments
from qwen_batch.reading.readers.pdf.layout.gutters import columns_apart
from qwen_batch.reading.readers.pdf.layout.marks import (
    MAY_BE_MARK,
    MIN_NARROW_SHARE,
    TIGHT,
    has_small_run,
    marked_text,
    may_be_mark,
)
from qwen_batch.reading.readers.pdf.layout.numbers import numbers_beside_lines
from qwen_batch.reading.readers.pdf.layout.pieces import PageText, Piece
from qwen_batch.reading.readers.pdf.layout.unruled import tables_rebuilt
from qwen_batch.reading.readers.pdf.pdfium_glyphs import PDFIUM_HYPHEN, GlyphReader
from qwen_batch.reading.readers.pdf.pdfium_seen.accents import GONE
from qwen_batch.reading.readers.pdf.pdfium_seen.strikes import struck_in, struck_runs
from qwen_batch.records import Box, Line, Word

MAX_SPLIT_CHARS = 2000
"""A line of more characters is left as it is."""
TALL_PIECE_PT = 36.0
"""A line with a piece as tall as this is looked at letter by letter."""
MIN_SPACED_CHARS, MIN_SPACED_SHARE = 9, 0.4
"""A line of at least so many characters, of which so many are blanks, is set letter by letter."""
MIN_LETTER_SHARE = 0.9
"""Of such a line letters and blanks; a formula has fewer."""
WIDE_GAP_TIMES = 1.6
MAX_TURN_RAD = 0.2
"""Letters that are turned by more than this against those before belong to another text, such as a watermark."""

Grids = Callable[[], Sequence[Box] | None]
"""Where the ruled tables of a page are, None if that is unsure; asked once what is struck is marked."""
_LINE = re.compile(rf"[^\r\n{PDFIUM_HYPHEN}]+{PDFIUM_HYPHEN}?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff]")


def words_inside(
    textpage: pdfium.PdfTextPage, place: Placement, boxes: Sequence[Box], units: str
) -> list[tuple[Word, ...]]:
    """The words in each box, in reading order; every character of the page is looked at once."""
    words: list[list[Word]] = [[] for _ in boxes]
    current: list[list[tuple[str, Box]]] = [[] for _ in boxes]
    for index, character in enumerate(units):
        if character == GONE:
            continue
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
    """Glyphs that have no Unicode value: pdfium counts them as characters and leaves them out of the text.

    One that opens a line before a word, with a blank between, is a bullet and not counted.
    """
    count = int(textpage.count_chars())
    if count <= len(units):
        return 0
    return sum(
        pdfium_c.FPDFText_GetTextIndexFromCharIndex(textpage, at) < 0 and not _is_bullet(textpage, at, count)
        for at in range(count)
    )


def _is_bullet(textpage: pdfium.PdfTextPage, at: int, count: int) -> bool:
    """Whether a glyph opens its line, at most behind one other sign, and a blank and no figure follow it."""
    signs = [chr(pdfium_c.FPDFText_GetUnicode(textpage, place)) for place in range(max(at - 2, 0), min(at + 3, count))]
    before, after = signs[: min(at, 2)], "".join(signs[min(at, 2) + 1 :])
    opens = at == 0 or any(sign in "\r\n" for sign in before) or at == 1
    return opens and after[:1].isspace() and not after[1:2].isdigit()


def text_lines(
    reader: GlyphReader, paper: Box, ruled: bool, strikes: Sequence[Box] = (), grids: Grids | None = None
) -> tuple[Line, ...]:
    """The lines in pdfium's order, each in the box around its glyphs; what lies off the paper is left out.

    What pdfium guesses wrong is mended where the boxes of a line's runs show that it may be: blanks, marks, pieces of
    one line drawn apart, columns and tables; on a page with a grid, `ruled`, tables alone, beside those of `grids`.
    What one of `strikes` runs through is marked as struck.
    """
    units = reader.units
    pieces: list[Piece] = []
    for match in _LINE.finditer(units):
        if match.group().isspace():
            continue
        start, end = match.span()
        parts = _split(reader, start, match.group(), reader.run_boxes(start, end))
        pieces.extend(part for part in parts if part.text and overlap(part.box, paper))
    for at, through in struck_in([piece.box for piece in pieces], strikes).items():
        pieces[at] = _struck(pieces[at], reader, through)
    pieces = [_words_of_letters(piece, reader) if _is_spaced(piece.text) else piece for piece in pieces]
    page = PageText(reader.glyphs, lambda start, end: _clean(reader.text(start, end)), reader.places)
    places = ((grids() if grids else None) or None) if ruled else ()
    lines = [piece.line() for piece in _mended(pieces, page, reader, places)]
    return tuple(lines if ruled else numbers_beside_lines(lines))


def _is_spaced(text: str) -> bool:
    """Whether a line seems to be set letter by letter."""
    if len(text) < MIN_SPACED_CHARS or text.count(" ") < MIN_SPACED_SHARE * len(text):
        return False
    return sum(map(str.isalpha, text)) + text.count(" ") >= MIN_LETTER_SHARE * len(text)


def _words_of_letters(piece: Piece, reader: GlyphReader) -> Piece:
    """A line of single letters with two blanks where a wider gap parts its words."""
    glyphs = reader.glyphs(piece.start, piece.end)
    gaps = [glyph.box.x0 - before.box.x1 for before, glyph in pairwise(glyphs)]
    if len(glyphs) < MIN_SPACED_CHARS // 2 or "".join(glyph.text for glyph in glyphs) != piece.text.replace(" ", ""):
        return piece
    usual = median(gaps)
    apart = ["  " if gap > WIDE_GAP_TIMES * usual else " " for gap in gaps]
    text = "".join(f"{space}{glyph.text}" for space, glyph in zip(["", *apart], glyphs, strict=True))
    return replace(piece, text=text) if usual > 0 and "  " in text else piece


def _struck(piece: Piece, reader: GlyphReader, strikes: Sequence[Box]) -> Piece:
    for run in struck_runs(reader, piece.start, piece.end, strikes):
        reader.strike(run.first, run.last)
    return replace(piece, text=_clean(reader.text(piece.start, piece.end)))


def _mended(pieces: list[Piece], page: PageText, reader: GlyphReader, grids: Sequence[Box] | None) -> list[Piece]:
    """The pieces as lines; `grids` are places whose rules say more, None if these are not known."""
    if grids is not None and not grids:
        pieces = columns_apart(pieces, page)
    pieces = with_fragments(pieces, page)
    if grids is not None:
        parts = groupby(pieces, key=lambda piece: any(centre_inside(piece.box, grid) for grid in grids))
        pieces = [one for within, part in parts for one in (list(part) if within else tables_rebuilt(list(part), page))]
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
    if not has_small_run(piece.boxes):
        return False
    for match in MAY_BE_MARK.finditer(text):
        host, box = reader.loose(piece.start + match.start() - 1), reader.loose(piece.start + match.end() - 1)
        if host and box and may_be_mark(host, box):
            return True
    return False


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
    parts: list[_Part] = []
    angle = 0.0
    for position in range(start, start + len(units)):
        box = None if units[position - start].isspace() else reader.inked_box(position)
        if box is not None:
            before, angle = angle, pdfium_c.FPDFText_GetCharAngle(reader.textpage, reader.character(position))
            if not parts or abs(angle - before) > MAX_TURN_RAD or not _beside(box, parts[-1].box):
                parts.append(_Part(position, box))
            else:
                parts[-1].boxes.append(box)
                parts[-1].box = outline((parts[-1].box, box))
        if parts:
            parts[-1].end = position + 1
    return [
        Piece(_clean(units[part.start - start : part.end - start]), tuple(part.boxes), part.start, part.end)
        for part in parts
    ]


class _Part:
    """A part of a line that is taken apart: its positions and the boxes of its characters."""

    def __init__(self, start: int, box: Box) -> None:
        self.start = start
        self.end = start + 1
        self.box = box
        self.boxes = [box]


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
    if units.isascii():
        if units.isprintable() and "  " not in units:
            return units.strip()
    else:
        text = units.replace(PDFIUM_HYPHEN, "-").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return " ".join(_CONTROL.sub("", text).split())


def _char_box(textpage: pdfium.PdfTextPage, index: int, place: Placement) -> Box | None:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not pdfium_c.FPDFText_GetCharBox(textpage, index, left, right, bottom, top):
        return None
    return place(left.value, bottom.value, right.value, top.value)


def _word(characters: Sequence[tuple[str, Box]]) -> Word:
    return Word(_clean("".join(character for character, _ in characters)), outline([box for _, box in characters]))
