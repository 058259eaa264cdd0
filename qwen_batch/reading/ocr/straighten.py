"""Turns, straightens and scales a page image for recognition, and takes boxes back to where they came from.

Three frames: the image that the engine sees, in pixels; the level page (turned upright, lines level), in points; the
page as it is displayed, in points. Knows no OCR engine and measures nothing itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from PIL import Image

from qwen_batch.geometry import outline
from qwen_batch.records import Box

Rotation = Literal[0, 90, 180, 270]
TURNS: dict[Rotation, Image.Transpose] = {
    90: Image.Transpose.ROTATE_270,  # Pillow counts counter-clockwise
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
PAPER_WHITE = 255
UNCHANGED_SCALES = (0.75, 1.2)
"""An image that is so near to the size wanted is not resampled: that costs figures in tables."""


@dataclass(frozen=True, slots=True)
class Pose:
    """What was done to a page image: turned clockwise by `rotation`, then `skew` degrees taken out, then scaled.

    `width` and `height` are the turned image's before scaling, in pixels; `points` is the length of such a pixel.
    `left` and `top` are how many pixels the levelled image has more on these sides, so that no corner is cut off.
    """

    rotation: Rotation
    skew: float
    scale: float
    width: int
    height: int
    points: float
    left: float = 0.0
    top: float = 0.0


def turned(image: Image.Image, rotation: Rotation) -> Image.Image:
    """The image turned clockwise."""
    return image.transpose(TURNS[rotation]) if rotation else image


def straightened(
    image: Image.Image, rotation: Rotation, skew: float, scale: float, points: float
) -> tuple[Image.Image, Pose]:
    """An already turned image without its skew, and scaled; `rotation` is what it was turned by."""
    pose = Pose(rotation, skew, 1.0, image.width, image.height, points)
    if not UNCHANGED_SCALES[0] <= scale <= UNCHANGED_SCALES[1]:
        pose = replace(pose, scale=scale)
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        image = image.resize(size, Image.Resampling.LANCZOS if scale > 1 else Image.Resampling.BOX)
    if skew:
        width, height = image.size
        image = image.rotate(skew, Image.Resampling.BICUBIC, expand=True, fillcolor=PAPER_WHITE)
        pose = replace(pose, left=(image.width - width) / 2, top=(image.height - height) / 2)
    return image, pose


def to_level(box: Box, pose: Pose) -> Box:
    """From the engine's pixels to the level page in points."""
    factor = pose.points / pose.scale
    left, top = pose.left, pose.top
    return Box((box.x0 - left) * factor, (box.y0 - top) * factor, (box.x1 - left) * factor, (box.y1 - top) * factor)


def to_displayed(box: Box, pose: Pose) -> Box:
    """From the level page to the page as displayed, both in points: the box around the four corners."""
    corners = ((box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1))
    points = [_to_displayed(x, y, pose) for x, y in corners]
    return outline([Box(x, y, x, y) for x, y in points])


def _to_displayed(x: float, y: float, pose: Pose) -> tuple[float, float]:
    width, height = pose.width * pose.points, pose.height * pose.points
    sine, cosine = math.sin(math.radians(pose.skew)), math.cos(math.radians(pose.skew))
    right, down = x - width / 2, y - height / 2
    x, y = width / 2 + right * cosine - down * sine, height / 2 + right * sine + down * cosine
    back = {0: (x, y), 90: (y, width - x), 180: (width - x, height - y), 270: (height - y, x)}
    return back[pose.rotation]
