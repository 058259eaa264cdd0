"""Walks the body of a Word file and writes its blocks: headings, paragraphs, items, tables, notes, text boxes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qwen_batch.reading.parts.graphics import graphic_to_writer
from qwen_batch.reading.parts.markdown import CellSize, holds_data
from qwen_batch.reading.parts.ooxml import Package, attribute, child, descendants, is_on, local, relation_id, value_of
from qwen_batch.reading.parts.writer import EXPLICIT_BREAK, RENDERED_BREAK, PageWriter
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.docx.lists import Look, Numbering, Styles
from qwen_batch.reading.readers.docx.notes import NoteMark, Notes, comment_text
from qwen_batch.reading.readers.docx.text import ParagraphText, Story, shown_children, words_in
from qwen_batch.records import HiddenKind

MAX_HEADING_CHARS = 200
"""Longer text is a clause that is styled as a heading so that it gets a number."""
MAX_SPAN = 100
SAME_PAGE_SECTIONS = {"continuous", "nextColumn"}


@dataclass(frozen=True, slots=True)
class Sources:
    """The parts of a Word file that its body refers to; a note without its part is left as its mark.

    `targets` are the names of other parts by relation id, `embedded` writes a part that is a document of its own.
    """

    package: Package
    part: str
    targets: dict[str, str]
    styles: Styles
    numbering: Numbering
    notes: Notes
    story: Story
    note_story: Callable[[Element], Story]
    embedded: Callable[[str, PageWriter], None]


class BodyWalk:
    """Writes blocks in order; counts sections, whose properties stand at their ends in `sections`."""

    def __init__(self, writer: PageWriter, sources: Sources, sections: list[Element]) -> None:
        self._writer = writer
        self._sources = sources
        self._sections = sections

    def blocks(self, container: Element) -> None:
        """All paragraphs and tables of a body, a cell or a text box."""
        for block in self._sources.story.blocks(container):
            if block.found is not None:
                self._paragraph(block.element, block.found)
            elif local(block.element) == "tbl":
                self._table(block.element)
            elif local(block.element) == "altChunk":
                self._sources.embedded(self._sources.targets.get(relation_id(block.element) or "", ""), self._writer)

    def _paragraph(self, paragraph: Element, found: ParagraphText) -> None:
        look = self._sources.styles.look(paragraph)
        text = (RENDERED_BREAK if look.breaks_page else "") + found.text
        marker, level = self._marker(look)
        if look.heading and len(text) <= MAX_HEADING_CHARS:
            self._writer.heading(_numbered(marker, text), look.heading)
        elif marker:
            self._writer.item(text, marker, level)
        else:
            self._writer.paragraph(text)
        self._attachments(found)
        if child(paragraph, "pPr", "sectPr") is not None:
            self._end_section()

    def _marker(self, look: Look) -> tuple[str, int]:
        """The number of a paragraph and its level; an empty paragraph has one too, which counts."""
        if not look.list_id:
            return "", 0
        level = self._sources.numbering.level(look)
        return self._sources.numbering.marker(look.list_id, level), level

    def _attachments(self, found: ParagraphText) -> None:
        for piece in found.hidden:
            self._writer.hide(piece.kind, piece.text)
        for warning in found.warnings:
            self._writer.warn(warning)
        for text in found.drawn:
            self._writer.paragraph(text)
        for box in found.boxes:
            self.blocks(box)
        for picture in found.pictures:
            if picture in self._sources.targets:
                self._writer.picture(self._sources.targets[picture])
        for graphic in found.graphics:
            graphic_to_writer(self._sources.package, self._sources.part, graphic, self._writer)
        for mark in found.notes:
            self._note(mark)

    def _note(self, mark: NoteMark) -> None:
        note = self._sources.notes.note(mark)
        if note is None:
            return
        found = list(_paragraphs(self._sources.note_story(note), note))
        for piece in (piece for item in found for piece in item.hidden):
            self._writer.hide(piece.kind, piece.text)
        text = " ".join(" ".join(item.text.split()) for item in found).strip()
        if text and mark.kind == "comment":
            self._writer.paragraph(comment_text(note, text))
        elif text:
            self._writer.paragraph(f"{mark.label}: {text}" if mark.label else text)

    def _end_section(self) -> None:
        self._writer.section += 1
        self._sources.notes.end_section()
        following = self._sections[min(self._writer.section, len(self._sections) - 1)]
        if value_of(following, "type") not in SAME_PAGE_SECTIONS:
            self._writer.break_page()

    def _table(self, table: Element) -> None:
        rows = list(self._rows(table))
        sizes = [[CellSize(_length(cell)) if cell is not None else CellSize(0) for cell in row] for row in rows]
        if max(map(len, rows), default=0) == 1 or not holds_data(sizes):
            for cell in (cell for row in rows for cell in row if cell is not None):
                self.blocks(cell)
            return
        attached: list[ParagraphText] = []
        self._writer.table([["".join(self._cell(cell, attached)) for cell in row] for row in rows])
        for found in attached:
            self._attachments(found)

    def _rows(self, table: Element) -> Iterator[list[Element | None]]:
        """The rows by columns, without those that are deleted or hidden."""
        for row in (item for item in shown_children(table) if local(item) == "tr"):
            kind = _unseen(row)
            if kind is not None:
                self._writer.hide(kind, words_in(row))
                continue
            cells = [*_cells(row)]
            for index, cell in enumerate(cells):
                if cell is not None and child(cell, "tcPr", "cellDel") is not None:
                    self._writer.hide("deleted", words_in(cell))
                    cells[index] = None
            yield cells

    def _cell(self, cell: Element | None, attached: list[ParagraphText]) -> Iterator[str]:
        """The text of a cell; a table within it is one run of text, its rows parted by semicolons."""
        for block in self._sources.story.blocks(cell) if cell is not None else ():
            if block.found is not None:
                attached.append(block.found)
                marker, _ = self._marker(self._sources.styles.look(block.element))
                if block.found.text.strip():
                    yield f"{_numbered(marker, block.found.text)}\n"
            elif local(block.element) == "tbl":
                inner = list(self._rows(block.element))
                texts = [[" ".join("".join(self._cell(item, attached)).split()) for item in row] for row in inner]
                yield "; ".join(", ".join(row) for row in texts) + "\n"


def _numbered(marker: str, text: str) -> str:
    """Text behind its number; a break of the page stays in front of both."""
    rest = text.lstrip(EXPLICIT_BREAK + RENDERED_BREAK)
    return f"{text[: len(text) - len(rest)]}{marker} {rest}" if marker and rest.strip() else text


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


def _unseen(row: Element) -> HiddenKind | None:
    """Why nobody sees a row, None if it is seen."""
    properties = child(row, "trPr")
    if properties is None:
        return None
    if child(properties, "del") is not None:
        return "deleted"
    return "row" if is_on(properties, "hidden") else None


def _paragraphs(story: Story, container: Element) -> Iterator[ParagraphText]:
    """All paragraphs below a container, those of its tables too."""
    for block in story.blocks(container):
        if block.found is not None:
            yield block.found
        elif local(block.element) == "tbl":
            for row in (row for row in shown_children(block.element) if local(row) == "tr" and _unseen(row) is None):
                for cell in _cells(row):
                    if cell is not None:
                        yield from _paragraphs(story, cell)
