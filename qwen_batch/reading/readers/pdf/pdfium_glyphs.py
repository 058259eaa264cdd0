"""The visible characters of a page with their boxes, base lines and directions, as pdfium has them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import replace
from math import pi

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qwen_batch.geometry import Placement
from qwen_batch.reading.readers.pdf.layout.glyphs import Glyph

QUARTER_RAD = pi / 2
MAX_LEAN_RAD = 0.1
"""Text that leans by more stands at no quarter turn."""
PDFIUM_HYPHEN = "\ufffe"
"""What pdfium puts in place of a hyphen at the end of a line and of the line break after it."""
TURN_SAMPLES = 24
MIN_TURNED_SHARE = 0.8
MIN_SAMPLED = 8
MAX_GLYPHS = 100_000


class GlyphReader:
    """Reads the glyphs of one page's text; knows how positions of the text become those of characters."""

    def __init__(self, textpage: pdfium.PdfTextPage, units: str, place: Placement, rotation: int) -> None:
        self.textpage = textpage
        self.units = units
        self.place = place
        self._quarters = rotation // 90
        self._shifted = textpage.count_chars() != len(units)

    def character(self, position: int) -> int:
        """The number of the character at a position of the text."""
        if not self._shifted:
            return position
        return int(pdfium_c.FPDFText_GetCharIndexFromTextIndex(self.textpage, position))

    def turn(self, position: int) -> int | None:
        """By how many quarters the page would have to be turned for a character to stand upright; None at a slant."""
        angle = pdfium_c.FPDFText_GetCharAngle(self.textpage, self.character(position))
        quarters: int = round(angle / QUARTER_RAD)
        if abs(angle - quarters * QUARTER_RAD) > MAX_LEAN_RAD:
            return None
        return -(quarters + self._quarters) % 4

    def page_turn(self) -> int:
        """The turn that nearly all of the page's text has, 0 if there is no such; looks at a few letters only."""
        letters = range(0, len(self.units), max(1, len(self.units) // TURN_SAMPLES))
        turns = [self.turn(at) for at in letters if not self.units[at].isspace()]
        for turn in (1, 2, 3):
            if len(turns) >= MIN_SAMPLED and turns.count(turn) >= MIN_TURNED_SHARE * len(turns):
                return turn
        return 0

    def gap(self, position: int) -> float:
        """How far a character stands from the one before it, as a share of that one's height."""
        rect = pdfium_c.FS_RECTF()
        if not pdfium_c.FPDFText_GetLooseCharBox(self.textpage, self.character(position - 1), rect):
            return 0.0
        before = self.place(rect.left, rect.bottom, rect.right, rect.top)
        if not pdfium_c.FPDFText_GetLooseCharBox(self.textpage, self.character(position), rect):
            return 0.0
        box = self.place(rect.left, rect.bottom, rect.right, rect.top)
        return (box.x0 - before.x1) / max(before.y1 - before.y0, 1.0)

    def glyphs(self, start: int, end: int) -> list[Glyph]:
        """The visible characters between two positions of the text, with their base lines, as if all stood upright."""
        x, y = ctypes.c_double(), ctypes.c_double()
        found = []
        for glyph in self._boxed(start, end):
            pdfium_c.FPDFText_GetCharOrigin(self.textpage, self.character(glyph.at), x, y)
            base = self.place(x.value, y.value, x.value, y.value).y1
            found.append(Glyph(glyph.text, glyph.box, base, 0, glyph.blank, glyph.at))
        return found

    def turned_glyphs(self, start: int, end: int) -> list[Glyph]:
        """The visible characters between two positions, with their turns; all of a word have that of its first."""
        found: list[Glyph] = []
        turn = 0
        last = start - 1
        for glyph in self._boxed(start, end):
            if glyph.blank or glyph.at != last + 1:
                turn = self.turn(glyph.at) or 0
            last = glyph.at
            found.append(replace(glyph, turn=turn) if turn else glyph)
        return found

    def _boxed(self, start: int, end: int) -> Iterator[Glyph]:
        rect = pdfium_c.FS_RECTF()
        textpage, place, units = self.textpage, self.place, self.units
        blank = True
        for position in range(start, end):
            unit = units[position]
            if unit.isspace():
                blank = True
                continue
            at = position if not self._shifted else self.character(position)
            if pdfium_c.FPDFText_GetLooseCharBox(textpage, at, rect):
                box = place(rect.left, rect.bottom, rect.right, rect.top)
                hyphen = unit == PDFIUM_HYPHEN
                yield Glyph("-" if hyphen else unit, box, box.y1, 0, blank, position)
                blank = hyphen
