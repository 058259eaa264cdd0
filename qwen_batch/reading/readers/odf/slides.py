"""Writes the slides of an OpenDocument presentation: titles first, then shapes from top to bottom, then the notes."""

from __future__ import annotations

import re

from qwen_batch.reading.parts.markdown import NO_BOX
from qwen_batch.reading.parts.ooxml import attribute, child, local
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.odf.body import BodyWalk
from qwen_batch.reading.readers.odf.styles import words_of
from qwen_batch.reading.readers.odf.text import paragraph_text
from qwen_batch.records import Line

POINTS = {"cm": 28.35, "mm": 2.835, "in": 72.0, "pt": 1.0, "px": 0.75, "pc": 12.0}
ROW_TOLERANCE_PT = 18
FAR_AWAY_PT = 1e9
FURNITURE = frozenset(("footer", "header", "date-time", "page-number"))
_LENGTH = re.compile(r"(-?[\d.]+)(cm|mm|in|pt|px|pc)")


def slides_to_writer(presentation: Element, walk: BodyWalk, writer: PageWriter) -> None:
    """A page for each slide; what stands on a hidden one is hidden."""
    slides = [item for item in presentation if local(item) == "page"]
    for index, slide in enumerate(slides):
        if index:
            writer.break_page()
        if walk.styles.is_hidden("drawing-page", attribute(slide, "style-name")):
            writer.hide("slide", " ".join(words_of(item) for item in slide))
        else:
            _slide(slide, walk, writer)


def _slide(slide: Element, walk: BodyWalk, writer: PageWriter) -> None:
    shapes = [item for item in slide if local(item) not in {"notes", "forms", "animations", "par"}]
    footers = [item for item in shapes if attribute(item, "class") in FURNITURE]
    for shape in sorted(shapes, key=_place):
        if shape in footers:
            continue
        if attribute(shape, "class") == "title" and (box := child(shape, "text-box")) is not None:
            found = [paragraph_text(item, walk.styles, walk.controls) for item in box if local(item) == "p"]
            writer.heading(" ".join(one.text for one in found), 1)
        elif local(shape) != "annotation":
            walk.drawing(shape, 0)
        elif text := words_of(shape):
            writer.paragraph(f"[Comment: {text}]")
    notes = child(slide, "notes")
    texts = [words_of(item) for item in notes if attribute(item, "class") == "notes"] if notes is not None else []
    if any(texts):
        writer.paragraph("Speaker notes: " + "\n".join(filter(None, texts)))
    writer.lines([Line(text, NO_BOX, kind="footer") for item in footers if (text := words_of(item))])


def _place(shape: Element) -> tuple[bool, float, float]:
    title = attribute(shape, "class") == "title"
    return not title, round(_points(shape, "y") / ROW_TOLERANCE_PT), _points(shape, "x")


def _points(shape: Element, name: str) -> float:
    found = _LENGTH.fullmatch(attribute(shape, name) or "")
    return float(found[1]) * POINTS[found[2]] if found else FAR_AWAY_PT
