"""Walks the body of an OpenDocument text: headings, paragraphs, lists, tables, notes, drawings, deletions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from qwen_batch.reading.parts.markdown import holds_data
from qwen_batch.reading.parts.ooxml import Package, attribute, descendants, local
from qwen_batch.reading.parts.writer import EXPLICIT_BREAK, RENDERED_BREAK, PageWriter
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.odf.charts import object_to_writer
from qwen_batch.reading.readers.odf.lists import Counter
from qwen_batch.reading.readers.odf.styles import Styles, words_of
from qwen_batch.reading.readers.odf.tables import cell_size, shown_cells, whole_number
from qwen_batch.reading.readers.odf.text import ParagraphText, controls_of, paragraph_text

MAX_HEADING_CHARS = 200
MAX_DEPTH = 60
CONTAINERS = frozenset(("section", "index-body", "index-title", "table-of-content", "alphabetical-index", "user-index"))
CONTAINERS |= {
    "illustration-index",
    "table-index",
    "object-index",
    "bibliography",
    "numbered-paragraph",
    "page-sequence",
}
OBJECT = "an object within the text ({part}) was not read: save the document as PDF if its text matters"


@dataclass(slots=True)
class _List:
    """An open list: its style, its depth from 1, and the counter that it goes on with."""

    style: str | None
    depth: int
    counter: Counter


@dataclass(slots=True)
class BodyWalk:
    """Writes blocks in order. `masters` are the kinds of page by the writer's sections, for headers and footers."""

    writer: PageWriter
    package: Package | None
    styles: Styles
    controls: dict[str, str]
    masters: list[str | None] = field(default_factory=lambda: [None])
    _headings: Counter = field(default_factory=Counter)
    _counters: dict[str | None, Counter] = field(default_factory=dict)
    _began: bool = False

    def blocks(self, container: Iterable[Element], inside: _List | None = None, depth: int = 0) -> None:
        """All blocks of a body, a cell, a section or a text box."""
        for block in container:
            name = local(block)
            if depth > MAX_DEPTH:
                self.writer.paragraph(words_of(block))
            elif name in {"p", "h"}:
                self._paragraph(block, inside, first=False)
            elif name in CONTAINERS and attribute(block, "display") != "none":
                self.blocks(block, inside, depth + 1)
            elif name == "list":
                self._list(block, inside, depth)
            elif name == "table":
                self._table(block, depth)
            else:
                self._other(block, name, depth)

    def _other(self, block: Element, name: str, depth: int) -> None:
        if name in CONTAINERS:
            self.writer.hide("run", words_of(block))
        elif name == "tracked-changes":
            for deleted in descendants(block, "deletion"):
                self.writer.hide("deleted", " ".join(words_of(one) for one in deleted if local(one) in {"p", "h"}))
        elif name == "soft-page-break":
            self.writer.break_page(rendered=True)
        elif name:
            self.drawing(block, depth)

    def _list(self, block: Element, inside: _List | None, depth: int) -> None:
        style = attribute(block, "style-name") or (inside.style if inside else None)
        if inside is not None:
            open_list = _List(style, inside.depth + 1, inside.counter)
        else:
            goes_on = attribute(block, "continue-numbering") == "true" or attribute(block, "continue-list")
            counter = self._counters.get(style) if goes_on else None
            open_list = _List(style, 1, counter or Counter())
            self._counters[style] = open_list.counter
        for item in block:
            first = local(item) == "list-item"
            start = attribute(item, "start-value") or ""
            for part in item:
                if local(part) in {"p", "h"}:
                    self._paragraph(part, open_list, first=first, start=int(start) if start.isdigit() else None)
                    first = False
                elif local(part) == "list":
                    self._list(part, open_list, depth + 1)
                elif local(part) == "table":
                    self._table(part, depth)

    def _paragraph(self, block: Element, inside: _List | None, *, first: bool, start: int | None = None) -> None:
        style = attribute(block, "style-name")
        found = paragraph_text(block, self.styles, self.controls)
        level = (
            whole_number(attribute(block, "outline-level")) if local(block) == "h" else self.styles.heading_level(style)
        )
        self._begin(style)
        marker = self._marker(block, inside, found, level, start) if first or inside is None else ""
        text = found.text
        marker = marker if text.strip() else ""  # an empty item has a number too
        if level and len(text) <= MAX_HEADING_CHARS:
            self.writer.heading(_numbered(marker, text), level)
        elif marker:
            self.writer.item(text, marker, inside.depth - 1 if inside else 0)
        else:
            self.writer.paragraph(text)
        self.attached(found)

    def _marker(
        self, block: Element, inside: _List | None, found: ParagraphText, level: int | None, start: int | None
    ) -> str:
        if not found.text.strip() and inside is None:
            return ""
        if inside is not None:
            style = inside.style or self.styles.list_of(attribute(block, "style-name"))
            return inside.counter.marker(self.styles, style, inside.depth, start)
        if local(block) == "h" and level and attribute(block, "is-list-header") != "true":
            return self._headings.marker(self.styles, None, level, whole_number(attribute(block, "start-value")))
        return ""

    def _begin(self, style: str | None) -> None:
        """Begins the page that a paragraph asks for."""
        breaks, master = self.styles.breaks_page(style), self.styles.master_page(style)
        if self._began and breaks:
            if master:
                self.masters.append(master)
                self.writer.section = len(self.masters) - 1
            self.writer.break_page()
        elif master and not self._began:
            self.masters[0] = master
        self._began = True

    def attached(self, found: ParagraphText) -> None:
        """What hangs on a paragraph: notes, drawings, hidden text."""
        for piece in found.hidden:
            self.writer.hide(piece.kind, piece.text)
        for note in found.notes:
            self.writer.paragraph(note.text)
        for drawing in found.drawings:
            self.drawing(drawing, 0)

    def drawing(self, element: Element, depth: int) -> None:
        """The text, table, picture or chart in a frame or shape, or in each of a group."""
        name = local(element)
        if depth > MAX_DEPTH or name in {"title", "desc", "forms", "animations", "notes", "glue-point"}:
            return
        hidden = (
            attribute(element, "display") in {"none", "printer"} or attribute(element, "layer") in self.styles.unseen
        )
        if hidden or self.styles.is_hidden("graphic", attribute(element, "style-name")):
            self.writer.hide("shape", words_of(element))
        elif name == "g":
            for item in element:
                self.drawing(item, depth + 1)
        elif name == "control":
            self.writer.paragraph(self.controls.get(attribute(element, "control") or "", ""))
        elif name == "frame":
            self._frame(element, depth)
        elif name not in {"image", "object", "object-ole", "plugin"}:
            self.blocks(element, None, depth + 1)

    def _frame(self, frame: Element, depth: int) -> None:
        """The first of the variants in a frame that can be read: an object comes with a picture of itself."""
        for item in frame:
            name = local(item)
            if name == "text-box":
                self.blocks(item, None, depth + 1)
                return
            if name == "table":
                self._table(item, depth)
                return
            if name == "object" and object_to_writer(item, self.package, self.writer):
                return
            if name == "image":
                self.writer.picture((attribute(item, "href") or "").removeprefix("./"))
                return

    def _table(self, table: Element, depth: int) -> None:
        rows = [list(row) for row in shown_cells(table, self.writer)]
        sizes = [[cell_size(cell) for cell in row] for row in rows]
        if max(map(len, rows), default=0) <= 1 or not holds_data(sizes):
            for cell in (cell for row in rows for cell in row if cell is not None):
                self.blocks(cell, None, depth + 1)
            return
        late: list[ParagraphText] = []
        self.writer.table([[self._cell(cell, late, depth) for cell in row] for row in rows])
        for found in late:
            self.attached(found)

    def _cell(self, cell: Element | None, late: list[ParagraphText], depth: int) -> str:
        if cell is None or depth > MAX_DEPTH:
            return ""
        parts = []
        for block in cell:
            if local(block) in {"p", "h"}:
                found = paragraph_text(block, self.styles, self.controls)
                late.append(found)
                parts.append(found.text.replace(EXPLICIT_BREAK, " ").replace(RENDERED_BREAK, " "))
            elif local(block) == "list":
                parts += self._items(block, late, depth)
            elif local(block) == "table":
                rows = ([self._cell(one, late, depth + 1) for one in row] for row in shown_cells(block, self.writer))
                parts.append("; ".join(", ".join(" ".join(one.split()) for one in row) for row in rows))
        return "\n".join(parts)

    def _items(self, block: Element, late: list[ParagraphText], depth: int) -> Iterator[str]:
        counter, style = Counter(), attribute(block, "style-name")
        for item in block:
            text = self._cell(item, late, depth + 1)
            yield _numbered(counter.marker(self.styles, style, 1), text)


def _numbered(marker: str, text: str) -> str:
    rest = text.lstrip(EXPLICIT_BREAK + RENDERED_BREAK)
    return f"{text[: len(text) - len(rest)]}{marker} {rest}" if marker else text


def walk_of(writer: PageWriter, package: Package | None, content: Element, styles: Styles) -> BodyWalk:
    """A walk through a file."""
    return BodyWalk(writer, package, styles, controls_of(content))
