"""The lines at the top and at the bottom of pages, in which running headers, footers and page numbers stand.

Knows rows, places and spellings; what a line is, others decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from qwen_batch.reading.clean.page_numbers import number_key, plain_text
from qwen_batch.records import Line, Page

Zone = Literal["header", "footer"]
Reason = Literal["header", "footer", "page_number", "watermark", "line_number", "caption"]

EDGE_ROWS = 5
"""Rows from the top and the bottom of a page's text that are looked at: a footer may stand high on the paper."""
LEAST_OUTER_ROWS = 2
"""Rows at an edge of a page with few rows: a third of them, and so many at least. What lies between is its body."""
EDGE_LINES_WITHOUT_BOXES = 3


@dataclass(frozen=True, slots=True)
class LineAt:
    """Which line: indices, from 0, of the page and of the line on it."""

    page: int
    line: int


@dataclass(frozen=True, slots=True)
class EdgeLine:
    """A line near an edge; `row` counts from that edge.

    `place` is the distance of its middle from the top of the page in points, None without boxes, `left` that of its
    left edge, `paper` the page's height; `inner` says that it may be of the body, as its page has few rows; `plain` is
    the text in one spelling, `key` the same with every number as "#".
    """

    at: LineAt
    zone: Zone
    row: int
    place: float | None
    left: float
    plain: str
    key: str
    ocr: bool
    paper: float
    inner: bool


def edge_lines(index: int, page: Page) -> Iterator[EdgeLine]:
    """The lines in the outermost rows of the page with this index, those of the top first; tables have none."""
    lines = [(at, line) for at, line in enumerate(page.lines) if line.text.strip() and line.kind == "text"]
    placed = bool(lines) and page.height > 0 and any(line.box.y1 > line.box.y0 for _, line in lines)
    rows = list(rows_of(lines)) if placed else [[pair] for pair in lines]
    depth = EDGE_ROWS if placed else min(EDGE_LINES_WITHOUT_BOXES, len(rows) // 2)
    outer = max(LEAST_OUTER_ROWS, len(rows) // 3)
    zones: tuple[tuple[Zone, list[list[tuple[int, Line]]]], ...] = (
        ("header", rows[:depth]),
        ("footer", rows[::-1][:depth]),
    )
    for zone, ordered in zones:
        for row, members in enumerate(ordered):
            for at, line in members:
                plain = plain_text(line.text)
                place = (line.box.y0 + line.box.y1) / 2 if placed else None
                where = LineAt(index, at), zone, row, place, line.box.x0
                yield EdgeLine(*where, plain, number_key(plain), page.ocr_done, page.height, row >= outer)


def mostly_outer(edges: Sequence[EdgeLine]) -> bool:
    """Whether most of these lines stand clear of their pages' bodies."""
    return 2 * sum(not edge.inner for edge in edges) >= len(edges)


def rows_of(lines: Sequence[tuple[int, Line]]) -> Iterator[list[tuple[int, Line]]]:
    """Lines side by side, from the top of the page to its bottom."""
    row: list[tuple[int, Line]] = []
    for pair in sorted(lines, key=lambda pair: pair[1].box.y0 + pair[1].box.y1):
        box = pair[1].box
        if row and (box.y0 + box.y1) / 2 > row[0][1].box.y1:
            yield row
            row = []
        row.append(pair)
    if row:
        yield row
