"""Boxes on a page: from a PDF's own space to the displayed page, and how they lie to each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qwen_batch.records import Box

Placement = Callable[[float, float, float, float], Box]
"""Turns left, bottom, right, top of the PDF's own space (points, y upwards) into a Box on the page."""


def placement(crop: tuple[float, float, float, float], rotation: int) -> Placement:
    """For a page that shows `crop` (left, bottom, right, top), turned clockwise by 0, 90, 180 or 270 degrees."""
    x_min, y_min, x_max, y_max = crop
    by_rotation: dict[int, Placement] = {
        0: lambda x0, y0, x1, y1: Box(x0 - x_min, y_max - y1, x1 - x_min, y_max - y0),
        90: lambda x0, y0, x1, y1: Box(y0 - y_min, x0 - x_min, y1 - y_min, x1 - x_min),
        180: lambda x0, y0, x1, y1: Box(x_max - x1, y0 - y_min, x_max - x0, y1 - y_min),
        270: lambda x0, y0, x1, y1: Box(y_max - y1, x_max - x1, y_max - y0, x_max - x0),
    }
    return by_rotation[rotation]


def centre_inside(inner: Box, outer: Box) -> bool:
    """Whether the middle of one box lies in the other."""
    return outer.x0 <= (inner.x0 + inner.x1) / 2 <= outer.x1 and outer.y0 <= (inner.y0 + inner.y1) / 2 <= outer.y1


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes share any area, or touch along a line."""
    return one.x0 <= other.x1 and one.x1 >= other.x0 and one.y0 <= other.y1 and one.y1 >= other.y0


def outline(boxes: Sequence[Box]) -> Box:
    """The smallest box around some boxes, at least one."""
    first = boxes[0]
    x0, y0, x1, y1 = first.x0, first.y0, first.x1, first.y1
    for box in boxes[1:]:  # four generators take three times as long, and every line of a document comes by
        x0, y0, x1, y1 = min(x0, box.x0), min(y0, box.y0), max(x1, box.x1), max(y1, box.y1)
    return first if len(boxes) == 1 else Box(x0, y0, x1, y1)
