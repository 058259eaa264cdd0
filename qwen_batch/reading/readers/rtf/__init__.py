"""Reads Rich Text Format: paragraphs, items, tables, notes, with headers and footers; pages where it breaks them.

Opens the file and puts headers and footers on the pages; the groups are walked in `walk`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.files import bytes_as_file
from qwen_batch.reading.parts.markdown import NO_BOX
from qwen_batch.reading.parts.reader import Reader, Unreadable
from qwen_batch.reading.parts.writer import PageDraft, PageWriter
from qwen_batch.reading.readers._office import PicturedPages, with_pictures
from qwen_batch.reading.readers.image import render as render_image
from qwen_batch.reading.readers.rtf.story import Section
from qwen_batch.reading.readers.rtf.walk import MAGIC, rtf_to_writer
from qwen_batch.records import Line, Page

if TYPE_CHECKING:
    from PIL.Image import Image

MIME = "application/rtf"


PLACES: dict[str, Literal["header", "footer"]] = {"header": "header", "footer": "footer"}


class Pictures(dict[str, bytes]):
    """The pictures of a file by the names that the walk gave them."""

    def data(self, part: str, /) -> bytes | None:
        """The bytes of one."""
        return self.get(part)


def sniff(head: bytes, path: Path) -> str | None:  # noqa: ARG001
    """application/rtf, by the file's first bytes."""
    return MIME if head.startswith(MAGIC) else None


def read(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    """Its pages by the breaks that it asks for; where a program broke others is not in the file."""
    pictured, _ = _pictured(path, settings)
    return pictured.pages


def render(path: Path, page_number: int, dpi: int, settings: ReadSettings) -> Image:
    """The image of a page that is a picture. Raises Unreadable for a page of text."""
    pictured, pictures = _pictured(path, settings)
    part = pictured.parts[page_number - 1]
    if part is None:
        raise Unreadable("unsupported", "This page is text and has no image.", page_number)
    with bytes_as_file(pictures[part], part) as file:
        return render_image(file, 1, dpi, settings)


def _pictured(path: Path, settings: ReadSettings) -> tuple[PicturedPages, Pictures]:
    writer = PageWriter(settings)
    walk = rtf_to_writer(path.read_bytes(), writer)
    pages = _with_strips(writer.pages(), writer.drafts, walk.blocks.sections)
    pictures = Pictures(walk.pictures)
    return with_pictures(pages, writer.drafts, pictures, settings, one_page=False), pictures


def _with_strips(pages: Sequence[Page], drafts: Sequence[PageDraft], sections: Sequence[Section]) -> tuple[Page, ...]:
    """The pages with their headers above and footers below the text."""
    done = []
    for index, page in enumerate(pages):
        section = sections[min(drafts[index].section, len(sections) - 1)]
        opens = index == 0 or drafts[index - 1].section != drafts[index].section
        header, footer = (_strip(section, place, page.number, opens=opens) for place in ("header", "footer"))
        more = _other_pages(section) if len(pages) == 1 else ()
        lines = (*_lines(header, "header"), *more, *page.lines, *_lines(footer, "footer"))
        done.append(replace(page, lines=lines))
    return tuple(done)


def _other_pages(section: Section) -> Iterator[Line]:
    """The heads and feet of further pages, of a file that does not say where its pages end."""
    if section.first:
        for place, kind in PLACES.items():
            yield from _lines(_strip(section, place, 1, opens=False), kind)


def _strip(section: Section, place: str, number: int, *, opens: bool) -> list[str]:
    if section.first and opens:
        return section.strips.get(f"{place}f", [])
    side = f"{place}l" if number % 2 == 0 else f"{place}r"
    return section.strips.get(side) or section.strips.get(place, [])


def _lines(texts: Sequence[str], kind: Literal["header", "footer"]) -> tuple[Line, ...]:
    return tuple(Line(text, NO_BOX, kind=kind) for text in texts)


READER: Reader = Reader("rtf", (MIME,), sniff, read, render, packages=("pillow",))
