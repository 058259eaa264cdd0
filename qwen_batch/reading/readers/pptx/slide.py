"""Writes a slide: title first, then its shapes in the order in which they stand, notes and comments, its furniture.

What stands on the slide's layout and master, such as a contract's number, is seen on the slide and is furniture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.graphics import drawn_paragraphs, graphic_to_writer
from qwen_batch.reading.parts.markdown import NO_BOX
from qwen_batch.reading.parts.ooxml import Package, attribute, child, descendants, local, relation_id
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.pptx.paragraphs import shape_paragraphs
from qwen_batch.reading.readers.pptx.shapes import Shape, SlideSize, slide_shapes
from qwen_batch.reading.readers.pptx.unseen import take_out_unseen
from qwen_batch.records import HiddenKind, Line

TITLES = frozenset(("title", "ctrTitle"))
FURNITURE = frozenset(("ftr", "dt", "sldNum"))
"""Placeholders of the footer, the date and the slide's number."""
BULLETED = frozenset(("body", "obj"))
"""Placeholders whose paragraphs have bullets unless they say otherwise."""
OBJECT = "an embedded file ({name}) on this slide was not read: only its picture is shown"
FILM = "a film or a sound on this slide was not read"
INK = "handwriting on this slide was not read: save the document as PDF if its text matters"
FILMS = frozenset(("videoFile", "audioFile", "wavAudioFile", "quickTimeFile"))


@dataclass(frozen=True, slots=True)
class SlideSource:
    """Where a slide is read from; `size` is None where the file does not say it."""

    package: Package
    part: str
    settings: ReadSettings
    size: SlideSize | None = None


def slide_to_writer(source: SlideSource, writer: PageWriter) -> None:
    """Writes one slide to the last page of `writer`; of a hidden one, its words as hidden."""
    root = source.package.tree(source.part)
    if root is None:
        writer.warn("this slide is missing in the file")
    elif (attribute(root, "show") or "1").lower() in {"0", "false", "off"}:
        aside = PageWriter(source.settings)
        _Slide(replace(source, size=None), root, aside).write()
        writer.hide("slide", _words(aside))
    else:
        _Slide(source, root, writer).write()


def _words(aside: PageWriter) -> str:
    return "\n".join(line.text for draft in aside.drafts for line in draft.lines)


class _Slide:
    """Writes one slide to the last page of `writer`."""

    def __init__(self, source: SlideSource, root: Element, writer: PageWriter) -> None:
        self._source = source
        self._package = source.package
        self._part = source.part
        self._root = root
        self._writer = writer
        self._targets = {relation.id: relation.target for relation in source.package.relations(source.part)}

    def write(self) -> None:
        above = self._above()
        for piece in take_out_unseen(self._package, self._root, above, self._part):
            self._writer.hide(piece.kind, piece.text)
        found = slide_shapes(self._root, above, self._source.size)
        shapes = [shape for shape in found if shape.hidden is None]
        for shape in sorted(shapes, key=lambda shape: shape.role not in TITLES):
            self._shape(shape)
        for shape in (shape for shape in found if shape.hidden is not None):
            self._hidden(shape, shape.hidden or "shape")
        for relation in self._package.relations(self._part):
            if relation.kind == "notesSlide":
                self._notes(self._package.tree(relation.target))
            elif relation.kind == "comments":
                self._comments(self._package.tree(relation.target))
        self._writer.lines([*_footers(shapes), *self._inherited(above)])

    def _above(self) -> list[Element]:
        """The slide's layout and the layout's master."""
        layout = self._package.related(self._part, "slideLayout")
        master = self._package.related(layout, "slideMaster") if layout else None
        return [root for part in (layout, master) if part and (root := self._package.tree(part)) is not None]

    def _inherited(self, above: Sequence[Element]) -> Iterator[Line]:
        """What the layout and the master show on the slide, without the places that they keep for its own text."""
        seen_from = self._root
        for root in above:
            if (attribute(seen_from, "showMasterSp") or "1").lower() in {"0", "false", "off"}:
                return
            for shape in slide_shapes(root, (), self._source.size):
                if shape.role is None and shape.hidden is None:
                    for text in drawn_paragraphs(shape.element):
                        yield Line(" ".join(text.split()), NO_BOX, kind="footer")
            seen_from = root

    def _hidden(self, shape: Shape, kind: HiddenKind) -> None:
        shown, self._writer = self._writer, PageWriter(self._source.settings)
        self._shape(shape)
        shown.hide(kind, _words(self._writer)) if kind != "covered" else shown.cover()
        self._writer = shown

    def _shape(self, shape: Shape) -> None:
        if shape.role in FURNITURE:
            return
        if local(shape.element) == "contentPart":
            self._writer.warn(INK)
        if local(shape.element) == "graphicFrame":
            self._frame(shape.element)
            return
        if any(next(descendants(shape.element, name), None) is not None for name in FILMS):
            self._writer.warn(FILM)
        self._pictures(shape.element)
        body = child(shape.element, "txBody")
        if body is None:
            return
        if shape.role in TITLES:
            self._writer.heading(" ".join(drawn_paragraphs(body)), 1)
        else:
            self._paragraphs(body, bulleted=shape.role in BULLETED)

    def _pictures(self, element: Element) -> None:
        for blip in descendants(element, "blip"):
            if target := self._targets.get(relation_id(blip, "embed") or ""):
                self._writer.picture(target)

    def _paragraphs(self, body: Element, *, bulleted: bool) -> None:
        count = sum(1 for _ in drawn_paragraphs(body)) if bulleted else 0
        for index, paragraph in enumerate(shape_paragraphs(body, bulleted=count > 1)):
            if paragraph.marker:
                self._writer.item(paragraph.text, paragraph.marker, paragraph.depth)
            else:
                self._writer.paragraph(paragraph.text, gap=index == 0)

    def _frame(self, frame: Element) -> None:
        for table in descendants(frame, "tbl"):
            self._writer.table(
                [[_cell(cell) for cell in row if local(cell) == "tc"] for row in descendants(table, "tr")]
            )
        for embedded in descendants(frame, "oleObj"):
            self._writer.warn(OBJECT.format(name=attribute(embedded, "progId") or "unknown"))
            self._pictures(embedded)
        graphics = [relation_id(item) for item in descendants(frame, "chart")]
        graphics += [relation_id(item, "dm") for item in descendants(frame, "relIds")]
        for graphic in filter(None, graphics):
            graphic_to_writer(self._package, self._part, graphic, self._writer)

    def _notes(self, root: Element | None) -> None:
        texts = [
            text
            for shape in (slide_shapes(root, ()) if root is not None else ())
            if shape.role == "body" and shape.hidden is None
            for text in drawn_paragraphs(shape.element)
        ]
        if texts:
            self._writer.paragraph("Speaker notes: " + "\n".join(texts))

    def _comments(self, root: Element | None) -> None:
        for comment in descendants(root, "cm") if root is not None else ():
            texts = [item.text or "" for item in descendants(comment, "text")] or list(drawn_paragraphs(comment))
            if text := " ".join(texts).strip():
                self._writer.paragraph(f"[Comment: {text}]")


def _cell(cell: Element) -> str:
    if any(attribute(cell, name) in {"1", "true"} for name in ("hMerge", "vMerge")):
        return ""
    body = child(cell, "txBody")
    paragraphs = shape_paragraphs(body, bulleted=False) if body is not None else ()
    return " ".join(f"{item.marker} {item.text}" if item.marker else item.text for item in paragraphs)


def _footers(shapes: Sequence[Shape]) -> list[Line]:
    texts = [text for shape in shapes if shape.role in FURNITURE for text in drawn_paragraphs(shape.element)]
    return [Line(" ".join(text.split()), NO_BOX, kind="footer") for text in texts]
