"""Reads HTML and XHTML: one page with headings, lists and tables as Markdown, without scripts and hidden parts.

Owns what a file is and its encoding; the elements are walked in `walk`. Nothing is ever fetched.
"""

from __future__ import annotations

import re
from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.encoding import bytes_to_text, head_to_text
from qwen_batch.reading.parts.reader import Reader, Unreadable, without_page_images
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.readers.html.walk import html_to_writer
from qwen_batch.records import Page

MIN_TAGS_PER_1000 = 8
"""A piece of HTML without its frame has at least so many tags in 1000 characters."""
META_BYTES = 4096
"""How far into the file its declaration of an encoding is looked for (HTML asks for 1024)."""

_PROLOGUE = re.compile(r"(?:\s+|<\?xml[^>]*\?>|<!--.*?-->)*", re.DOTALL)
_DOCUMENT = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_FRAGMENT = re.compile(
    r"<(?:div|p|table|h[1-6]|ul|ol|span|center|font|section|article|meta|title|b|br)[\s/>]", re.IGNORECASE
)
_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.\-]+)""", re.IGNORECASE)


def sniff(head: bytes, path: Path) -> str | None:
    """text/html, if the file begins as an HTML document does, or with a tag and is full of tags."""
    text = head_to_text(head)
    if text is None:
        return None
    begins = _PROLOGUE.match(text)
    rest = text[begins.end() :] if begins else text
    if _DOCUMENT.match(rest):
        return "text/html"
    many = len(_TAG.findall(text)) * 1000 >= MIN_TAGS_PER_1000 * len(text)
    is_markdown = path.suffix.lower() in {".md", ".markdown"}  # its authors use tags for what it lacks
    return "text/html" if _FRAGMENT.match(rest) and many and not is_markdown else None


def read(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    """One page."""
    data = path.read_bytes()
    stated = _CHARSET.search(data, 0, META_BYTES)
    text = bytes_to_text(data, stated[1].decode("ascii") if stated else None)
    if text is None:
        raise Unreadable("damaged", "The page is in no known encoding: save it as UTF-8.")
    writer = PageWriter(settings)
    html_to_writer(text, writer)
    return writer.pages()


READER: Reader = Reader(
    "html",
    ("text/html",),
    sniff,
    read,
    without_page_images,
    sniff_order=50,
    packages=("lxml", "cssselect"),
)
