"""Glyphs with their boxes, and what may be done with them whatever they say: turning upright, setting in rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from qwen_batch.geometry import outline
from qwen_batch.records import Box

BLANK_SHARE = 0.18
"""A gap between glyphs wider than this share of their height is a blank where nobody says so."""
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


class Glyph(NamedTuple):  # pages have thousands: a dataclass takes four times as long to make
    """One visible character in the box of its font: as wide as its advance, as high as its line.

    `turn` is by how many quarters, clockwise, the page would have to be turned for it to stand upright; `base` is the
    height of its base line on the page; `blank` says whether the file has a blank or a line's end before it; `at` is
    its position in the page's text. `before` and `after` are marks around it, which belong to no word.
    """

    text: str
    box: Box
    base: float
    turn: int = 0
    blank: bool = False
    at: int = 0
    before: str = ""
    after: str = ""

    @property
    def marked(self) -> str:
        """The character with its marks."""
        return f"{self.before}{self.text}{self.after}"


def upright(box: Box, turn: int) -> Box:
    """A box where it lies after so many clockwise quarter turns about the page's top left corner."""
    if turn == 1:
        return Box(-box.y1, box.x0, -box.y0, box.x1)
    if turn == 2:  # noqa: PLR2004 - half a turn
        return Box(-box.x1, -box.y1, -box.x0, -box.y0)
    if turn == 3:  # noqa: PLR2004 - three quarters
        return Box(box.y0, -box.x1, box.y1, -box.x0)
    return box


def turned_back(box: Box, turn: int) -> Box:
    """A box of the page as it is displayed, from where it lies after so many clockwise quarter turns."""
    return upright(box, -turn % 4)


def glyphs_to_text(glyphs: Sequence[Glyph]) -> str:
    """The text of glyphs in the order given, with the blanks that the file has and those that gaps show."""
    text = [glyphs[0].marked] if glyphs else []
    for before, glyph in pairwise(glyphs):
        text.append(" " + glyph.marked if glyph.blank or is_gap(before, glyph) else glyph.marked)
    return "".join(text)


def given_text(glyphs: Sequence[Glyph]) -> str:
    """The text of glyphs in the order given, with the blanks that the file has."""
    return "".join(" " + glyph.marked if at and glyph.blank else glyph.marked for at, glyph in enumerate(glyphs))


def is_gap(before: Glyph, glyph: Glyph) -> bool:
    """Whether two glyphs of a row stand as far apart as words do, or run backwards."""
    height = before.box.y1 - before.box.y0
    return not -height < glyph.box.x0 - before.box.x1 < BLANK_SHARE * height


def glyphs_to_rows(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Upright glyphs in rows from top to bottom, each from left to right; a raised one stays in its row."""
    rows: list[list[Glyph]] = []
    top = bottom = 0.0
    for glyph in sorted(glyphs, key=_middle):
        middle = _middle(glyph)
        if rows and top < middle < bottom:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
            top, bottom = glyph.box.y0, glyph.box.y1
    return [sorted(row, key=lambda glyph: glyph.box.x0) for row in rows]


def _middle(glyph: Glyph) -> float:
    return (glyph.box.y0 + glyph.box.y1) / 2


def row_texts(glyphs: Sequence[Glyph], turn: int) -> list[tuple[str, Box]]:
    """Turned glyphs as lines: their texts, read along their own direction, with boxes on the page as displayed."""
    stood = [glyph._replace(box=upright(glyph.box, turn), base=0.0, turn=0) for glyph in glyphs]
    return [
        (glyphs_to_text(row), turned_back(outline([glyph.box for glyph in row]), turn)) for row in glyphs_to_rows(stood)
    ]
