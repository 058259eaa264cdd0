"""The visible characters of a page with their boxes, base lines and directions, as pdfium has them."""

from __future__ import annotations

import ctypes
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

    def glyphs(self, start: int, end: int) -> list[Glyph]:
        """The visible characters between two positions of the text."""
        rect, x, y = pdfium_c.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
        textpage, place, units = self.textpage, self.place, self.units
        found: list[Glyph] = []
        blank = False
        for position in range(start, end):
            unit = units[position]
            if unit.isspace():
                blank = True
                continue
            at = self.character(position)
            if not pdfium_c.FPDFText_GetLooseCharBox(textpage, at, rect):
                continue
            pdfium_c.FPDFText_GetCharOrigin(textpage, at, x, y)
            box = place(rect.left, rect.bottom, rect.right, rect.top)
            base = place(x.value, y.value, x.value, y.value).y1
            hyphen = unit == PDFIUM_HYPHEN
            found.append(Glyph("-" if hyphen else unit, box, base, self.turn(position) or 0, blank, position))
            blank = hyphen
        return found
