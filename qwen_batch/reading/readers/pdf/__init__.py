"""Reads PDF files: text lines with boxes, why a page needs OCR, ruled tables, page images.

Only strings the parts together: pdfium is spoken to in `_pdfium`, what the text layer is worth is decided in
`_judge`, ruled tables are found in `_tables`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.reader import Reader, Unreadable, check_page_count
from qwen_batch.reading.readers.pdf.judge import ocr_reason, reason_by_look, wants_look
from qwen_batch.reading.readers.pdf.packed import packed_image, with_packed
from qwen_batch.reading.readers.pdf.pdfium import (
    DAMAGED,
    PdfDocument,
    loose_ink,
    opened,
    page_image,
    page_layer,
    words_of,
)
from qwen_batch.reading.readers.pdf.tables import PageTables, Table, lines_with_tables, ruled_tables, tables_of
from qwen_batch.records import Box, Page, Word

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_HEADER_OFFSET_BYTES = 1024
"""Viewers accept junk before %PDF- up to here (PDF 1.7, appendix H, note 13)."""
LAYERS_KEPT = frozenset({"words_in_pictures", "unproven_layer"})
"""Reasons for OCR of pages whose text is taken as it is, with its tables."""
PINNED = "{count} files that are pinned to this page were not read: save them as files of their own"
MAX_TABLE_TIME_SHARE = 0.25
"""Part of the document's time limit that finding tables may take."""


def sniff(head: bytes, path: Path) -> str | None:  # noqa: ARG001
    """application/pdf, also behind leading junk if what follows looks like a PDF's body."""
    at = head.find(b"%PDF-", 0, MAX_HEADER_OFFSET_BYTES)
    if at == 0 or (at > 0 and b" obj" in head[at:]):
        return "application/pdf"
    return None


def read(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    """All pages; those with ruled tables have them as lines of kind "table"."""
    with opened(path) as document:
        check_page_count(len(document), settings)
        readings = [_read_page(document, number) for number in range(1, len(document) + 1)]
        if all(reading.broken for reading in readings):
            raise Unreadable("damaged", DAMAGED)
        pages = with_packed(document, [reading.page for reading in readings], settings)
    unsure = [reading.page.number for reading in readings if reading.unsure]
    tables = tables_of(path, unsure, settings.timeout_s * MAX_TABLE_TIME_SHARE) if unsure else {}
    own = (
        _with_tables(page, tables.get(page.number, reading.tables))
        for page, reading in zip(pages, readings, strict=False)
    )
    return (*own, *pages[len(readings) :])


def page_count(path: Path) -> int | None:
    """Pages of the file; None if it cannot be opened."""
    try:
        with opened(path) as document:
            return len(document)
    except Unreadable:
        return None


def render(path: Path, page_number: int, dpi: int, settings: ReadSettings) -> Image:
    """One page as it is displayed, as grey values (mode "L"), at `dpi` or what the pixel limit allows."""
    packed = packed_image(path, page_number, dpi, settings)
    return packed if packed is not None else page_image(path, page_number, dpi, settings.max_megapixels)


def line_words(path: Path, wanted: Mapping[int, Sequence[Box]]) -> dict[int, list[tuple[Word, ...]]]:
    """The words inside boxes of lines, by page number: a tuple for each box, in reading order. Raises Unreadable.

    Word boxes cost more than all the rest of reading, so they are computed for the lines that need them.
    """
    return words_of(path, wanted)


@dataclass(frozen=True, slots=True)
class _Reading:
    page: Page
    tables: PageTables | None = None
    unsure: bool = False
    broken: bool = False


def _read_page(document: PdfDocument, number: int) -> _Reading:
    try:
        layer = page_layer(document, number)
    except Unreadable:
        empty = Page(number, 0, 0, (), warnings=("the page is damaged and was left out",))
        return _Reading(empty, broken=True)
    reason = ocr_reason(layer.text, layer.unmapped, layer.drawn, doubtful=layer.doubtful)
    if wants_look(reason, layer.text, layer.drawn):
        reason = reason_by_look(reason, layer.text, layer.drawn, loose_ink(document, number, layer.lines))
    page = Page(
        number,
        layer.width,
        layer.height,
        layer.lines,
        needs_ocr=reason,
        rotation=90 * layer.turn,
        warnings=(PINNED.format(count=layer.files),) if layer.files else (),
        hidden=layer.hidden,
    )
    if (reason and reason not in LAYERS_KEPT) or layer.grids is None:
        return _Reading(page, unsure=not reason or reason in LAYERS_KEPT)
    return _Reading(page, ruled_tables(layer.grids) if layer.grids else None)


def _with_tables(page: Page, found: PageTables | None) -> Page:
    if found is None:
        return page
    warnings = (*page.warnings, found.warning) if found.warning else page.warnings
    tables = [table for table in found.tables if not page.hidden or _shows_no_more(page, table)]
    return replace(page, lines=lines_with_tables(page.lines, tables), warnings=warnings)


def _shows_no_more(page: Page, table: Table) -> bool:
    """Whether a table holds characters of the page's lines alone: pdfplumber reads what is hidden as well."""
    words = "".join("".join(line.text.split()) for line in page.lines)
    return all("".join(cell.split()) in words for row in table.rows for cell in row.cells)


READER: Reader = Reader(
    "pdf",
    ("application/pdf",),
    sniff,
    read,
    render,
    line_words=line_words,
    page_count=page_count,
    packages=("pypdfium2", "pdfplumber", "pillow", "numpy"),
    bytes_per_token={".pdf": 8},
)
