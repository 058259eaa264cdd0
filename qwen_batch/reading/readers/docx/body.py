"""Walks the body of a Word file and writes its blocks: headings, paragraphs, items, tables, notes, text boxes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qwen_batch.reading.parts.encoding import bytes_to_text
from qwen_batch.reading.parts.graphics import graphic_to_writer
from qwen_batch.reading.parts.ooxml import Package, attribute, child, descendants, local, relation_id, value_of
from qwen_batch.reading.parts.writer import EXPLICIT_BREAK, RENDERED_BREAK, PageWriter
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.docx.lists import Look, Numbering, Styles
from qwen_batch.reading.readers.docx.text import NoteMark, ParagraphText, note_label, paragraph_text, shown_children
from qwen_batch.reading.readers.html.walk import html_to_writer

MAX_HEADING_CHARS = 200
"""Longer text is a clause that is styled as a heading so that it gets a number."""
MAX_CELL_CHARS = 1500
"""A table with a larger cell is a frame around paragraphs."""
MAX_SPAN = 100
HIDDEN = "hidden text on this page was left out, as Word does not show it"
EMBEDDED = "a file within the text was left out: open the document in Word and save it anew"
SAME_PAGE_SECTIONS = {"continuous", "nextColumn"}


@dataclass(frozen=True, slots=True)
class Sources:
    """The parts of a Word file that its body refers to; a note without its part is left as its mark.

    `targets` are the names of other parts by relation id.
    """

    package: Package
    part: str
    targets: dict[str, str]
    styles: Styles
    numbering: Numbering
    notes: dict[str, dict[str, Element]]


class BodyWalk:
    """Writes blocks in order; counts sections, whose properties stand at their ends in `sections`."""

    def __init__(self, writer: PageWriter, sources: Sources, sections: list[Element]) -> None:
        self._writer = writer
        self._sources = sources
        self._sections = sections

    def blocks(self, container: Element) -> None:
        """All paragraphs and tables of a body, a cell or a text box."""
        for block in shown_children(container):
            if local(block) == "p":
                self._paragraph(block)
            elif local(block) == "tbl":
                self._table(block)
            elif local(block) == "altChunk":
                self._embedded(block)

    def _embedded(self, chunk: Element) -> None:
        """A file that a program has put into the text for Word to convert: read if it is HTML, else a warning."""
        target = self._sources.targets.get(relation_id(chunk) or "")
        data = self._sources.package.data(target) if target else None
        text = bytes_to_text(data) if data and data.lstrip().startswith(b"<") else None
        if text is None:
            self._writer.warn(EMBEDDED)
        else:
            html_to_writer(text, self._writer)

    def _paragraph(self, paragraph: Element) -> None:
        found = paragraph_text(paragraph)
        look = self._sources.styles.look(paragraph)
        text = (RENDERED_BREAK if look.breaks_page else "") + found.text
        marker = self._marker(look) if found.text.strip() else ""
        if look.heading and len(text) <= MAX_HEADING_CHARS:
            self._writer.heading(_numbered(marker, text), look.heading)
        elif marker:
            self._writer.item(text, marker, look.level)
        else:
            self._writer.paragraph(text)
        self._attachments(found)
        if child(paragraph, "pPr", "sectPr") is not None:
            self._end_section()

    def _marker(self, look: Look) -> str:
        return self._sources.numbering.marker(look.list_id, look.level) if look.list_id else ""

    def _attachments(self, found: ParagraphText) -> None:
        if found.hidden:
            self._writer.warn(HIDDEN)
        for box in found.boxes:
            self.blocks(box)
        for picture in found.pictures:
            if picture in self._sources.targets:
                self._writer.picture(self._sources.targets[picture])
        for graphic in found.graphics:
            graphic_to_writer(self._sources.package, self._sources.part, graphic, self._writer)
        for mark in found.notes:
            note = self._sources.notes.get(mark.kind, {}).get(mark.id)
            if note is not None and (text := _note_text(mark, note)):
                self._writer.paragraph(text)

    def _end_section(self) -> None:
        self._writer.section += 1
        following = self._sections[min(self._writer.section, len(self._sections) - 1)]
        if value_of(following, "type") not in SAME_PAGE_SECTIONS:
            self._writer.break_page()

    def _table(self, table: Element) -> None:
        rows = [[*_cells(row)] for row in shown_children(table) if local(row) == "tr" and not _deleted(row)]
        cells = [cell for row in rows for cell in row if cell is not None]
        if max(map(len, rows), default=0) == 1 or any(_length(cell) > MAX_CELL_CHARS for cell in cells):
            for cell in cells:
                self.blocks(cell)
            return
        self._writer.table([["".join(self._cell(cell)) for cell in row] for row in rows])
        for paragraph in (paragraph for cell in cells for paragraph in _paragraphs(cell)):
            self._attachments(paragraph_text(paragraph))

    def _cell(self, cell: Element | None) -> Iterator[str]:
        """The text of a cell; a table within it is one run of text, its rows parted by semicolons."""
        for block in shown_children(cell) if cell is not None else ():
            if local(block) == "p":
                text = paragraph_text(block).text
                marker = self._marker(self._sources.styles.look(block)) if text.strip() else ""
                yield f"{_numbered(marker, text)}\n"
            elif local(block) == "tbl":
                inner = [[*_cells(row)] for row in shown_children(block) if local(row) == "tr"]
                yield "; ".join(", ".join(" ".join("".join(self._cell(item)).split()) for item in row) for row in inner)
                yield "\n"


def _numbered(marker: str, text: str) -> str:
    """Text behind its number; a break of the page stays in front of both."""
    rest = text.lstrip(EXPLICIT_BREAK + RENDERED_BREAK)
    return f"{text[: len(text) - len(rest)]}{marker} {rest}" if marker else text


def _length(cell: Element) -> int:
    return sum(len(item.text or "") for item in descendants(cell, "t"))


def _cells(row: Element) -> Iterator[Element | None]:
    """A row's cells by columns; None where a cell beside or above reaches into the column, or none is."""
    yield from [None] * _count(value_of(row, "trPr", "gridBefore"))
    for cell in shown_children(row):
        if local(cell) != "tc":
            continue
        merge = child(cell, "tcPr", "vMerge")
        yield None if merge is not None and attribute(merge, "val") != "restart" else cell
        yield from [None] * (_count(value_of(cell, "tcPr", "gridSpan")) - 1)


def _count(value: str | None) -> int:
    return min(int(value), MAX_SPAN) if value and value.isascii() and value.isdigit() else 0


def _deleted(row: Element) -> bool:
    return child(row, "trPr", "del") is not None


def _paragraphs(cell: Element | None) -> Iterator[Element]:
    for block in shown_children(cell) if cell is not None else ():
        if local(block) == "p":
            yield block
        elif local(block) == "tbl":
            for row in (row for row in shown_children(block) if local(row) == "tr"):
                for inner in _cells(row):
                    yield from _paragraphs(inner)


def _note_text(mark: NoteMark, note: Element) -> str:
    text = " ".join(" ".join(paragraph_text(item).text.split()) for item in _paragraphs(note)).strip()
    if not text:
        return ""
    if mark.kind == "comment":
        return f"[Comment by {attribute(note, 'author') or 'unknown'}: {text}]"
    return f"{note_label(mark)}: {text}"
