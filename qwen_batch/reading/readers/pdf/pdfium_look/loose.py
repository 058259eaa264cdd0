"""What of one page no text line says: the page is drawn, and its lines are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from qwen_batch.reading.readers.pdf.judge import Loose
from qwen_batch.reading.readers.pdf.pdfium_document import POINTS_PER_INCH
from qwen_batch.reading.readers.pdf.pdfium_seen.page import PdfDocument, loaded
from qwen_batch.records import Line

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOOK_DPI = 100
MIN_EDGE_CONTRAST = 48
"""Grey values between neighbouring pixels, of 255, from which on there is an edge."""
STRIP_PIXELS = 100
"""Lines of type are looked for in upright strips so wide: lines of columns and of tables lie apart there."""
MIN_ROW_EDGES = 3
LINE_ROWS = (5, 32)
"""Height of a line of type at LOOK_DPI, 3.6 to 23 pt; a photograph has no blank row for longer."""
MIN_LINE_EDGES = 8.0
"""Sharp edges in a row of type, of STRIP_PIXELS pixels: three letters have as many."""


def loose_ink(document: PdfDocument, number: int, lines: Sequence[Line]) -> Loose:
    """What a page's picture at LOOK_DPI shows beside its text lines."""
    with loaded(document, number) as page:
        pixels = page.render(scale=LOOK_DPI / POINTS_PER_INCH, grayscale=True).to_numpy().squeeze()
    edges = np.abs(np.diff(pixels.astype(np.int16), axis=1)) > MIN_EDGE_CONTRAST
    total = int(edges.sum())
    scale = LOOK_DPI / POINTS_PER_INCH
    for line in lines:
        box = line.box
        left, top, right, bottom = (
            round(box.x0 * scale),
            round(box.y0 * scale),
            round(box.x1 * scale),
            round(box.y1 * scale),
        )
        edges[max(top - 2, 0) : max(bottom + 3, 0), max(left - 3, 0) : max(right + 3, 0)] = False
    loose = int(edges.sum())
    if not loose:
        return Loose(0.0, 0.0, 0, (0, 0, 0, 0))
    down, across = np.nonzero(edges.any(axis=1))[0], np.nonzero(edges.any(axis=0))[0]
    left, top, right, bottom = (int(at) * 8 // LOOK_DPI for at in (across[0], down[0], across[-1], down[-1]))
    return Loose(loose / total, loose / edges.size, _line_pieces(edges), (left, top, right, bottom))


def _line_pieces(edges: NDArray[np.bool_]) -> int:
    """How often, in strips of the page, some rows with many edges lie between rows with hardly any."""
    pieces = 0
    for left in range(0, edges.shape[1], STRIP_PIXELS):
        rows = edges[:, left : left + STRIP_PIXELS].sum(axis=1)
        inked = np.concatenate(([False], rows >= MIN_ROW_EDGES, [False])).astype(np.int8)
        starts, ends = np.nonzero(np.diff(inked) == 1)[0], np.nonzero(np.diff(inked) == -1)[0]
        for start, end in zip(starts, ends, strict=True):
            if LINE_ROWS[0] <= end - start <= LINE_ROWS[1] and rows[start:end].mean() >= MIN_LINE_EDGES:
                pieces += 1
    return pieces
