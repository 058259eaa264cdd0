"""Reads EPUB books: chapters in the order of the spine, a page each, through the reader of HTML (EPUB 3.3, 5, 6)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.encoding import bytes_to_text
from qwen_batch.reading.parts.ooxml import Package, attribute, child, descendants, opened_package
from qwen_batch.reading.parts.reader import Reader, Unreadable
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.xml import Element, html_to_tree
from qwen_batch.reading.parts.zip import DAMAGED
from qwen_batch.reading.readers._office import OfficeFormat, PicturedPages, with_pictures
from qwen_batch.reading.readers.html.walk import html_to_writer

if TYPE_CHECKING:
    from PIL.Image import Image

MIME = "application/epub+zip"
CONTAINER, ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
TEXT_TYPES = frozenset(("application/xhtml+xml", "text/html", "application/x-dtbook+xml"))
TEXT_SUFFIXES = (".xhtml", ".html", ".htm")
UNORDERED = "the book does not say what it holds: all of its chapters were read, by the names of their files"
MISSING = "a chapter is missing in the file: get the book anew"


def book_to_pages(path: Path, settings: ReadSettings) -> PicturedPages:
    """A page for each chapter. Raises Unreadable: "encrypted", "damaged", "too_large"."""
    with opened_package(path, settings) as package:
        part, book = _book(package)
        sealed = _sealed(package)
        writer = PageWriter(settings)
        chapters = list(_chapters(part, book))
        if not chapters:
            chapters = sorted(name for name in package.names() if name.endswith(TEXT_SUFFIXES))
            writer.warn(UNORDERED)
        for index, chapter in enumerate(chapters):
            if index:
                writer.break_page()
            if chapter in sealed:
                raise Unreadable("encrypted", "The book is protected against copying: get it without protection.")
            data = package.data(chapter)
            if data is None:
                writer.warn(MISSING)
            else:
                _chapter(bytes_to_text(data) or "", chapter, package, writer)
        return with_pictures(writer.pages(), writer.drafts, package, settings, one_page=False)


def _book(package: Package) -> tuple[str, Element]:
    container = package.tree(CONTAINER)
    root_file = next(descendants(container, "rootfile"), None) if container is not None else None
    part = unquote(attribute(root_file, "full-path") or "") if root_file is not None else ""
    book = package.tree(part) if part else None
    if book is None:
        raise Unreadable("damaged", f"{DAMAGED} (it does not say where its text is)")
    return part, book


def _sealed(package: Package) -> set[str]:
    """The parts that are encrypted: of an open book a few fonts at most."""
    root = package.tree(ENCRYPTION)
    found = descendants(root, "CipherReference") if root is not None else ()
    return {unquote(attribute(item, "URI") or "") for item in found}


def _chapters(part: str, book: Element) -> Iterator[str]:
    manifest, spine = child(book, "manifest"), child(book, "spine")
    items = {attribute(item, "id"): item for item in (manifest if manifest is not None else ())}
    for reference in spine if spine is not None else ():
        item = items.get(attribute(reference, "idref"))
        if item is not None and (attribute(item, "media-type") or "") in TEXT_TYPES:
            yield _part_at(part, attribute(item, "href") or "")


def _part_at(part: str, href: str) -> str:
    """The part that another refers to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), unquote(href.partition("#")[0])))


def _chapter(text: str, part: str, package: Package, writer: PageWriter) -> None:
    html_to_writer(
        text, writer, lambda href: bytes_to_text(package.data(_part_at(part, href)) or b""), has_pictures=True
    )
    root = html_to_tree(text)
    for picture in root.iter("img", "image") if root is not None else ():
        href = next((value for name, value in picture.attrib.items() if name.endswith(("src", "href"))), "")
        if href and ":" not in href:
            writer.picture(_part_at(part, href))


def render(path: Path, page_number: int, dpi: int, settings: ReadSettings) -> Image:
    """The image of a chapter that is a picture."""
    return _BOOK.render(path, page_number, dpi, settings)


_BOOK = OfficeFormat(MIME, MIME, book_to_pages)
READER: Reader = Reader(
    "epub",
    (MIME,),
    _BOOK.sniff,
    _BOOK.read,
    render,
    packages=("lxml", "cssselect", "pillow"),
    bytes_per_token={".epub": 1},
)
