"""Reads PowerPoint files (pptx, pptm, ppsx, potx): a slide is a page, its title a heading, notes and comments marked.

Opens the file; slides are written in `slide`.
"""

from __future__ import annotations

from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.ooxml import attribute, child, opened_package, relation_id
from qwen_batch.reading.parts.reader import Reader, Unreadable
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.parts.zip import DAMAGED
from qwen_batch.reading.readers._office import OfficeFormat, PicturedPages, with_pictures
from qwen_batch.reading.readers.pptx.shapes import SlideSize
from qwen_batch.reading.readers.pptx.slide import SlideSource, slide_to_writer

MIME = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def slides_to_pictured(path: Path, settings: ReadSettings) -> PicturedPages:
    """One page a slide; what stands on hidden slides is kept apart."""
    with opened_package(path, settings) as package:
        main = package.main_part()
        root = package.tree(main)
        listed = child(root, "sldIdLst")
        targets = {relation.id: relation.target for relation in package.relations(main)}
        slides = [targets.get(relation_id(item) or "") for item in (listed if listed is not None else ())]
        if not slides:
            raise Unreadable("damaged", f"{DAMAGED} (it has no slides)")
        writer = PageWriter(settings)
        for index, slide in enumerate(slides):
            if index:
                writer.break_page()
            if slide is not None:
                slide_to_writer(SlideSource(package, slide, settings, _size(root)), writer)
        return with_pictures(writer.pages(), writer.drafts, package, settings, one_page=True)


def _size(presentation: Element | None) -> SlideSize | None:
    size = child(presentation, "sldSz")
    width, height = (attribute(size, name) or "" if size is not None else "" for name in ("cx", "cy"))
    return SlideSize(int(width), int(height)) if width.isdigit() and height.isdigit() else None


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
