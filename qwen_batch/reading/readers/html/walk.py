"""Walks the elements of an HTML page and writes its blocks: headings, paragraphs, items, tables.

A table that lays out a page (it has one column, or whole paragraphs beside each other) is read cell after cell. What
a browser would not show is kept apart.
"""

from __future__ import annotations

import binascii
import re
from html import unescape

from qwen_batch.reading.parts.marks import Run, runs_to_text
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.xml import Element, html_to_tree
from qwen_batch.reading.readers.html.css import SheetOf
from qwen_batch.reading.readers.html.items import ListCount
from qwen_batch.reading.readers.html.look import NOT_SHOWN, Look, Looks
from qwen_batch.reading.readers.html.runs import (
    BLOCKS,
    HEADINGS,
    LISTS,
    MAX_DEPTH,
    InlineText,
    run,
)
from qwen_batch.reading.readers.html.tables import Tables
from qwen_batch.reading.readers.image import MIN_PICTURE_PIXELS, picture_pixels

BREAK = "\0"
SHOWS = frozenset(("img", "input", "select", "math", "ruby"))
"""Elements that show a value, whatever their place."""
FRAMES = frozenset(("iframe", "frame", "object", "embed"))
FRAME = "a page or file that is embedded in this page was not read: save it as a document of its own"
PICTURE = "a large picture in this page (number {number}) was not read: save the page as PDF if its text matters"
STYLES_CUT = "this page has more style rules than are looked at: text that they hide may be read as shown"
ELSEWHERE = "{count} large pictures of this page stand in files of their own and were not read: save the page as PDF"
MIN_SHOWN_PX = 300
"""Pictures that the page shows narrower are mostly icons and logos."""
MIN_PICTURE_CHARS = 10_000
"""A picture that is written into the page with fewer is a small one."""

_SCRIPT = re.compile(r"<(script|style|template)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[!/?]?[a-z][^<>]*>", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\r\f]+")
_DATA_PICTURE = re.compile(r"data:image/[\w.+-]+;base64,", re.IGNORECASE)


def html_to_writer(
    text: str, writer: PageWriter, sheet_of: SheetOf | None = None, *, has_pictures: bool = False
) -> None:
    """Writes the blocks of an HTML page; its title only where no heading says the same.

    `sheet_of` gives the style sheets that come along with the page; `has_pictures` says that its pictures do too.

    Of a page whose elements are nested beyond all reason it writes what is left without the tags.
    """
    root = html_to_tree(text)
    if root is None:
        writer.preformatted(unescape(_TAG.sub(" ", _SCRIPT.sub(" ", text))).strip())
        return
    title = " ".join("".join(root.xpath("//head/title//text()")).split())
    headings = {" ".join("".join(element.itertext()).split()) for element in root.iter("h1", "h2")}
    if title and title not in headings:
        writer.heading(title, 1)
    looks = Looks(root, sheet_of, writer.hide)
    if looks.is_cut:
        writer.warn(STYLES_CUT)
    walk = _Walk(writer, looks)
    walk.element(root, 0)
    walk.flush()
    if walk.elsewhere and not has_pictures:
        writer.warn(ELSEWHERE.format(count=walk.elsewhere))


def html_to_text(text: str) -> str:
    """All words that an HTML page shows, on one line."""
    root = html_to_tree(text)
    return "" if root is None else InlineText(Looks(root)).line(root)


class _Walk:
    """Collects running text in `_runs` until a block ends; `_lists` are the open lists with their counts."""

    def __init__(self, writer: PageWriter, looks: Looks) -> None:
        self._writer = writer
        self._looks = looks
        self._inline_text = InlineText(looks)
        self._tables = Tables(looks, self._inline_text, self._hide)
        self._runs: list[Run] = []
        self.elsewhere = 0
        self._lists: list[ListCount] = []
        self._marker: str | None = None
        self._level = 0
        self._look = Look()

    def flush(self) -> None:
        """Ends the running block."""
        lines = [_SPACE.sub(" ", line).strip() for line in runs_to_text(self._runs).split(BREAK)]
        self._runs.clear()
        text = "\n".join(lines).strip("\n")
        if not text:
            return
        if self._level:
            self._writer.heading(text, self._level)
        elif self._lists and self._marker is not None:
            self._writer.item(text, self._marker, len(self._lists) - 1)
            self._marker = None
        else:
            self._writer.paragraph(text)

    def element(self, element: Element, depth: int) -> None:
        """An element with all that is in it."""
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in FRAMES:
            self._frame(element)
        if not tag or tag in NOT_SHOWN:
            return
        if self._looks.hidden(element) is not None:
            self._hide(element)
            return
        if depth > MAX_DEPTH:
            self._runs.append(Run(" ".join(element.itertext())))
            return
        around, self._look = self._look, self._looks.look(element, self._look)
        self._block(element, tag, depth)
        self._look = around

    def _block(self, element: Element, tag: str, depth: int) -> None:
        if tag in HEADINGS:
            self.flush()
            self._level = HEADINGS[tag]
            self._content(element, depth)
            self.flush()
            self._level = 0
        elif tag in LISTS:
            self._list(element, depth)
        elif tag == "li":
            self._item(element, depth)
        elif tag == "pre":
            self.flush()
            self._writer.preformatted("".join(element.itertext()))
        elif tag == "table" and not self._level and self._tables.is_data(element):
            self.flush()
            self._table(element)
        elif tag in BLOCKS or tag == "table" or (tag not in SHOWS and self._looks.apart(element) == "block"):
            self.flush()
            self._content(element, depth)
            self.flush()
        elif tag == "br":
            self._runs.append(Run(BREAK))
        else:
            self._inline(element, tag, depth)

    def _content(self, element: Element, depth: int) -> None:
        self._runs.append(run(element.text, self._look))
        for child in element:
            self.element(child, depth + 1)
            self._runs.append(run(child.tail, self._look))

    def _inline(self, element: Element, tag: str, depth: int) -> None:
        shown = self._inline_text.field(element, self._look)
        if tag == "img":
            self._picture(element)
        if shown is not None:
            self._runs.append(shown)
            return
        apart = [Run(" ")] if tag == "text" or self._looks.apart(element) else []  # `text` is of a drawing
        self._runs += apart
        self._content(element, depth)
        self._runs += apart

    def _list(self, element: Element, depth: int) -> None:
        self.flush()
        self._lists.append(ListCount(element, self._looks.list_style(element)))
        self._content(element, depth)
        self.flush()
        self._lists.pop()

    def _item(self, element: Element, depth: int) -> None:
        self.flush()
        outside = not self._lists
        if outside:
            self._lists.append(ListCount(None))
        self._marker = self._lists[-1].marker(element, self._looks.list_style(element))
        self._content(element, depth)
        self.flush()
        if outside:
            self._lists.pop()
        self._marker = None

    def _table(self, table: Element) -> None:
        for caption in table.iterchildren("caption"):
            self._writer.paragraph(self._inline_text.line(caption))
        self._writer.table(self._tables.rows(table))
        for picture in table.iterdescendants("img"):
            self._picture(picture)

    def _hide(self, element: Element) -> None:
        texts = (item for item in element.xpath(".//text()") if item.getparent().tag not in NOT_SHOWN)
        self._writer.hide(self._looks.hidden(element) or "html", " ".join(" ".join(texts).split()))

    def _frame(self, element: Element) -> None:
        sizes = [(element.get(name) or "").strip().removesuffix("px") for name in ("width", "height")]
        named = any(element.get(name) for name in ("src", "srcdoc", "data"))
        if named and not any(size in {"0", "1"} for size in sizes) and self._looks.hidden(element) is None:
            self._writer.warn(FRAME)

    def _picture(self, element: Element) -> None:
        """Warns of a picture that is written into the page and large enough to have words."""
        source = element.get("src") or ""
        found = _DATA_PICTURE.match(source) if len(source) >= MIN_PICTURE_CHARS else None
        if found is None:
            self.elsewhere += _stands_elsewhere(element, source)
            return
        try:
            data = binascii.a2b_base64(source[found.end() :])
        except (binascii.Error, ValueError):
            return
        if picture_pixels(data) >= MIN_PICTURE_PIXELS:
            pictures = list(element.getroottree().iter("img"))
            self._writer.warn(PICTURE.format(number=pictures.index(element) + 1))


def _stands_elsewhere(picture: Element, source: str) -> bool:
    """Whether a large picture is a file that the page does not bring along, nor says in words."""
    if not source or source.startswith(("data:", "cid:")) or (picture.get("alt") or "").strip():
        return False
    width = (picture.get("width") or "").strip().removesuffix("px")
    return width.isascii() and width.isdigit() and int(width) >= MIN_SHOWN_PX
