"""One page as a reader sees it: what hides is out of its text layer, what annotations show is known."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qwen_batch.geometry import Placement, placement
from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.readers.pdf.judge import Drawn
from qwen_batch.reading.readers.pdf.keys import holds_key
from qwen_batch.reading.readers.pdf.pdfium_drawing import drawn_on
from qwen_batch.reading.readers.pdf.pdfium_seen.accents import with_accents
from qwen_batch.reading.readers.pdf.pdfium_seen.annotations import Annotations, annotations_of
from qwen_batch.reading.readers.pdf.pdfium_seen.appearances import with_appearances
from qwen_batch.reading.readers.pdf.pdfium_seen.calls import page_object
from qwen_batch.reading.readers.pdf.pdfium_seen.fonts import Judged, fonts_in_doubt, with_symbols
from qwen_batch.reading.readers.pdf.pdfium_seen.hidden import Hidden, hide, masked
from qwen_batch.reading.readers.pdf.pdfium_seen.objects import TEXT, Painted, painted_on
from qwen_batch.reading.readers.pdf.pdfium_seen.placing import Kind, Placed, with_placed
from qwen_batch.records import Box, HiddenText, Line, Word

DAMAGED = "The PDF is damaged and cannot be opened: open it in a viewer and save it anew."
LAYER_KEY = b"/OCGs"
"""Stands in the catalog of a document with layers (PDF 1.7, 8.11.4)."""
PLACES: dict[str, Kind] = {"value": "value", "choice": "value", "box": "box", "look": "value", "stamp": "block"}

logging.getLogger("pypdfium2").setLevel(logging.ERROR)  # it warns of every XFA form that is opened


class PdfDocument(pdfium.PdfDocument):  # type: ignore[misc]
    """A document whose forms are ready to be drawn and asked from the first page on that shows a field.

    pdfium walks the whole tree of fields then, which in a hostile file doubles with each of its levels.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path
        self.judged_fonts = Judged()

    @cached_property
    def has_layers(self) -> bool:
        """Whether there may be layers that can be switched off."""
        return holds_key(self.path, LAYER_KEY)


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page whose hidden objects are switched off.

    `drawn` is what was drawn on it without its annotations: the first `own_count` objects of the page.
    """

    page: pdfium.PdfPage
    textpage: pdfium.PdfTextPage
    place: Placement
    painted: Sequence[Painted]
    annotations: Annotations
    hidden: Hidden
    drawn: Drawn
    own_count: int | None = None

    @property
    def own(self) -> Sequence[Painted]:
        """What is painted on the page itself, without the appearances of annotations."""
        if self.own_count is None:
            return self.painted
        return [one for one in self.painted if one.top < self.own_count]

    def units(self, units: str) -> str:
        """The units of the text layer without the characters that nobody sees, symbols as what they show."""
        units = with_accents(self.textpage, with_symbols(self.textpage, units))
        return masked(units, self.textpage, self.hidden.chars)

    def is_doubtful(self, units: str) -> bool:
        """Whether a font of the page shows other characters than the text layer says."""
        document = self.page.pdf
        return fonts_in_doubt(document, self.textpage, self.painted, units, document.judged_fonts)

    def lines(self, lines: Sequence[Line], words: Callable[[Box], Sequence[Word]]) -> tuple[Line, ...]:
        """The lines of the text layer with what annotations say among them."""
        pieces = [
            Placed(PLACES[one.kind], one.text, self.place(*one.bounds))
            for one in self.annotations.shown
            if one.kind in PLACES and one.text
        ]
        placed = with_placed(lines, pieces, words) if pieces else tuple(lines)
        notes = [
            Line(one.text, self.place(*one.bounds), kind="text") for one in self.annotations.shown if one.kind == "note"
        ]
        return (*placed, *notes)

    def unseen(self) -> tuple[HiddenText, ...]:
        """All that is on the page and shown to nobody."""
        return (*self.annotations.hidden, *self.hidden.pieces)


@contextmanager
def loaded(document: PdfDocument, number: int) -> Iterator[pdfium.PdfPage]:
    """One page, closed afterwards. Raises Unreadable: damaged."""
    try:
        page = document[number - 1]
        if document.formenv is None and _has_field(page):
            page.close()
            document.init_forms()
            page = document[number - 1]
    except (pdfium.PdfiumError, IndexError):
        raise Unreadable("damaged", DAMAGED, number) from None
    try:
        yield page
    finally:
        page.close()


def _has_field(page: pdfium.PdfPage) -> bool:
    for index in range(max(0, pdfium_c.FPDFPage_GetAnnotCount(page))):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, index)
        kind = pdfium_c.FPDFAnnot_GetSubtype(annotation)
        pdfium_c.FPDFPage_CloseAnnot(annotation)
        if kind == pdfium_c.FPDF_ANNOT_WIDGET:
            return True
    return False


@contextmanager
def seen_page(document: PdfDocument, number: int, *, with_looks: bool = False) -> Iterator[SeenPage]:
    """One page with what a reader sees of it. Raises Unreadable: damaged.

    `with_looks` leaves the words of appearances in the text layer, where their boxes are asked for.
    """
    with loaded(document, number) as page:
        annotations = annotations_of(document, page, number, layers=document.has_layers)
        painted = painted_on(page)
        drawn = drawn_on(painted, page.get_bbox())
        if not annotations.drawn:
            yield _seen(document, page, annotations, drawn, painted)
            return
        count = pdfium_c.FPDFPage_CountObjects(page)
        pdfium_c.FPDFPage_Flatten(page, pdfium_c.FLAT_NORMALDISPLAY)
    with loaded(document, number) as page:
        painted = painted_on(page)
        texts = {one.at for one in painted if one.top >= count and one.kind == TEXT}
        if texts:
            shown = with_appearances(annotations.shown, page.get_textpage(), texts)
            annotations = replace(annotations, shown=tuple(shown))
        for text in () if with_looks else texts:
            pdfium_c.FPDFPageObj_SetIsActive(page_object(text), False)
        painted = [one for one in painted if one.kind != TEXT or one.at not in texts]
        yield replace(_seen(document, page, annotations, drawn, painted), own_count=count)


def _seen(
    document: PdfDocument,
    page: pdfium.PdfPage,
    annotations: Annotations,
    drawn: Drawn,
    painted: Sequence[Painted],
) -> SeenPage:
    textpage = page.get_textpage()
    place = placement(page.get_bbox(), page.get_rotation())
    hidden = hide(page, textpage, painted, place, layers=document.has_layers)
    if hidden.switched_off:
        textpage = page.get_textpage()
    return SeenPage(page, textpage, place, painted, annotations, hidden, drawn)
