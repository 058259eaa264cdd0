"""Reads plain text and Markdown: one page, or one for each form feed, in whatever encoding it is.

Knows no layout: there are no positions, so every box is zeros. Blank lines stay as lines without text,
for they are what separates paragraphs here.
"""

from __future__ import annotations

import re
from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.encoding import bytes_to_text, head_to_text, unread_warning
from qwen_batch.reading.parts.markdown import NO_BOX
from qwen_batch.reading.parts.reader import Reader, Unreadable, check_page_count, without_page_images
from qwen_batch.records import Line, Page

MARKDOWN_SUFFIXES = {".md", ".markdown"}

PICTURES = "{count} pictures that are written into the text were not read: save it as PDF if their text matters"
_DATA_PICTURE = re.compile(r"data:image/[\w.+-]{1,40};base64,[A-Za-z0-9+/=]{16,}")
_LINE_BREAK = re.compile(r"\r\n|[\r\n\v\x85\u2028\u2029]")


def sniff(head: bytes, path: Path) -> str | None:
    """text/markdown or text/plain, if the beginning of the file is text in a known encoding."""
    if head_to_text(head) is None:
        return None
    return "text/markdown" if path.suffix.lower() in MARKDOWN_SUFFIXES else "text/plain"


def read(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    """All pages; a form feed ends a page."""
    text = bytes_to_text(path.read_bytes())
    if text is None:
        raise Unreadable("damaged", "The text is in no known encoding: save it as UTF-8.")
    parts = text.removesuffix("\f").split("\f")
    check_page_count(len(parts), settings)
    pages = []
    first = 1
    for number, part in enumerate(parts, start=1):
        pages.append(_page(number, part, first))
        first += len(pages[-1].lines) - 1  # the form feed stands in a line
    return tuple(pages)


def _page(number: int, text: str, first: int) -> Page:
    text, pictures = _DATA_PICTURE.subn("picture", text) if ";base64," in text else (text, 0)
    lines = tuple(
        Line(line.rstrip().replace("\0", ""), NO_BOX, number=at)
        for at, line in enumerate(_LINE_BREAK.split(text), first)
    )
    warnings = [PICTURES.format(count=pictures)] if pictures else []
    if (unread := unread_warning(text)) is not None:
        warnings.append(unread)
    return Page(number, 0, 0, lines, warnings=tuple(warnings))


READER: Reader = Reader("text", ("text/plain", "text/markdown"), sniff, read, without_page_images, sniff_order=100)
