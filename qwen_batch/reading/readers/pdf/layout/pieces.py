"""Pieces of a page's text: what a line is before it is one, with a way to its glyphs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from qwen_batch.geometry import centre_inside, outline
from qwen_batch.reading.readers.pdf.layout.glyphs import Glyph
from qwen_batch.records import Box, Line

EDGE_SLACK_PT = 1.0


@dataclass(frozen=True)
class Piece:
    """Characters [start, end) of the page's text, as text, and the boxes of its runs in the order of the file.

    A piece without characters of its own (`start` equals `end`) has been put together and is not looked at again.
    """

    text: str
    boxes: tuple[Box, ...]
    start: int = 0
    end: int = 0
    table: bool = False

    @cached_property
    def box(self) -> Box:
        """The box around all runs."""
        return outline(self.boxes)

    @property
    def height(self) -> float:
        """In points."""
        return self.box.y1 - self.box.y0

    @property
    def middle(self) -> float:
        """The height of its vertical middle on the page."""
        return (self.box.y0 + self.box.y1) / 2

    @property
    def whole(self) -> bool:
        """Whether its characters can still be looked at."""
        return self.end > self.start

    def line(self) -> Line:
        """The line that it becomes."""
        return Line(self.text, self.box, kind="table" if self.table else "text")


@dataclass(frozen=True, slots=True)
class PageText:
    """A way to the characters of a page: `glyphs`, `text` and `places`, boxes by position, of a range of positions."""

    glyphs: Callable[[int, int], list[Glyph]]
    text: Callable[[int, int], str]
    places: Callable[[int, int], list[tuple[int, Box]]]

    def of(self, piece: Piece) -> list[Glyph]:
        """The glyphs of one piece."""
        return self.glyphs(piece.start, piece.end)

    def cut(self, piece: Piece, xs: Sequence[float]) -> list[Piece | None]:
        """A piece cut at some places from left to right: what stands in each part, None where nothing does."""
        places = self.places(piece.start, piece.end)
        parts: list[Piece | None] = []
        edges = (float("-inf"), *xs, float("inf"))
        for left, right in pairwise(edges):
            inside = [place for place in places if left <= (place[1].x0 + place[1].x1) / 2 < right]
            if not inside:
                parts.append(None)
                continue
            start, end = inside[0][0], inside[-1][0] + 1
            around = Box(left, piece.box.y0 - 1, right, piece.box.y1 + 1)
            boxes = tuple(box for box in piece.boxes if centre_inside(box, around))
            within = tuple(_clipped(box, left, right) for box in boxes) or (outline([box for _, box in inside]),)
            parts.append(replace(piece, text=self.text(start, end), boxes=within, start=start, end=end))
        return parts


def _clipped(box: Box, left: float, right: float) -> Box:
    return Box(max(box.x0, left), box.y0, min(box.x1, right), box.y1)


def gaps(piece: Piece, least: float) -> Iterator[tuple[float, float]]:
    """Places between runs, from left to right, that are at least so wide; none if the runs go back and forth."""
    right = piece.boxes[0].x1
    for box in piece.boxes[1:]:
        if box.x0 - right >= least:
            yield right, box.x0
        right = max(right, box.x1)
