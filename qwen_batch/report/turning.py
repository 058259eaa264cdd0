"""Boxes of a page as it is displayed, on the page as it was turned so that its words stand upright."""

from __future__ import annotations

from dataclasses import dataclass

from qwen_batch.records import Box

RIGHT, OVER, LEFT = 90, 180, 270


@dataclass(frozen=True, slots=True)
class Turn:
    """A page of `width` by `height` points that is turned clockwise by `degrees`: 0, 90, 180 or 270."""

    width: float
    height: float
    degrees: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height after it."""
        return (self.height, self.width) if self.degrees in {RIGHT, LEFT} else (self.width, self.height)

    def box(self, box: Box) -> Box:
        """Where a box stands after it."""
        if self.degrees == RIGHT:
            return Box(self.height - box.y1, box.x0, self.height - box.y0, box.x1)
        if self.degrees == OVER:
            return Box(self.width - box.x1, self.height - box.y1, self.width - box.x0, self.height - box.y0)
        if self.degrees == LEFT:
            return Box(box.y0, self.width - box.x1, box.y1, self.width - box.x0)
        return box
