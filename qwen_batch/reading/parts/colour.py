"""Where a page image has coloured ink, and what it looks like without it: knows neither readers nor OCR.

A stamp across a line makes one dark heap of both once colour goes. The lightest of the three channels shows a stamp of
red, blue or green as pale as paper, and black letters under it as they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops

if TYPE_CHECKING:
    from collections.abc import Sequence

REDUCTION = 4
MIN_SATURATION = 60
"""Difference between the largest and the smallest channel, of 255, from which on a pixel is coloured."""
COLOURED_SHARE = (0.0003, 0.25)
"""A page with less is grey with noise; one with more is a photograph, or on coloured paper."""


def without_idle_colour(image: Image.Image) -> Image.Image:
    """The image as grey values, unless it has some coloured ink: then as it is."""
    if image.mode != "RGB":
        return image.convert("L")
    small = image.reduce(REDUCTION) if min(image.size) >= REDUCTION else image
    coloured = coloured_ink(small).histogram()[255] / (small.width * small.height)
    low, high = COLOURED_SHARE
    return image if low <= coloured <= high else image.convert("L")


def coloured_ink(image: Image.Image) -> Image.Image:
    """A mask of mode "L": 255 where an image of mode "RGB" is coloured, else 0."""
    spread = ImageChops.subtract(lightest_channel(image), _folded(image.split(), darkest=True))
    return spread.point(lambda value: 255 if value >= MIN_SATURATION else 0)


def lightest_channel(image: Image.Image) -> Image.Image:
    """An image of mode "RGB" as grey values in which coloured ink is nearly white."""
    return _folded(image.split(), darkest=False)


def _folded(channels: Sequence[Image.Image], *, darkest: bool) -> Image.Image:
    first, *others = channels
    for other in others:
        first = ImageChops.darker(first, other) if darkest else ImageChops.lighter(first, other)
    return first
