"""What readers of Office files share: pages that are nothing but pictures, such as scans pasted into Word, get OCR.

A page with text keeps it, and a large picture on it is a warning. Pictures are the business of the reader of images.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.files import bytes_as_file
from qwen_batch.reading.parts.ooxml import Package, opened_package
from qwen_batch.reading.parts.reader import Unreadable, check_page_count
from qwen_batch.reading.parts.writer import PageDraft
from qwen_batch.reading.parts.zip import zip_kind
from qwen_batch.reading.readers.image import MIN_PICTURE_PIXELS, picture_pixels
from qwen_batch.reading.readers.image import read as read_image
from qwen_batch.reading.readers.image import render as render_image
from qwen_batch.records import Page

if TYPE_CHECKING:
    from PIL.Image import Image

NOT_READ = "a large picture on this page was not read: save the document as PDF if its text matters"
REASON = "image"


@dataclass(frozen=True, slots=True)
class PicturedPages:
    """Pages, and for each the part of the file with the picture that it is, None for a page with text."""

    pages: tuple[Page, ...]
    parts: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class OfficeFormat:
    """What a reader offers of a zip file with a main part of some `kind`; `to_pages` reads it anew each time."""

    kind: str
    mime: str
    to_pages: Callable[[Path, ReadSettings], PicturedPages]

    def sniff(self, head: bytes, path: Path) -> str | None:
        """The MIME type, if it is a zip file with a main part of this kind."""
        return self.mime if zip_kind(head, path) == self.kind else None

    def read(self, path: Path, settings: ReadSettings) -> tuple[Page, ...]:
        """All pages."""
        return self.to_pages(path, settings).pages

    def render(self, path: Path, page_number: int, dpi: int, settings: ReadSettings) -> Image:
        """The image of a page that is a picture."""
        return _render_picture(path, self.to_pages(path, settings).parts[page_number - 1], page_number, dpi, settings)


def with_pictures(
    pages: Sequence[Page], drafts: Sequence[PageDraft], package: Package, settings: ReadSettings, *, one_page: bool
) -> PicturedPages:
    """The pages, those without text as the large pictures on them: the largest with `one_page`, else one page each."""
    done: list[Page] = []
    parts: list[str | None] = []
    for page, draft in zip(pages, drafts, strict=True):
        pixels = {part: picture_pixels(package.data(part) or b"") for part in draft.pictures}
        large = [part for part in dict.fromkeys(draft.pictures) if pixels[part] >= MIN_PICTURE_PIXELS]
        if not large or draft.has_text:
            warnings = (*page.warnings, NOT_READ) if large else page.warnings
            done.append(replace(page, number=len(done) + 1, warnings=warnings))
            parts.append(None)
            continue
        chosen = [max(large, key=lambda part: pixels[part])] if one_page else large
        for part in chosen:
            warnings = (*page.warnings, NOT_READ) if len(chosen) < len(large) else page.warnings
            done.append(_picture_page(replace(page, number=len(done) + 1, warnings=warnings), package, part, settings))
            parts.append(part)
    check_page_count(len(done), settings)
    return PicturedPages(tuple(done), tuple(parts))


def _picture_page(page: Page, package: Package, part: str, settings: ReadSettings) -> Page:
    try:
        with bytes_as_file(package.data(part) or b"", part) as file:
            picture = read_image(file, settings)[0]
    except Unreadable as error:
        return replace(page, warnings=(*page.warnings, f"the picture on this page was not read: {error.message}"))
    return replace(page, width=picture.width, height=picture.height, needs_ocr=REASON)


def _render_picture(path: Path, part: str | None, page_number: int, dpi: int, settings: ReadSettings) -> Image:
    """The image of a page that is the picture in a part of the file. Raises Unreadable for a page that is none."""
    if part is None:
        raise Unreadable("unsupported", "This page is text and has no image.", page_number)
    with opened_package(path, settings) as package, bytes_as_file(package.data(part) or b"", part) as file:
        return render_image(file, 1, dpi, settings)
