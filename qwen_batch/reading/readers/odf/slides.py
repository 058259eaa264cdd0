"""Writes the slides of an OpenDocument presentation: titles first, then shapes from top to bottom, then the notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qwen_batch.reading.parts.markdown import NO_BOX
from qwen_batch.reading.parts.ooxml import attribute, child, local
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.odf.body import BodyWalk
from qwen_batch.reading.readers.odf.styles import master_pages, words_of
from qwen_batch.reading.readers.odf.text import DRAWINGS, all_text, paragraph_text
from qwen_batch.records import Line

POINTS = {"cm": 28.35, "mm": 2.835, "in": 72.0, "pt": 1.0, "px": 0.75, "pc": 12.0}
ROW_TOLERANCE_PT = 18
FAR_AWAY_PT = 1e9
FURNITURE = frozenset(("footer", "header", "date-time", "page-number"))
_LENGTH = re.compile(r"(-?[\d.]+)(cm|mm|in|pt|px|pc)")


@dataclass(frozen=True, slots=True)
class _Size:
    """How large a slide is, in points."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a slide stands in: its kind of page, the size, and the words of footers by what the slide calls them."""

    master: Element | None
    size: _Size | None
    said: Mapping[tuple[str, str | None], str]


def slides_to_writer(presentation: Element, walk: BodyWalk, shared: Element | None) -> None:
    """A page for each slide; what stands on a hidden one is hidden."""
    writer = walk.writer
    masters, sizes = master_pages(shared), _sizes(shared)
    said = {
        (local(item).removesuffix("-decl"), attribute(item, "name")): words_of(item)
        for item in presentation
        if local(item).endswith("-decl")
    }
    slides = [item for item in presentation if local(item) == "page"]
    for index, slide in enumerate(slides):
        if index:
            writer.break_page()
        if walk.styles.is_hidden("drawing-page", attribute(slide, "style-name")):
            writer.hide("slide", " ".join(words_of(item) for item in slide))
        else:
            master = masters.get(attribute(slide, "master-page-name"))
            layout = attribute(master, "page-layout-name") if master is not None else None
            _slide(slide, walk, _Frame(master, sizes.get(layout), said))


def _sizes(shared: Element | None) -> dict[str | None, _Size]:
    found = {}
    for layout in shared.iter("{*}page-layout") if shared is not None else ():
        if (properties := child(layout, "page-layout-properties")) is not None:
            width, height = (_points(properties, name) for name in ("page-width", "page-height"))
            found[attribute(layout, "name")] = _Size(width, height)
    return found


def _slide(slide: Element, walk: BodyWalk, frame: _Frame) -> None:
    writer = walk.writer
    shapes = [item for item in slide if local(item) not in {"notes", "forms", "animations", "par"}]
    footers = [item for item in shapes if attribute(item, "class") in FURNITURE]
    for shape in sorted(shapes, key=_place):
        if shape in footers:
            continue
        if frame.size is not None and _is_beside(shape, frame.size):
            writer.hide("clipped", words_of(shape))
            continue
        if attribute(shape, "class") == "title" and (box := child(shape, "text-box")) is not None:
            found = [paragraph_text(item, walk.styles, walk.controls) for item in box if local(item) == "p"]
            writer.heading(" ".join(one.text for one in found), 1)
        elif local(shape) != "annotation":
            walk.drawing(shape, 0)
        elif text := _said(shape, walk):
            writer.paragraph(f"[Comment: {text}]")
    notes = child(slide, "notes")
    spoken = [_said(item, walk) for item in notes if attribute(item, "class") == "notes"] if notes is not None else []
    if any(spoken):
        writer.paragraph("Speaker notes: " + "\n".join(filter(None, spoken)))
    own = [text for item in footers if (text := _said(item, walk))]
    texts = [*own, *(text for text in _inherited(slide, walk, frame) if text not in own)]
    writer.lines([Line(text, NO_BOX, kind="footer") for text in texts if text])


def _said(shape: Element, walk: BodyWalk) -> str:
    """What the paragraphs of a shape show, on one line; what nobody sees of them is hidden."""
    found = all_text(shape, walk.styles, walk.controls)
    for piece in found.hidden:
        walk.writer.hide(piece.kind, piece.text)
    return found.text


def _inherited(slide: Element, walk: BodyWalk, frame: _Frame) -> Iterator[str]:
    """What the slide's kind of page shows on it, without the places that it keeps for the slide's own text."""
    if frame.master is None or walk.styles.hides_master(attribute(slide, "style-name")):
        return
    for shape in frame.master:
        kind = attribute(shape, "class")
        if kind in {"footer", "header", "date-time"}:
            name = "footer" if kind == "footer" else kind
            yield frame.said.get((name, attribute(slide, f"use-{name}-name")), "")
        elif kind is None and local(shape) in DRAWINGS and attribute(shape, "placeholder") != "true":
            yield _said(shape, walk)


def _is_beside(shape: Element, size: _Size) -> bool:
    """Whether a shape stands wholly beside its slide, where authors park what is not to be seen."""
    x, y, width, height = (_points(shape, name) for name in ("x", "y", "width", "height"))
    if FAR_AWAY_PT in {x, y, width, height, size.width, size.height}:
        return False
    return x >= size.width or y >= size.height or x + width <= 0 or y + height <= 0


def _place(shape: Element) -> tuple[bool, float, float]:
    title = attribute(shape, "class") == "title"
    return not title, round(_points(shape, "y") / ROW_TOLERANCE_PT), _points(shape, "x")


def _points(shape: Element, name: str) -> float:
    found = _LENGTH.fullmatch(attribute(shape, name) or "")
    return float(found[1]) * POINTS[found[2]] if found else FAR_AWAY_PT
