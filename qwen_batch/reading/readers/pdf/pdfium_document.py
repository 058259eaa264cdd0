"""Opening documents and pages, and what one page gives: its layer, its image, the words in some boxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pypdfium2 as pdfium
from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

from qwen_batch.geometry import Placement, placement
from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.parts.top_down import top_down
from qwen_batch.reading.readers.pdf.judge import Drawn
from qwen_batch.reading.readers.pdf.layout.cells import GridText, grid_text
from qwen_batch.reading.readers.pdf.layout.glyphs import turned_back, upright
from qwen_batch.reading.readers.pdf.layout.grid import edges_to_grids, has_nested_cells
from qwen_batch.reading.readers.pdf.pdfium_drawing import drawn_on
from qwen_batch.reading.readers.pdf.pdfium_glyphs import MAX_GLYPHS, GlyphReader
from qwen_batch.reading.readers.pdf.pdfium_paths import page_edges
from qwen_batch.reading.readers.pdf.pdfium_text import text_lines, text_units, unmapped_glyphs, words_inside
from qwen_batch.records import Box, Line, Word

POINTS_PER_INCH = 72
NO_PDF = b"no PDF"
MAX_OBLIQUE_EDGES = 8
"""A page with more slanted or curved edges is partly a drawing."""
DAMAGED = "The PDF is damaged and cannot be opened: open it in a viewer and save it anew."
_ENCRYPTED = "The PDF needs a password: save a copy without one."
_PASSWORD_ERRORS = {FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY}

PdfDocument = pdfium.PdfDocument


@dataclass(frozen=True, slots=True)
class PageLayer:
    """What one page holds, before it is judged; `unmapped` counts the glyphs without a Unicode value.

    `grids` is what the cells of its ruled tables say; None if it is unsure which cells there are.
    """

    width: float
    height: float
    lines: tuple[Line, ...]
    unmapped: int
    drawn: Drawn
    grids: tuple[GridText, ...] | None = ()


@contextmanager
def opened(path: Path) -> Iterator[pdfium.PdfDocument]:
    """A document with at least one page, closed afterwards. Raises Unreadable: damaged, encrypted."""
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError:
        raise _unreadable(path) from None
    try:
        if len(document) == 0:
            raise Unreadable("damaged", "The PDF has no pages: open it in a viewer and save it anew.")
        yield document
    finally:
        document.close()


def _unreadable(path: Path) -> Unreadable:
    """Why a document does not open. If pdfium has no error for it, it leaves that of another document standing."""
    with suppress(pdfium.PdfiumError):
        pdfium.PdfDocument(NO_PDF)
    try:
        pdfium.PdfDocument(path).close()
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in _PASSWORD_ERRORS:
            return Unreadable("encrypted", _ENCRYPTED)
    return Unreadable("damaged", DAMAGED)


@contextmanager
def loaded(document: pdfium.PdfDocument, number: int) -> Iterator[pdfium.PdfPage]:
    """One page, closed afterwards. Raises Unreadable: damaged."""
    try:
        page = document[number - 1]
    except (pdfium.PdfiumError, IndexError):
        raise Unreadable("damaged", DAMAGED, number) from None
    try:
        yield page
    finally:
        page.close()


def page_layer(document: pdfium.PdfDocument, number: int) -> PageLayer:
    """The lines of one page in pdfium's order and what is drawn on it. Raises Unreadable: damaged."""
    with loaded(document, number) as page:
        try:
            width, height = page.get_size()
            textpage = page.get_textpage()
            units = text_units(textpage)
            drawn = drawn_on(page)
            layout = _layout(page, textpage, units, Box(0, 0, width, height), drawn)
            return PageLayer(width, height, layout.lines, unmapped_glyphs(textpage, units), drawn, layout.grids)
        except pdfium.PdfiumError:
            raise Unreadable("damaged", DAMAGED, number) from None


@dataclass(frozen=True, slots=True)
class _Layout:
    lines: tuple[Line, ...]
    grids: tuple[GridText, ...] | None


def _layout(page: pdfium.PdfPage, textpage: pdfium.PdfTextPage, units: str, paper: Box, drawn: Drawn) -> _Layout:
    """Lines and ruled tables. A page whose text lies on its side is looked at as if it were turned upright."""
    rotation = page.get_rotation()
    displayed = placement(page.get_bbox(), rotation)
    reader = GlyphReader(textpage, units, displayed, rotation)
    turn = reader.page_turn()
    if not turn:
        grids = _grids(page, reader, displayed) if drawn.grid else ()
        return _Layout(text_lines(reader, paper, drawn.grid), grids)

    def place(left: float, bottom: float, right: float, top: float) -> Box:
        return upright(displayed(left, bottom, right, top), turn)

    reader = GlyphReader(textpage, units, place, rotation + 90 * turn)
    grids = _grids(page, reader, place) if drawn.grid else ()
    lines = text_lines(reader, upright(paper, turn), drawn.grid)
    ordered = [lines[at] for at in top_down([line.box for line in lines])]
    return _Layout(
        tuple(replace(line, box=turned_back(line.box, turn)) for line in ordered),
        None if grids is None else tuple(_grid_turned_back(grid, turn) for grid in grids),
    )


def _grid_turned_back(grid: GridText, turn: int) -> GridText:
    return replace(grid, boxes=tuple(turned_back(box, turn) for box in grid.boxes), box=turned_back(grid.box, turn))


def _grids(page: pdfium.PdfPage, reader: GlyphReader, place: Placement) -> tuple[GridText, ...] | None:
    """What the cells of the page's ruled tables say.

    None, which is unsure, if there is too much on the page, if it has slanted or curved edges as a drawing has (whose
    ends may or may not be taken for rules), or if cells lie over each other as the frames of a figure do.
    """
    edges = page_edges(page, place)
    if edges is None or edges.oblique > MAX_OBLIQUE_EDGES or len(reader.units) > MAX_GLYPHS:
        return None
    grids = edges_to_grids(edges)
    if any(map(has_nested_cells, grids)):
        return None
    glyphs = reader.turned_glyphs(0, len(reader.units)) if grids else []
    return tuple(grid_text(grid, glyphs) for grid in grids)


def words_of(path: Path, wanted: Mapping[int, Sequence[Box]]) -> dict[int, list[tuple[Word, ...]]]:
    """The words inside some boxes of some pages, in reading order, with their own boxes: a tuple for each box.

    The document is opened once and each page loaded once. Raises Unreadable.
    """
    found = {}
    with opened(path) as document:
        for number, boxes in wanted.items():
            with loaded(document, number) as page:
                place = placement(page.get_bbox(), page.get_rotation())
                found[number] = words_inside(page.get_textpage(), place, boxes)
    return found
