"""Reads Office's single XML files: those of Office 2003 (Word, Excel), and today's packages written flat.

Each becomes a package of today's kind, which the reader of that kind reads.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.encoding import head_to_text
from qwen_batch.reading.parts.files import bytes_as_file
from qwen_batch.reading.parts.reader import Reader, Unreadable, reader_for, sniff_mime
from qwen_batch.reading.parts.xml import xml_to_tree
from qwen_batch.reading.parts.zip import DAMAGED
from qwen_batch.reading.readers.office_xml.excel2003 import workbook_to_package
from qwen_batch.reading.readers.office_xml.flat import flat_to_package
from qwen_batch.reading.readers.office_xml.word2003 import document_to_package
from qwen_batch.records import Page

if TYPE_CHECKING:
    from PIL.Image import Image

WORD, EXCEL, FLAT = "application/msword+xml", "application/vnd.ms-excel+xml", "application/vnd.ms-package+xml"
ROOTS = (
    (re.compile(r"<(?:\w+:)?wordDocument\b[^>]*schemas\.microsoft\.com/office/word/2003/wordml", re.DOTALL), WORD),
    (re.compile(r"<(?:\w+:)?Workbook\b[^>]*urn:schemas-microsoft-com:office:spreadsheet", re.DOTALL), EXCEL),
    (re.compile(r"<(?:\w+:)?package\b[^>]*schemas\.microsoft\.com/office/2006/xmlPackage", re.DOTALL), FLAT),
)
MAKERS = {WORD: document_to_package, EXCEL: workbook_to_package, FLAT: flat_to_package}


def sniff(head: bytes, path: Path) -> str | None:  # noqa: ARG001
    """The MIME type by the root element."""
    text = head_to_text(head) or ""
    if not text.lstrip().startswith("<"):
        return None
    return next((mime for root, mime in ROOTS if root.search(text)), None)


def read(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    """All pages."""
    with bytes_as_file(_package(path), "a.zip") as file:
        return reader_for(sniff_mime(file)).read(file, settings)


def render(path: Path, page_number: int, dpi: int, settings: ReadSettings) -> Image:
    """The image of a page that is a picture."""
    with bytes_as_file(_package(path), "a.zip") as file:
        return reader_for(sniff_mime(file)).render(file, page_number, dpi, settings)


def _package(path: Path) -> bytes:
    state = path.stat()
    return _kept_package(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1)
def _kept_package(path: Path, _modified: int, _size: int) -> bytes:
    """The package, kept until the next one: OCR asks for its pages one by one. Raises Unreadable."""
    data = path.read_bytes()
    mime = sniff(data[:8192], path)
    try:
        return MAKERS[mime or FLAT](xml_to_tree(data))
    except (SyntaxError, ValueError, KeyError) as error:
        raise Unreadable("damaged", f"{DAMAGED} ({error})") from None


READER: Reader = Reader(
    "office_xml", (WORD, EXCEL, FLAT), sniff, read, render, sniff_order=15, packages=("lxml", "pillow")
)
