"""Glyphs into the cells of grids: which glyph stands in which cell, and what a cell says."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from qwen_batch.geometry import centre_inside, outline
from qwen_batch.reading.readers.pdf.layout.glyphs import (
    RIGHT_TO_LEFT,
    Glyph,
    given_text,
    glyphs_to_rows,
    glyphs_to_text,
    row_texts,
)
from qwen_batch.reading.readers.pdf.layout.grid import Grid
from qwen_batch.reading.readers.pdf.layout.marks import marked_text
from qwen_batch.records import Box


@dataclass(frozen=True, slots=True)
class GridText:
    """What the cells of a grid say, row by row; the boxes of the rows and of the whole."""

    rows: tuple[tuple[str, ...], ...]
    boxes: tuple[Box, ...]
    box: Box


def grid_text(grid: Grid, glyphs: Sequence[Glyph]) -> GridText:
    """The text of each cell, of a cell that is none as "". Each glyph stands in the cell that holds its middle."""
    tops = [row.box.y0 for row in grid.rows]
    held: dict[tuple[int, int], list[list[Glyph]]] = defaultdict(list)
    before: tuple[int, int] | None = None
    for glyph in glyphs:
        at = _place(grid, tops, glyph) if centre_inside(glyph.box, grid.box) else None
        if at is not None and (at != before or not held[at]):
            held[at].append([])
        if at is not None:
            held[at][-1].append(glyph)
        before = at
    rows = tuple(
        tuple(_cell_text(held[row, column]) if (row, column) in held else "" for column in range(len(cells.cells)))
        for row, cells in enumerate(grid.rows)
    )
    return GridText(rows, tuple(row.box for row in grid.rows), grid.box)


def _place(grid: Grid, tops: Sequence[float], glyph: Glyph) -> tuple[int, int] | None:
    """Row and column of the cell that holds a glyph; a cell may reach down over the rows below its own."""
    middle_y = (glyph.box.y0 + glyph.box.y1) / 2
    for row in range(bisect_right(tops, middle_y) - 1, -1, -1):
        for column, cell in enumerate(grid.rows[row].cells):
            if cell is not None and centre_inside(glyph.box, cell):
                return row, column
    return None


def _cell_text(pieces: list[list[Glyph]]) -> str:
    """The text of one cell. Its pieces are in the file's order, which is kept unless it runs upwards or leftwards."""
    glyphs = [glyph for piece in pieces for glyph in piece]
    turns = {glyph.turn for glyph in glyphs}
    if turns != {0}:
        return " ".join(
            text
            for turn in sorted(turns)
            for text, _ in row_texts([glyph for glyph in glyphs if glyph.turn == turn], turn)
        )
    leftwards = any(RIGHT_TO_LEFT.match(glyph.text) for glyph in glyphs)
    lines = [_Piece(line, outline([glyph.box for glyph in line])) for line in _lines(pieces, leftwards)]
    if not leftwards and any(_is_before(two.box, one.box) for one, two in pairwise(lines)):
        return " ".join(map(glyphs_to_text, glyphs_to_rows(glyphs)))
    return " ".join(marked_text(line.glyphs) or given_text(line.glyphs) for line in lines)


@dataclass(frozen=True, slots=True)
class _Piece:
    glyphs: list[Glyph]
    box: Box


def _lines(pieces: list[list[Glyph]], leftwards: bool) -> list[list[Glyph]]:
    """Pieces cut where the next glyph stands below, above or, unless text runs that way, left of the one before."""
    lines: list[list[Glyph]] = []
    for piece in pieces:
        lines.append([piece[0]])
        for before, glyph in pairwise(piece):
            level = before.box.y0 < (glyph.box.y0 + glyph.box.y1) / 2 < before.box.y1
            if level and (leftwards or glyph.box.x0 >= before.box.x0):
                lines[-1].append(glyph)
            else:
                lines.append([glyph])
    return lines


def _is_before(two: Box, one: Box) -> bool:
    """Whether what comes later stands above what came before, or left of it in the same row."""
    middle = (two.y0 + two.y1) / 2
    return middle < one.y0 or (middle < one.y1 and two.x1 <= one.x0)
