"""Reads plain text and Markdown: one page, or one for each form feed, in whatever encoding it is.

Knows no layout: there are no positions, so every box is zeros. Blank lines stay as lines without text,
for they are what separates paragraphs here.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import TYPE_CHECKING

from qwen_batch.config import ReadSettings
from qwen_batch.readers import Reader, Unreadable, check_page_count
from qwen_batch.records import Box, Line, Page

if TYPE_CHECKING:
    from PIL.Image import Image

NO_BOX = Box(0, 0, 0, 0)
MAX_CONTROL_SHARE = 0.02
"""A file with more control characters than this is not text."""
MIN_GB_SHARE = 0.9
"""Share of two-byte sequences that must lie in GB 2312's own rows for a file to be Chinese, not Western."""

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_HIGH_PAIR = re.compile(rb"[\x81-\xfe][\x40-\xfe]")
_GB2312_PAIR = re.compile(rb"[\xa1-\xa9\xb0-\xf7][\xa1-\xfe]")
_LINE_BREAK = re.compile(r"\r\n|[\r\n\v\x85\u2028\u2029]")


def sniff(head: bytes, path: Path) -> str | None:
    """text/markdown or text/plain, if the beginning of the file is text in a known encoding."""
    if not head:
        return None
    text = _decoded(head, encoding_of(head), final=False)
    if text is None or len(_CONTROL.findall(text)) > MAX_CONTROL_SHARE * len(text):
        return None
    return "text/markdown" if path.suffix.lower() in {".md", ".markdown"} else "text/plain"


def encoding_of(data: bytes) -> str:
    """The most likely encoding of some text: by byte order mark, then UTF-8, UTF-16, GB 18030, cp1252."""
    for mark, name in BOMS:
        if data.startswith(mark):
            return name
    nulls = data.count(0)
    if nulls > len(data) // 5:  # text of Latin letters in two bytes each has a zero in most of them
        return "utf-16-be" if data[0::2].count(0) > data[1::2].count(0) else "utf-16-le"
    if _decoded(data, "utf-8", final=False) is not None:
        return "utf-8"
    pairs = len(_HIGH_PAIR.findall(data))
    chinese = len(_GB2312_PAIR.findall(data)) >= MIN_GB_SHARE * max(pairs, 1)
    if chinese and _decoded(data, "gb18030", final=False) is not None:
        return "gb18030"
    return "cp1252"


def _decoded(data: bytes, encoding: str, *, final: bool) -> str | None:
    """The text, or None if the bytes are not in that encoding; an unfinished last character is no error."""
    errors = "replace" if encoding == "cp1252" else "strict"
    try:
        return codecs.getincrementaldecoder(encoding)(errors).decode(data, final)
    except UnicodeError:
        return None


def read(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    """All pages; a form feed ends a page."""
    data = path.read_bytes()
    text = _decoded(data, encoding_of(data), final=False)
    if text is None:
        raise Unreadable("damaged", "The text is in no known encoding: save it as UTF-8.")
    parts = text.removeprefix("\ufeff").removesuffix("\f").split("\f")
    check_page_count(len(parts), settings)
    return tuple(_page(number, part) for number, part in enumerate(parts, start=1))


def _page(number: int, text: str) -> Page:
    lines = tuple(Line(line.rstrip().replace("\0", ""), NO_BOX) for line in _LINE_BREAK.split(text))
    return Page(number, 0, 0, lines)


def render(path: Path, page_number: int, dpi: int, settings: ReadSettings) -> Image:  # noqa: ARG001
    """Text is never rendered."""
    raise Unreadable("unsupported", "Text has no page images: give a PDF or an image.", page_number)


READER: Reader = Reader("text", ("text/plain", "text/markdown"), sniff, read, render, sniff_order=100)
