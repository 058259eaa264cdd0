"""Lines and ruled tables of one page; text that lies on its side is looked at as if the page were turned upright."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from qwen_batch.geometry import Placement
from qwen_batch.reading.parts.top_down import top_down
from qwen_batch.reading.readers.pdf.layout.cells import GridText, grid_text
from qwen_batch.reading.readers.pdf.layout.glyphs import turned_back, upright
from qwen_batch.reading.readers.pdf.layout.grid import edges_to_grids, has_nested_cells
from qwen_batch.reading.readers.pdf.pdfium_glyphs import MAX_GLYPHS, GlyphReader
from qwen_batch.reading.readers.pdf.pdfium_paths import page_edges
from qwen_batch.reading.readers.pdf.pdfium_seen.objects import Painted
from qwen_batch.reading.readers.pdf.pdfium_seen.page import SeenPage
from qwen_batch.reading.readers.pdf.pdfium_seen.strikes import strikes_on
from qwen_batch.reading.readers.pdf.pdfium_text import text_lines
from qwen_batch.records import Box, Line

MAX_OBLIQUE_EDGES = 8
"""A page with more slanted or curved edges is partly a drawing."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The lines of a page and what the cells of its ruled tables say, None if it is unsure which cells there are."""

    lines: tuple[Line, ...]
    grids: tuple[GridText, ...] | None
    turn: int = 0
    """By how many clockwise quarters the page was turned for its text to stand upright."""


def page_layout(seen: SeenPage, units: str, paper: Box) -> Layout:
    """The layout of what is seen of a page, in its text layer's order; `units` are those of its text."""
    rotation = seen.page.get_rotation()
    reader = GlyphReader(seen.textpage, units, seen.place, rotation)
    turn = reader.page_turn()
    if not turn:
        return _layout(seen, reader, paper)

    def place(left: float, bottom: float, right: float, top: float) -> Box:
        return upright(seen.place(left, bottom, right, top), turn)

    turned = _layout(seen, GlyphReader(seen.textpage, units, place, rotation + 90 * turn), upright(paper, turn))
    ordered = [turned.lines[at] for at in top_down([line.box for line in turned.lines])]
    return Layout(
        tuple(replace(line, box=turned_back(line.box, turn)) for line in ordered),
        None if turned.grids is None else tuple(_grid_turned_back(grid, turn) for grid in turned.grids),
        turn,
    )


def _layout(seen: SeenPage, reader: GlyphReader, paper: Box) -> Layout:
    strikes = strikes_on(seen.painted, seen.annotations.struck, reader.place)
    if not seen.drawn.grid:
        return Layout(text_lines(reader, paper, False, strikes), ())
    grids = cache(lambda: _grids(seen.own, reader, reader.place))
    lines = text_lines(reader, paper, True, strikes, lambda: [grid.box for grid in grids() or ()])
    return Layout(lines, grids())


def _grid_turned_back(grid: GridText, turn: int) -> GridText:
    return replace(grid, boxes=tuple(turned_back(box, turn) for box in grid.boxes), box=turned_back(grid.box, turn))


def _grids(painted: Sequence[Painted], reader: GlyphReader, place: Placement) -> tuple[GridText, ...] | None:
    """What the cells of the page's ruled tables say.

    None, which is unsure, if there is too much on the page, if it has slanted or curved edges as a drawing has (whose
    ends may or may not be taken for rules), or if cells lie over each other as the frames of a figure do.
    """
    edges = page_edges(painted, place)
    if edges is None or edges.oblique > MAX_OBLIQUE_EDGES or len(reader.units) > MAX_GLYPHS:
        return None
    grids = edges_to_grids(edges)
    if any(map(has_nested_cells, grids)):
        return None
    glyphs = reader.turned_glyphs(0, len(reader.units)) if grids else []
    return tuple(grid_text(grid, glyphs) for grid in grids)
