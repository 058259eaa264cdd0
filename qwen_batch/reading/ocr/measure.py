"""Measures a page image without reading it: how tall its text is, how skewed its lines are, where text is dense.

Knows no OCR engine. Works on the image reduced to about a thousand pixels, so that it costs some hundredths of a
second beside the seconds of recognition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter, ImageOps

if TYPE_CHECKING:
    from numpy.typing import NDArray

DARK_SHARE_OF_PAPER = 0.75
"""Ink is what is darker than this share of the paper around it: holds under shadows and on grey paper."""
PAPER_REDUCTION = 8
PAPER_REACH_CELLS = 9
REDUCED_SIDE_PIXELS = 1000
FULL_SIDE_PIXELS = 1600
"""Text height is measured on an image that is reduced to between this and twice this."""
MAX_SKEW_DEGREES = 16.0
USUAL_SKEW_DEGREES = 6.0
COARSE_STEP_DEGREES = 0.5
FINE_STEP_DEGREES = 0.1
MIN_SKEW_DEGREES = 0.15
"""Lines that rise or fall by less than this are left as they are: turning blurs."""
MIN_SKEW_GAIN, MIN_STEEP_GAIN = 1.02, 1.3
"""By how much rows must become clearer for a skew to be taken out, and for one that is more than usual."""
STEEP_DEGREES = 1.5
"""Lines that are steeper are levelled before their height is measured."""
DARK_PAPER = 100
"""Grey value in the middle of all below which a page's paper is dark."""
MAX_POINTS = 60_000
MIN_POINTS = 200
STRIPS = 10
"""Text height is measured in upright strips of the page: in one, a skewed line is still level."""
MIN_TEXT_HEIGHT_PIXELS = 4
MIN_ROW_INK_SHARE = 0.02
MAX_ROW_INK_SHARE = 0.8
"""A run of rows with one that is fuller is a rule or a picture."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Height of a line's ink in pixels, 0 without any, and by how many degrees lines fall to the right."""

    text_height: float
    skew: float


def measure(image: Image.Image) -> Measured:
    """Text height in pixels and skew in degrees of an image of mode "L"."""
    by = max(1, max(image.size) // FULL_SIDE_PIXELS)
    skew = _skew(_ink(_reduced(image)))
    full = image.reduce(by)
    if abs(skew) > STEEP_DEGREES:
        full = full.rotate(skew, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    return Measured(by * _text_height(_ink(full)), skew)


def on_white(image: Image.Image) -> Image.Image:
    """An image of mode "L" whose paper is the lighter: pale letters on dark paper are turned around."""
    small = np.asarray(image.resize((REDUCED_SIDE_PIXELS // 4,) * 2, Image.Resampling.BOX))
    return ImageOps.invert(image) if np.median(small) < DARK_PAPER else image


def densest_band(image: Image.Image, height: int) -> tuple[int, int]:
    """Top and bottom, in pixels, of the band of that height where rows of text and gaps alternate most."""
    if height >= image.height:
        return 0, image.height
    rows = _ink(_reduced(image)).sum(axis=1).astype(np.float64)
    by = image.height / len(rows)
    window = max(1, round(height / by))
    change = np.concatenate(([0.0], np.cumsum(np.diff(rows, prepend=0.0) ** 2)))
    top = round(by * int(np.argmax(change[window:] - change[:-window])))
    return top, min(top + height, image.height)


def _reduced(image: Image.Image) -> Image.Image:
    return image.reduce(max(1, round(max(image.size) / REDUCED_SIDE_PIXELS)))


def _ink(image: Image.Image) -> NDArray[np.bool_]:
    cells = max(1, image.width // PAPER_REDUCTION), max(1, image.height // PAPER_REDUCTION)
    paper = image.resize(cells, Image.Resampling.BOX).filter(ImageFilter.MaxFilter(PAPER_REACH_CELLS))
    paper = paper.filter(ImageFilter.BoxBlur(PAPER_REACH_CELLS // 2)).resize(image.size, Image.Resampling.BILINEAR)
    return np.asarray(image) < np.asarray(paper.point(lambda value: value * DARK_SHARE_OF_PAPER))


def _text_height(ink: NDArray[np.bool_]) -> float:
    """The median run of inked rows over all strips, each run counting by its ink for each row."""
    heights: list[int] = []
    weights: list[float] = []
    for strip in np.array_split(ink, STRIPS, axis=1):
        rows = strip.sum(axis=1)
        inked = np.concatenate(([False], rows > MIN_ROW_INK_SHARE * strip.shape[1] + 1, [False])).astype(np.int8)
        starts, ends = np.nonzero(np.diff(inked) == 1)[0], np.nonzero(np.diff(inked) == -1)[0]
        for start, end in zip(starts, ends, strict=True):
            ruled = rows[start:end].max() > MAX_ROW_INK_SHARE * strip.shape[1]
            if end - start >= MIN_TEXT_HEIGHT_PIXELS and not ruled:
                heights.append(int(end - start))
                weights.append(float(rows[start:end].mean()))
    if not heights:
        return 0.0
    order = np.argsort(heights)
    below = np.cumsum(np.asarray(weights)[order])
    return float(np.asarray(heights)[order][np.searchsorted(below, below[-1] / 2)])


def _skew(ink: NDArray[np.bool_]) -> float:
    """The angle at which the lower edges of the ink fall into the fewest rows.

    Baselines are found as in W. Postl, "Detection of linear oblique structures and skew scan in digitized documents",
    ICPR 1986: shear by each angle, project on the vertical axis, take the profile that changes most from row to row.
    """
    y, x = np.nonzero(ink[:-1] & ~ink[1:])
    if len(x) < MIN_POINTS:
        return 0.0
    step = -(-len(x) // MAX_POINTS)
    x, y = x[::step].astype(np.float32), y[::step].astype(np.float32)
    offset = ink.shape[1]

    def sharpness(angle: float) -> float:
        rows = np.bincount((y - x * np.tan(np.radians(angle))).astype(np.int64) + offset).astype(np.float64)
        return float((np.diff(rows) ** 2).sum())

    coarse = max(_angles(MAX_SKEW_DEGREES, COARSE_STEP_DEGREES), key=sharpness)
    angle = max((coarse + fine for fine in _angles(COARSE_STEP_DEGREES, FINE_STEP_DEGREES)), key=sharpness)
    gain = MIN_SKEW_GAIN if abs(angle) <= USUAL_SKEW_DEGREES else MIN_STEEP_GAIN
    clear = abs(angle) >= MIN_SKEW_DEGREES and sharpness(angle) > gain * sharpness(0.0)
    return round(angle, 2) if clear else 0.0


def _angles(limit: float, step: float) -> list[float]:
    count = round(limit / step)
    return [step * at for at in range(-count, count + 1)]
