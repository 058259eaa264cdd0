"""Opening documents and pages, and what one page gives: its layer, its image, the words in some boxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium
from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.readers.pdf.judge import Drawn
from qwen_batch.reading.readers.pdf.layout.cells import GridText
from qwen_batch.reading.readers.pdf.pdfium_layout import page_layout
from qwen_batch.reading.readers.pdf.pdfium_seen.page import DAMAGED, PdfDocument, seen_page
from qwen_batch.reading.readers.pdf.pdfium_text import text_units, unmapped_glyphs, words_inside
from qwen_batch.records import Box, HiddenText, Line, Word

POINTS_PER_INCH = 72
NO_PDF = b"no PDF"
_ENCRYPTED = "The PDF needs a password: save a copy without one."
_PASSWORD_ERRORS = {FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY}


@dataclass(frozen=True, slots=True)
class PageLayer:
    """What one page holds, before it is judged; `unmapped` counts the glyphs without a Unicode value.

    `text` is that of its text layer, without what annotations say; `doubtful` says that a font of it
    shows other characters than its map tells. `grids` is what the cells of its ruled tables say; None if it is unsure
    which cells there are.
    """

    width: float
    height: float
    lines: tuple[Line, ...]
    unmapped: int
    drawn: Drawn
    grids: tuple[GridText, ...] | None = ()
    text: str = ""
    hidden: tuple[HiddenText, ...] = ()
    doubtful: bool = False
    turn: int = 0
    files: int = 0
    """Files that are pinned to the page."""


@contextmanager
def opened(path: Path) -> Iterator[PdfDocument]:
    """A document with at least one page, closed afterwards. Raises Unreadable: damaged, encrypted."""
    try:
        document = PdfDocument(path)
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


def page_layer(document: PdfDocument, number: int) -> PageLayer:
    """The lines of one page in pdfium's order and what is drawn on it. Raises Unreadable: damaged."""
    try:
        with seen_page(document, number) as seen:
            width, height = seen.page.get_size()
            textpage, place = seen.textpage, seen.place
            all_units = text_units(textpage)
            units = seen.units(all_units)
            layout = page_layout(seen, units, Box(0, 0, width, height))
            return PageLayer(
                width,
                height,
                seen.lines(layout.lines, lambda box: words_inside(textpage, place, [box], units)[0]),
                unmapped_glyphs(textpage, all_units),
                seen.drawn,
                layout.grids,
                "\n".join(line.text for line in layout.lines),
                seen.unseen(),
                seen.is_doubtful(all_units),
                layout.turn,
                seen.annotations.files,
            )
    except pdfium.PdfiumError:
        raise Unreadable("damaged", DAMAGED, number) from None


def words_of(path: Path, wanted: Mapping[int, Sequence[Box]]) -> dict[int, list[tuple[Word, ...]]]:
    """The words inside some boxes of some pages, in reading order, with their own boxes: a tuple for each box.

    The document is opened once and each page loaded once. Raises Unreadable.
    """
    found: dict[int, list[tuple[Word, ...]]] = {}
    with opened(path) as document:
        for number, boxes in wanted.items():
            if number > len(document):  # a page of an attached file
                found[number] = [() for _ in boxes]
                continue
            with seen_page(document, number, with_looks=True) as seen:
                units = seen.units(text_units(seen.textpage))
                found[number] = words_inside(seen.textpage, seen.place, boxes, units)
    return found
