"""Reads PowerPoint files (pptx, pptm, ppsx, potx): a slide is a page, its title a heading, notes and comments marked.

Shapes come in the order in which they stand on the slide (`shapes`), not in which they were drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.graphics import drawn_paragraphs, drawn_text, graphic_to_writer
from qwen_batch.reading.parts.markdown import NO_BOX
from qwen_batch.reading.parts.ooxml import Package, attribute, child, descendants, local, opened_package, relation_id
from qwen_batch.reading.parts.reader import Reader, Unreadable
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.parts.zip import DAMAGED
from qwen_batch.reading.readers._office import OfficeFormat, PicturedPages, with_pictures
from qwen_batch.reading.readers.pptx.shapes import Shape, slide_shapes
from qwen_batch.records import Line

MIME = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
TITLES = frozenset(("title", "ctrTitle"))
FURNITURE = frozenset(("ftr", "dt", "sldNum"))
"""Placeholders of the footer, the date and the slide's number."""
BULLETED = frozenset(("body", "obj"))
"""Placeholders whose paragraphs have bullets unless they say otherwise."""


def slides_to_pictured(path: Path, settings: ReadSettings) -> PicturedPages:
    """One page a slide, hidden slides too."""
    with opened_package(path, settings) as package:
        main = package.main_part()
        listed = child(package.tree(main), "sldIdLst")
        targets = {relation.id: relation.target for relation in package.relations(main)}
        slides = [targets.get(relation_id(item) or "") for item in (listed if listed is not None else ())]
        if not slides:
            raise Unreadable("damaged", f"{DAMAGED} (it has no slides)")
        writer = PageWriter(settings)
        for index, slide in enumerate(slides):
            if index:
                writer.break_page()
            if slide is not None:
                _Slide(package, slide, writer).write()
        return with_pictures(writer.pages(), writer.drafts, package, settings, one_page=True)


class _Slide:
    """Writes one slide to the last page of `writer`."""

    def __init__(self, package: Package, part: str, writer: PageWriter) -> None:
        self._package = package
        self._part = part
        self._writer = writer
        self._targets = {relation.id: relation.target for relation in package.relations(part)}

    def write(self) -> None:
        root = self._package.tree(self._part)
        if root is None:
            self._writer.warn("this slide is missing in the file")
            return
        shapes = slide_shapes(root, self._above())
        for shape in sorted(shapes, key=lambda shape: shape.role not in TITLES):
            self._shape(shape)
        for relation in self._package.relations(self._part):
            if relation.kind == "notesSlide":
                self._notes(self._package.tree(relation.target))
            elif relation.kind == "comments":
                self._comments(self._package.tree(relation.target))
        self._writer.lines(_footers(shapes))

    def _above(self) -> list[Element]:
        """The slide's layout and the layout's master."""
        layout = self._package.related(self._part, "slideLayout")
        master = self._package.related(layout, "slideMaster") if layout else None
        return [root for part in (layout, master) if part and (root := self._package.tree(part)) is not None]

    def _shape(self, shape: Shape) -> None:
        if shape.role in FURNITURE:
            return
        if local(shape.element) == "graphicFrame":
            self._frame(shape.element)
            return
        for blip in descendants(shape.element, "blip"):
            if target := self._targets.get(relation_id(blip, "embed") or ""):
                self._writer.picture(target)
        body = child(shape.element, "txBody")
        if body is None:
            return
        if shape.role in TITLES:
            self._writer.heading(" ".join(drawn_paragraphs(body)), 1)
        else:
            self._paragraphs(body, bulleted=shape.role in BULLETED)

    def _paragraphs(self, body: Element, *, bulleted: bool) -> None:
        paragraphs = [item for item in body if local(item) == "p" and drawn_text(item).strip()]
        bulleted = bulleted and len(paragraphs) > 1
        numbers: dict[int, int] = {}
        gap = True
        for paragraph in paragraphs:
            text, look = drawn_text(paragraph).strip(), child(paragraph, "pPr")
            level = attribute(look, "lvl") if look is not None else None
            depth = int(level) if level and level.isdigit() else 0
            numbered = child(look, "buAutoNum") is not None
            numbers = {at: count for at, count in numbers.items() if at < depth or (at == depth and numbered)}
            if numbered:
                numbers[depth] = numbers.get(depth, 0) + 1
                self._writer.item(text, f"{numbers[depth]}.", depth)
            elif child(look, "buChar") is not None or (bulleted and child(look, "buNone") is None):
                self._writer.item(text, "-", depth)
            else:
                self._writer.paragraph(text, gap=gap)
            gap = False

    def _frame(self, frame: Element) -> None:
        for table in descendants(frame, "tbl"):
            self._writer.table(
                [[_cell(cell) for cell in row if local(cell) == "tc"] for row in descendants(table, "tr")]
            )
        graphics = [relation_id(item) for item in descendants(frame, "chart")]
        graphics += [relation_id(item, "dm") for item in descendants(frame, "relIds")]
        for graphic in filter(None, graphics):
            graphic_to_writer(self._package, self._part, graphic, self._writer)

    def _notes(self, root: Element | None) -> None:
        texts = [
            text
            for shape in (slide_shapes(root, ()) if root is not None else ())
            if shape.role == "body"
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
    merged = any(attribute(cell, name) in {"1", "true"} for name in ("hMerge", "vMerge"))
    return "" if merged else " ".join(drawn_paragraphs(cell))


def _footers(shapes: Sequence[Shape]) -> list[Line]:
    texts = [text for shape in shapes if shape.role in FURNITURE for text in drawn_paragraphs(shape.element)]
    return [Line(" ".join(text.split()), NO_BOX, kind="footer") for text in texts]


_SLIDES = OfficeFormat("pptx", MIME, slides_to_pictured)
READER: Reader = Reader(
    "pptx",
    (MIME,),
    _SLIDES.sniff,
    _SLIDES.read,
    _SLIDES.render,
    packages=("lxml", "pillow"),
    bytes_per_token={".pptx": 50},
)
