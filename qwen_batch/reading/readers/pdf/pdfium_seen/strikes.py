"""Marks struck-out text: what a thin line runs through, and what an annotation strikes, becomes `~~text~~`."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qwen_batch.geometry import Placement
from qwen_batch.reading.readers.pdf.pdfium_seen.objects import PATH, Bounds, Painted, bounds_of
from qwen_batch.records import Box, Line

MAX_STRIKE_PT = 2.5
"""Thicker than this is a bar."""
MIN_STRIKE_PT = 4.0
MAX_STRIKES = 2000
ZONE = (0.2, 0.8)
"""Where in the height of a line, from its top, a strike runs; an underline is below."""
LETTER_ZONE = (0.15, 0.85)
MIN_LETTER_SHARE = 0.5
"""Smaller characters than this, among those of a line, are points and dashes: they say nothing of a strike."""
MIN_STRUCK_SHARE = 0.9
SLACK_PT = 1.0
MARK = "~~"


@dataclass(frozen=True, slots=True)
class _Char:
    text: str
    box: Box


def with_strikes(
    lines: Sequence[Line],
    textpage: pdfium.PdfTextPage,
    painted: Sequence[Painted],
    annotated: Sequence[Bounds],
    place: Placement,
) -> tuple[Line, ...]:
    """The same lines, what is struck in them marked."""
    strikes = [*_rules(painted, place), *(_middle(place(*bounds)) for bounds in annotated)]
    if not strikes or not lines:
        return tuple(lines)
    struck = dict(_struck(lines, strikes))
    if not struck:
        return tuple(lines)
    return tuple(
        _marked(line, _chars_in(textpage, line.box, place), struck[at]) if at in struck else line
        for at, line in enumerate(lines)
    )


def _rules(painted: Sequence[Painted], place: Placement) -> list[Box]:
    """Thin level lines, whether drawn or filled."""
    rules: list[Box] = []
    for one in painted:
        bounds = bounds_of(one) if one.kind == PATH else None
        if bounds is None or min(bounds[2] - bounds[0], bounds[3] - bounds[1]) > MAX_STRIKE_PT:
            continue
        box = place(*bounds)
        if box.x1 - box.x0 >= MIN_STRIKE_PT and box.y1 - box.y0 <= MAX_STRIKE_PT:
            rules.append(box)
            if len(rules) >= MAX_STRIKES:
                break
    return rules


def _middle(box: Box) -> Box:
    middle = (box.y0 + box.y1) / 2
    return Box(box.x0, middle, box.x1, middle)


def _struck(lines: Sequence[Line], strikes: Sequence[Box]) -> list[tuple[int, list[Box]]]:
    """For lines that may be struck the strikes that run through them."""
    boxes = np.array([(line.box.x0, line.box.y0, line.box.x1, line.box.y1) for line in lines])
    height = boxes[:, 3] - boxes[:, 1]
    top, bottom = boxes[:, 1] + ZONE[0] * height, boxes[:, 1] + ZONE[1] * height
    found: dict[int, list[Box]] = {}
    for strike in strikes:
        at = (strike.y0 + strike.y1) / 2
        through = (top <= at) & (at <= bottom) & (boxes[:, 0] < strike.x1) & (boxes[:, 2] > strike.x0)
        for index in np.flatnonzero(through):
            found.setdefault(int(index), []).append(strike)
    return list(found.items())


def _chars_in(textpage: pdfium.PdfTextPage, line: Box, place: Placement) -> list[_Char]:
    """The characters whose middle is in a line's box, in the text layer's order."""
    chars: list[_Char] = []
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    for index in range(textpage.count_chars()):
        text = chr(pdfium_c.FPDFText_GetUnicode(textpage, index))
        if text.isspace() or not pdfium_c.FPDFText_GetCharBox(textpage, index, left, right, bottom, top):
            continue
        box = place(left.value, bottom.value, right.value, top.value)
        if line.x0 - 1 <= (box.x0 + box.x1) / 2 <= line.x1 + 1 and line.y0 - 1 <= (box.y0 + box.y1) / 2 <= line.y1 + 1:
            chars.append(_Char(text, box))
    return chars


def _marked(line: Line, chars: Sequence[_Char], strikes: Sequence[Box]) -> Line:
    """The line with its struck runs marked, matched to its text character by character; blanks come from the text."""
    solid = [at for at, character in enumerate(line.text) if not character.isspace()]
    if len(solid) != len(chars) or any(line.text[at] != char.text for at, char in zip(solid, chars, strict=True)):
        return line
    runs = [run for strike in strikes if (run := _run(chars, strike))]
    text = line.text
    for first, last in sorted(_merged(runs), reverse=True):
        start, end = solid[first], solid[last] + 1
        text = f"{text[:start]}{MARK}{text[start:end]}{MARK}{text[end:]}"
    return replace(line, text=text)


def _run(chars: Sequence[_Char], strike: Box) -> tuple[int, int] | None:
    """The first and the last character that a strike runs through, None if it is an underline or a rule."""
    left, right = strike.x0 - SLACK_PT, strike.x1 + SLACK_PT
    under = [at for at, char in enumerate(chars) if left <= (char.box.x0 + char.box.x1) / 2 <= right]
    if not under or under != list(range(under[0], under[-1] + 1)):
        return None
    height = max(chars[at].box.y1 - chars[at].box.y0 for at in under)
    letters = [chars[at].box for at in under if chars[at].box.y1 - chars[at].box.y0 >= MIN_LETTER_SHARE * height]
    middle = (strike.y0 + strike.y1) / 2
    through = [
        box
        for box in letters
        if box.y0 + LETTER_ZONE[0] * (box.y1 - box.y0) <= middle <= box.y0 + LETTER_ZONE[1] * (box.y1 - box.y0)
    ]
    return (under[0], under[-1]) if letters and len(through) >= MIN_STRUCK_SHARE * len(letters) else None


def _merged(runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs that touch or overlap as one."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(runs):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged
