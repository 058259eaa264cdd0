"""Walks the elements of an HTML page and writes its blocks: headings, paragraphs, items, tables.

A table that lays out a page (it holds tables, or one column, or whole paragraphs) is read cell after cell. What a
browser would not show is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.xml import Element, html_to_tree

NOT_SHOWN = frozenset(
    ("script", "style", "template", "noscript", "head", "iframe", "object", "datalist", "noframes", "audio", "video")
)
BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "html", "legend", "main", "nav", "p"),
        *("section", "summary", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "option", "menu", "dir"),
    )
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
LISTS = frozenset(("ul", "ol", "menu", "dir"))
PARAGRAPHS = frozenset(("p", "li", *HEADINGS))
MAX_DEPTH = 200
"""Elements nested deeper are read as plain text: Python's own stack ends at about four times as many."""
MAX_CELL_CHARS = 1500
MAX_CELL_PARAGRAPHS = 3
"""A table with a larger cell lays out a page."""
MAX_SPAN = 100
MIN_COLUMNS = 2
CHECKED, UNCHECKED = "☒", "☐"

_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SCRIPT = re.compile(r"<(script|style|template)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[!/?]?[a-z][^<>]*>", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\r\f]+")


def html_to_writer(text: str, writer: PageWriter) -> None:
    """Writes the blocks of an HTML page; its title only where no heading says the same.

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
    walk = _Walk(writer)
    walk.element(root, 0)
    walk.flush()


def html_to_text(text: str) -> str:
    """All words that an HTML page shows, on one line."""
    root = html_to_tree(text)
    return "" if root is None else _text_of(root)


class _Walk:
    """Collects running text in `_text` until a block ends; `_lists` are the open lists with their next number."""

    def __init__(self, writer: PageWriter) -> None:
        self._writer = writer
        self._text: list[str] = []
        self._lists: list[int | None] = []
        self._marker: str | None = None
        self._level = 0

    def flush(self) -> None:
        """Ends the running block."""
        lines = [_SPACE.sub(" ", line).strip() for line in "".join(self._text).split("\0")]
        self._text.clear()
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
        if not tag or tag in NOT_SHOWN or _hidden(element):
            return
        if depth > MAX_DEPTH:
            self._text.append(" ".join(element.itertext()))
        elif tag in HEADINGS:
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
        elif tag == "table" and not self._level and _is_data(element):
            self.flush()
            self._table(element)
        elif tag in BLOCKS or tag == "table":
            self.flush()
            self._content(element, depth)
            self.flush()
        else:
            self._inline(element, tag, depth)

    def _content(self, element: Element, depth: int) -> None:
        self._text.append(element.text or "")
        for child in element:
            self.element(child, depth + 1)
            self._text.append(child.tail or "")

    def _inline(self, element: Element, tag: str, depth: int) -> None:
        if tag == "br":
            self._text.append("\0")
        elif tag == "img":
            self._text.append(f" {element.get('alt') or ''} ")
        elif tag == "input":
            self._text.append(_input_text(element))
        elif tag == "select":
            chosen = element.xpath(".//option[@selected]") or element.xpath(".//option")
            self._text.append(" " + ", ".join(_text_of(option) for option in chosen) + " ")
        else:
            self._content(element, depth)

    def _list(self, element: Element, depth: int) -> None:
        self.flush()
        start = element.get("start") or "1"
        number = int(start) if start.lstrip("-").isascii() and start.lstrip("-").isdigit() else 1
        self._lists.append(number if element.tag == "ol" else None)
        self._content(element, depth)
        self.flush()
        self._lists.pop()

    def _item(self, element: Element, depth: int) -> None:
        self.flush()
        number = self._lists[-1] if self._lists else None
        self._marker = "-" if number is None else f"{number}."
        if number is not None:
            self._lists[-1] = number + 1
        if not self._lists:  # an item outside of any list
            self._lists.append(None)
            self._content(element, depth)
            self.flush()
            self._lists.pop()
        else:
            self._content(element, depth)
            self.flush()
        self._marker = None

    def _table(self, table: Element) -> None:
        for caption in table.iterchildren("caption"):
            self._writer.paragraph(_text_of(caption))
        self._writer.table(table_to_rows(table))


def _hidden(element: Element) -> bool:
    if element.get("hidden") is not None or (element.tag == "input" and element.get("type", "").lower() == "hidden"):
        return True
    return bool(_HIDDEN_STYLE.search(element.get("style") or ""))


def _input_text(element: Element) -> str:
    kind = (element.get("type") or "text").lower()
    if kind in {"checkbox", "radio"}:
        return f" {CHECKED if element.get('checked') is not None else UNCHECKED} "
    return "" if kind in {"password", "image", "file"} else f" {element.get('value') or ''} "


def _text_of(element: Element) -> str:
    """What an element shows, on one line."""
    return " ".join("".join(_shown(element, 0)).split())


def _shown(element: Element, depth: int) -> Iterator[str]:
    tag = element.tag if isinstance(element.tag, str) else ""
    if not tag or tag in NOT_SHOWN or _hidden(element):
        return
    if depth > MAX_DEPTH:
        yield " ".join(element.itertext())
        return
    apart = tag in BLOCKS or tag in PARAGRAPHS or tag in {"br", "table", "pre"}
    if tag == "img":
        yield f" {element.get('alt') or ''} "
    elif tag == "input":
        yield _input_text(element)
    yield " " if apart else ""
    yield element.text or ""
    for child in element:
        yield from _shown(child, depth + 1)
        yield child.tail or ""
    yield " " if apart else ""


def _table_rows(table: Element) -> list[list[Element]]:
    rows = table.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr")
    return [list(row.iterchildren("td", "th")) for row in rows if not _hidden(row)]


def _is_data(table: Element) -> bool:
    """Whether a table holds data, not the layout of a page."""
    rows = _table_rows(table)
    if max(map(len, rows), default=0) < MIN_COLUMNS or next(table.iterdescendants("table"), None) is not None:
        return False
    return not any(
        len(cell.xpath("./p | ./h1 | ./h2 | ./h3 | ./ul/li | ./ol/li")) > MAX_CELL_PARAGRAPHS
        or len(_text_of(cell)) > MAX_CELL_CHARS
        for row in rows
        for cell in row
    )


def table_to_rows(table: Element) -> list[list[str]]:
    """The cells' text row by row; a cell that spans others is followed, or stood under, by empty ones."""
    rows: list[list[str]] = []
    below: dict[int, int] = {}  # column -> rows that a cell above still reaches into
    for cells in _table_rows(table):
        row: list[str] = []
        waiting = list(cells)
        while waiting or any(below.get(column, 0) for column in range(len(row), max(below, default=-1) + 1)):
            column = len(row)
            if below.get(column, 0):
                below[column] -= 1
                row.append("")
            elif waiting:
                cell = waiting.pop(0)
                width, height = _span(cell, "colspan"), _span(cell, "rowspan")
                row += [_text_of(cell) if not _hidden(cell) else "", *[""] * (width - 1)]
                below |= dict.fromkeys(range(column, column + width), height - 1)
            else:
                row.append("")
        rows.append(row)
    return rows


def _span(cell: Element, name: str) -> int:
    value = (cell.get(name) or "").strip()
    return min(max(int(value), 1), MAX_SPAN) if value.isascii() and value.isdigit() else 1
