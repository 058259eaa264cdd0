"""Pages for what a PDF packs: a portfolio's files, each by its reader, and the data of an XFA form.

A viewer shows a portfolio's files in place of its page, so they are the document. Files attached to an ordinary PDF
are documents of their own: the last page warns of their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.files import bytes_as_file
from qwen_batch.reading.parts.markdown import NO_BOX
from qwen_batch.reading.parts.reader import MIB, Unreadable, check_page_count, reader_for, sniff_mime
from qwen_batch.reading.parts.xml import Element, xml_to_tree
from qwen_batch.reading.readers.pdf.keys import holds_key
from qwen_batch.reading.readers.pdf.pdfium import PdfDocument, attachment_count, attachments, opened, xfa_data
from qwen_batch.records import Line, Page

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_DEPTH = 3
"""Portfolios inside of portfolios."""
COLLECTION_KEY = b"/Collection"
MAX_DATA_LINES = 20_000
XFA = "the pages of this XFA form can be drawn by few viewers: its data were read in their place"
XFA_BROKEN = "the data of this XFA form cannot be read: open it in its viewer and print it to PDF"
_depth: ContextVar[int] = ContextVar("depth", default=0)


@dataclass(frozen=True, slots=True)
class PackedPage:
    """A page of an attached file: the file, its kind, the page's number in it, and the page."""

    name: str
    data: bytes
    mime: str
    page: Page


def with_packed(document: PdfDocument, pages: Sequence[Page], settings: ReadSettings) -> tuple[Page, ...]:
    """The pages and behind them what the document packs. Raises Unreadable: too_many_pages."""
    result = list(pages)
    data = xfa_data(document, int(settings.max_expanded_mb * MIB))
    if data is not None:
        lines = _data_lines(data)
        result[-1] = _warned(result[-1], XFA if lines else XFA_BROKEN)
        if lines:
            result.append(Page(len(result) + 1, 0, 0, tuple(Line(text, NO_BOX) for text in lines)))
    count = attachment_count(document)
    if not count:
        return tuple(result)
    if not holds_key(document.path, COLLECTION_KEY):
        result[-1] = _warned(result[-1], f"{count} attached files were not read: save them as files of their own")
        return tuple(result)
    problems: list[str] = []
    for packed in _packed_pages(document, settings, problems):
        result.append(replace(packed.page, number=len(result) + 1))
        check_page_count(len(result), settings)
    for problem in problems:
        result[0] = _warned(result[0], problem)
    return tuple(result)


def packed_image(path: Path, page_number: int, dpi: int, settings: ReadSettings) -> Image | None:
    """The image of a page of an attached file, None if the document has such a page itself. Raises Unreadable."""
    with opened(path) as document:
        own = len(document)
        if page_number <= own:
            return None
        packed = list(_packed_pages(document, settings, []))
    if not 0 < page_number - own <= len(packed):
        raise Unreadable("damaged", "The attached file has no such page.", page_number)
    wanted = packed[page_number - own - 1]
    with bytes_as_file(wanted.data, wanted.name) as file:
        return reader_for(wanted.mime).render(file, wanted.page.number, dpi, settings)


def _packed_pages(document: PdfDocument, settings: ReadSettings, problems: list[str]) -> Iterator[PackedPage]:
    """The pages of all attached files, the first of each under its name; what cannot be read is a problem."""
    depth = _depth.get()
    if depth >= MAX_DEPTH:
        problems.append("attached files were left out: portfolios are nested too deeply")
        return
    before = _depth.set(depth + 1)
    try:
        for number, attached in enumerate(attachments(document, int(settings.max_expanded_mb * MIB)), start=1):
            if not attached.data:
                problems.append(f"attached file {number} was left out: it is empty, damaged or too large")
                continue
            try:
                yield from _file_pages(attached.name, attached.data, settings)
            except Unreadable as error:
                if error.code == "too_many_pages":
                    raise
                problems.append(f"attached file {number} was left out: {error.message}")
    finally:
        _depth.reset(before)


def _file_pages(name: str, data: bytes, settings: ReadSettings) -> Iterator[PackedPage]:
    with bytes_as_file(data, name) as file:
        mime = sniff_mime(file)
        try:
            pages = reader_for(mime).read(file, settings)
        except (Unreadable, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - a parser's bug on one attached file must not cost the others
            raise Unreadable("damaged", f"it cannot be read ({type(error).__name__}).") from None
    for page in pages:
        if page.number == 1 and page.needs_ocr is None:
            yield PackedPage(
                name, data, mime, replace(page, lines=(Line(f"Attached file: {name}", NO_BOX), *page.lines))
            )
        else:
            yield PackedPage(name, data, mime, page)


def _data_lines(data: bytes) -> list[str]:
    """The fields of a form's data as "name: value", in their order."""
    try:
        root = xml_to_tree(data)
    except SyntaxError:
        return []
    lines: list[str] = []
    for element in root.iter():
        if not isinstance(element.tag, str) or len(element) or not (element.text or "").strip():
            continue
        lines.append(f"{_name(element)}: {' '.join(element.text.split())}")
        if len(lines) >= MAX_DATA_LINES:
            break
    return lines


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].replace("_", " ")


def _warned(page: Page, warning: str) -> Page:
    return replace(page, warnings=(*page.warnings, warning))
