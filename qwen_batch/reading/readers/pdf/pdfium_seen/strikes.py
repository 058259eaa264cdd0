"""Finds struck-out text: what a thin line runs through, and what an annotation strikes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qwen_batch.geometry import Placement
from qwen_batch.reading.readers.pdf.pdfium_glyphs import GlyphReader
from qwen_batch.reading.readers.pdf.pdfium_seen.objects import PATH, Bounds, Painted, bounds_of
from qwen_batch.records import Box

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


@dataclass(frozen=True, slots=True)
class Struck:
    """The first and the last position of struck characters in a page's text."""

    first: int
    last: int


def strikes_on(painted: Sequence[Painted], annotated: Sequence[Bounds], place: Placement) -> list[Box]:
    """Thin level lines that may strike text, and the middles of what annotations strike."""
    return [*_rules(painted, place), *(_middle(place(*bounds)) for bounds in annotated)]


def struck_in(lines: Sequence[Box], strikes: Sequence[Box]) -> dict[int, list[Box]]:
    """For lines that may be struck, by their number, the strikes that run through them."""
    if not strikes or not lines:
        return {}
    left, top, right, bottom = np.array([(line.x0, line.y0, line.x1, line.y1) for line in lines]).T
    height = bottom - top
    rules = np.array([((one.y0 + one.y1) / 2, one.x0, one.x1) for one in strikes])
    at, begin, end = (rules[:, [side]] for side in range(3))
    within = (top + ZONE[0] * height <= at) & (at <= top + ZONE[1] * height)
    found: dict[int, list[Box]] = {}
    for strike, line in np.argwhere(within & (left < end) & (right > begin)).tolist():
        found.setdefault(line, []).append(strikes[strike])
    return found


def struck_runs(reader: GlyphReader, start: int, end: int, strikes: Sequence[Box]) -> list[Struck]:
    """The runs between two positions of a text that strikes run through, character by character."""
    chars = reader.inked(start, end)
    runs = [run for strike in strikes if (run := _run([box for _, box in chars], strike))]
    return [Struck(chars[first][0], chars[last][0]) for first, last in _merged(runs)]


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


def _run(chars: Sequence[Box], strike: Box) -> tuple[int, int] | None:
    """The first and the last character that a strike runs through, None if it is an underline or a rule."""
    left, right = strike.x0 - SLACK_PT, strike.x1 + SLACK_PT
    under = [at for at, box in enumerate(chars) if left <= (box.x0 + box.x1) / 2 <= right]
    if not under or under != list(range(under[0], under[-1] + 1)):
        return None
    height = max(chars[at].y1 - chars[at].y0 for at in under)
    letters = [chars[at] for at in under if chars[at].y1 - chars[at].y0 >= MIN_LETTER_SHARE * height]
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
