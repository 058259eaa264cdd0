"""The visible characters of a page with their boxes, base lines and directions, as pdfium has them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from math import pi

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qwen_batch.geometry import Placement
from qwen_batch.reading.readers.pdf.layout.glyphs import Glyph
from qwen_batch.reading.readers.pdf.pdfium_seen import calls
from qwen_batch.records import Box

QUARTER_RAD = pi / 2
MAX_LEAN_RAD = 0.1
"""Text that leans by more stands at no quarter turn."""
PDFIUM_HYPHEN = "\ufffe"
"""What pdfium puts in place of a hyphen at the end of a line and of the line break after it."""
TURN_SAMPLES = 24
MIN_TURNED_SHARE = 0.8
MIN_SAMPLED = 8
MAX_GLYPHS = 100_000
STRUCK = "~~"
"""What stands before and behind struck text."""
NO_MARKS = ("", "")


class GlyphReader:
    """Reads the glyphs of one page's text; knows how positions of the text become those of characters."""

    def __init__(self, textpage: pdfium.PdfTextPage, units: str, place: Placement, rotation: int) -> None:
        self.textpage = textpage
        self._handle = calls.address(textpage.raw)
        self._rect = pdfium_c.FS_RECTF()
        self._edges = tuple(ctypes.c_double() for _ in range(4))
        self.units = units
        self.place = place
        self._quarters = rotation // 90
        self._shifted = textpage.count_chars() != len(units)
        self._marks: dict[int, tuple[str, str]] = {}

    def character(self, position: int) -> int:
        """The number of the character at a position of the text."""
        if not self._shifted:
            return position
        return int(pdfium_c.FPDFText_GetCharIndexFromTextIndex(self.textpage, position))

    def strike(self, first: int, last: int) -> None:
        """Marks the characters from one position to another as struck, in their texts and glyphs."""
        self._marks[first] = (STRUCK, self._marks.get(first, NO_MARKS)[1])
        self._marks[last] = (self._marks.get(last, NO_MARKS)[0], STRUCK)

    def text(self, start: int, end: int) -> str:
        """The units between two positions, with the marks of what is struck."""
        if not self._marks:
            return self.units[start:end]
        parts: list[str] = []
        for at in range(start, end):
            before, after = self._marks.get(at, NO_MARKS)
            parts += (before, self.units[at], after)
        return "".join(parts)

    def inked(self, start: int, end: int) -> list[tuple[int, Box]]:
        """The visible characters between two positions, each with the box around its ink."""
        boxes = ((at, self.inked_box(at)) for at in range(start, end) if not self.units[at].isspace())
        return [(at, box) for at, box in boxes if box is not None]

    def inked_box(self, position: int) -> Box | None:
        """The box around a character's ink."""
        left, right, bottom, top = self._edges
        if not calls.inked_box(self._handle, self.character(position), left, right, bottom, top):
            return None
        return self.place(left.value, bottom.value, right.value, top.value)

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
        solid = [at for at in letters if not self.units[at].isspace()]
        turns: list[int | None] = []
        for at in solid:
            turns.append(self.turn(at))
            if turns.count(0) > (1 - MIN_TURNED_SHARE) * len(solid):
                return 0
        for turn in (1, 2, 3):
            if len(turns) >= MIN_SAMPLED and turns.count(turn) >= MIN_TURNED_SHARE * len(turns):
                return turn
        return 0

    def gap(self, position: int) -> float:
        """How far a character stands from the one before it, as a share of that one's height."""
        before, box = self.loose(position - 1), self.loose(position)
        return (box.x0 - before.x1) / max(before.y1 - before.y0, 1.0) if before and box else 0.0

    def loose(self, position: int) -> Box | None:
        """The box of a character's font: as wide as its advance, as high as its line."""
        rect = self._rect
        if not calls.loose_box(self._handle, self.character(position), rect):
            return None
        return self.place(rect.left, rect.bottom, rect.right, rect.top)

    def places(self, start: int, end: int) -> list[tuple[int, Box]]:
        """The visible characters between two positions, each with the box of its font."""
        boxes = ((at, self.loose(at)) for at in range(start, end) if not self.units[at].isspace())
        return [(at, box) for at, box in boxes if box is not None]

    def run_boxes(self, start: int, end: int) -> list[Box]:
        """The boxes of the runs between two positions, in the order of the file."""
        left, right, bottom, top = self._edges
        handle, place, first = self._handle, self.place, self.character(start)
        return [
            place(left.value, bottom.value, right.value, top.value)
            for index in range(calls.rect_count(handle, first, self.character(end - 1) + 1 - first))
            if calls.rect(handle, index, left, top, right, bottom)
        ]

    def glyphs(self, start: int, end: int) -> list[Glyph]:
        """The visible characters between two positions of the text, with their base lines, as if all stood upright."""
        x, y = ctypes.c_double(), ctypes.c_double()
        found = []
        for glyph in self._boxed(start, end):
            calls.origin(self._handle, self.character(glyph.at), x, y)
            found.append(glyph._replace(base=self.place(x.value, y.value, x.value, y.value).y1))
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
            found.append(glyph._replace(turn=turn) if turn else glyph)
        return found

    def _boxed(self, start: int, end: int) -> Iterator[Glyph]:
        units = self.units
        blank = True
        for position in range(start, end):
            unit = units[position]
            if unit.isspace():
                blank = True
                continue
            box = self.loose(position)
            if box is not None:
                hyphen = unit == PDFIUM_HYPHEN
                marks = self._marks.get(position, NO_MARKS) if self._marks else NO_MARKS
                yield Glyph("-" if hyphen else unit, box, box.y1, 0, blank, position, *marks)
                blank = hyphen
