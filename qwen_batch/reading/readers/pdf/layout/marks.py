"""Blanks that a narrow gap hides, and raised or lowered figures, which must not become part of the figure before them.

A raised figure is written `^3`, a lowered one `_2`. Ordinals and trade marks stay joined.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from qwen_batch.reading.readers.pdf.layout.glyphs import RIGHT_TO_LEFT, Glyph, is_gap
from qwen_batch.records import Box

SMALL_SHARE = 0.85
"""A mark's height against that of what it stands at."""
RAISED_SHARE = 0.15
LOWERED_SHARE = 0.06
MAX_LOWERED_SHARE = 0.7
BESIDE_SHARE = 0.3
"""How far, in heights, a mark may stand from what it stands at."""
MIN_APART_SHARE = 0.12
MIN_NARROW_SHARE = 0.07
MIN_NARROW_TIMES = 3.0
"""A narrow gap is a blank if it is so many times as wide as the gaps around it."""
AROUND = 6
MAX_MARK_TIMES = 1.5
"""A run longer than this many line heights is no mark."""
OFF_BASE_SHARE = 0.1
MIN_MARK_SHARE = 0.25

TIGHT = re.compile(r"(?<=[)\].;:,”])[^\W\d_]|(?<=[a-zß-ÿ])[A-Z(]|(?<=\))\d|(?<=\d)[^\W\d_]")
"""A letter that often stands behind a blank, without one."""
MAY_BE_MARK = re.compile(r"(?<=\S)\s*[\d(\[+−–-]")
"""From behind a character to the next one, with which a raised or lowered figure may begin."""
_SIGNS = "+-−–"
_INNER = ",.*"
_FRACTION = "/⁄"


def has_small_run(boxes: Sequence[Box]) -> bool:
    """Whether one of a line's runs is small and stands off the base line of most: it may be a mark."""
    tallest = max(box.y1 - box.y0 for box in boxes)
    bases = sorted(box.y1 for box in boxes if box.y1 - box.y0 >= SMALL_SHARE * tallest)
    base = bases[len(bases) // 2]
    for before, box in pairwise(boxes):
        height = box.y1 - box.y0
        if height < SMALL_SHARE * tallest and box.x1 - box.x0 < MAX_MARK_TIMES * tallest:
            raised = box.y1 < base - OFF_BASE_SHARE * tallest
            lowered = box.y1 > base + OFF_BASE_SHARE * tallest / 2 and box.y0 > before.y0 + OFF_BASE_SHARE * tallest
            if height > MIN_MARK_SHARE * tallest and (raised or lowered):
                return True
    return False


def may_be_mark(host: Box, box: Box) -> bool:
    """Whether a character is so much smaller than the one before it that it may begin a mark."""
    return box.y1 - box.y0 < SMALL_SHARE * (host.y1 - host.y0)


def marked_text(glyphs: Sequence[Glyph], following: str = "") -> str | None:
    """The text of a line with blanks and marks set; None if it has neither to set, or runs from right to left.

    `following` is the text after it, which may go on with the stroke of a fraction.
    """
    if not glyphs or any(RIGHT_TO_LEFT.match(glyph.text) for glyph in glyphs):
        return None
    signs = _signs(glyphs, following[:1])
    text, changed = [glyphs[0].marked], False
    for at, (before, glyph) in enumerate(pairwise(glyphs), 1):
        sign = signs[at]
        if sign and not signs[at - 1]:
            text.append(" " * _apart(before, glyph) + sign + glyph.marked)
            changed = True
        elif glyph.blank:
            text.append(" " + glyph.marked)
        elif _hides_blank(glyphs, at) or (signs[at - 1] and not sign and glyph.text.isdigit()):
            text.append(" " + glyph.marked)
            changed = True
        else:
            text.append(glyph.marked)
    return "".join(text) if changed else None


def _signs(glyphs: Sequence[Glyph], following: str) -> list[str]:
    """For each glyph "^" or "_" if it belongs to a raised or lowered figure that stands at something."""
    signs = [""] * len(glyphs)
    at = 1
    while at < len(glyphs):
        sign = _sign(glyphs[at - 1], glyphs[at])
        end = _mark_end(glyphs, at) if sign else at
        after = glyphs[end].text if end < len(glyphs) else following
        if sign and _is_figure(glyphs[at:end]) and not (after and after in _FRACTION):
            signs[at:end] = [sign] * (end - at)
        at = max(end, at + 1)
    return signs


def _sign(host: Glyph, glyph: Glyph) -> str:
    height = host.box.y1 - host.box.y0
    beside = -height < glyph.box.x0 - host.box.x1 < BESIDE_SHARE * height
    if _apart(host, glyph) and not host.text.isdigit():
        return ""
    if not beside or glyph.box.y1 - glyph.box.y0 >= SMALL_SHARE * height:
        return ""
    up = host.base - glyph.base
    if RAISED_SHARE * height <= up <= height:
        return "^"
    return "_" if -MAX_LOWERED_SHARE * height <= up <= -LOWERED_SHARE * height else ""


def _apart(host: Glyph, glyph: Glyph) -> bool:
    """Whether a blank stands between the two, not only in the file."""
    return glyph.blank and glyph.box.x0 - host.box.x1 >= MIN_APART_SHARE * (host.box.y1 - host.box.y0)


def _mark_end(glyphs: Sequence[Glyph], at: int) -> int:
    end = at + 1
    while end < len(glyphs) and not glyphs[end].blank and _same_level(glyphs[at], glyphs[end]):
        end += 1
    return end


def _same_level(one: Glyph, other: Glyph) -> bool:
    height = one.box.y1 - one.box.y0
    return abs(one.base - other.base) < RAISED_SHARE * height and other.box.y1 - other.box.y0 < height / SMALL_SHARE


def _is_figure(glyphs: Sequence[Glyph]) -> bool:
    text = "".join(glyph.text for glyph in glyphs).lstrip(_SIGNS).strip("()[]")
    return bool(text) and all(letter.isdigit() or letter in _INNER for letter in text) and text[0].isdigit()


def _hides_blank(glyphs: Sequence[Glyph], at: int) -> bool:
    before, glyph = glyphs[at - 1], glyphs[at]
    if not TIGHT.search(before.text + glyph.text) or abs(before.base - glyph.base) > 1:
        return False
    gap, height = glyph.box.x0 - before.box.x1, before.box.y1 - before.box.y0
    if is_gap(before, glyph) and gap > 0:
        return True
    if glyph.text.isupper() and before.text.islower():
        return False  # in one word, unless the gap is wide
    near = [
        two.box.x0 - one.box.x1
        for one, two in pairwise(glyphs[max(0, at - AROUND) : at + AROUND])
        if not two.blank and two is not glyph
    ]
    usual = max(median(near), 0.0) if near else 0.0
    return gap >= MIN_NARROW_SHARE * height and gap >= MIN_NARROW_TIMES * usual
