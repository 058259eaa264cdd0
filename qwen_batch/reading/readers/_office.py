"""What readers of Office files share: pages that are nothing but pictures, such as scans pasted into Word, get OCR.

A page with text keeps it, and a large picture on it is a warning. Pictures are the business of the reader of images.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.files import bytes_as_file
from qwen_batch.reading.parts.ooxml import opened_package
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
NOT_READ_FURNITURE = "a picture in the header or footer was not read: save the document as PDF if its text matters"
VECTOR = "a drawing ({suffix}) on this page was not read: save the document as PDF if its text matters"
VECTOR_SUFFIXES = frozenset((".emf", ".wmf", ".emz", ".wmz"))
"""Pictures as drawing commands of Windows, which the reader of images does not know."""
REASON = "image"


class PartData(Protocol):
    """What holds pictures by name."""

    def data(self, part: str, /) -> bytes | None:
        """The bytes of one, None if there is none of that name."""
        ...


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
    pages: Sequence[Page], drafts: Sequence[PageDraft], package: PartData, settings: ReadSettings, *, one_page: bool
) -> PicturedPages:
    """The pages, those without text as the large pictures on them: the largest with `one_page`, else one page each."""
    done: list[Page] = []
    parts: list[str | None] = []
    for page, draft in zip(pages, drafts, strict=True):
        pixels = {part: picture_pixels(package.data(part) or b"") for part in draft.pictures}
        large = [part for part in dict.fromkeys(draft.pictures) if pixels[part] >= MIN_PICTURE_PIXELS]
        unread = _unread(draft, package)
        if not large or draft.has_text:
            beside = [_picture_warning(large)] if large else []
            done.append(replace(page, number=len(done) + 1, warnings=(*page.warnings, *beside, *unread)))
            parts.append(None)
            continue
        chosen = [max(large, key=lambda part: pixels[part])] if one_page else large
        beside = [_picture_warning([part for part in large if part not in chosen])] if len(chosen) < len(large) else []
        for index, part in enumerate(chosen):
            warnings = (*page.warnings, *beside, *unread) if index == 0 else page.warnings
            done.append(_picture_page(replace(page, number=len(done) + 1, warnings=warnings), package, part, settings))
            parts.append(part)
    check_page_count(len(done), settings)
    return PicturedPages(tuple(done), tuple(parts))


def _picture_warning(parts: Sequence[str]) -> str:
    names = ", ".join(PurePosixPath(part).name for part in parts)
    return f"{NOT_READ} ({names})"


def _unread(draft: PageDraft, package: PartData) -> list[str]:
    """Warnings of pictures that nobody reads: drawings in formats of Windows, large ones in headers."""
    suffixes = {PurePosixPath(part).suffix.lower() for part in (*draft.pictures, *draft.furniture_pictures)}
    warnings = [VECTOR.format(suffix=suffix[1:].upper()) for suffix in sorted(suffixes & VECTOR_SUFFIXES)]
    large = (picture_pixels(package.data(part) or b"") >= MIN_PICTURE_PIXELS for part in draft.furniture_pictures)
    return [*warnings, NOT_READ_FURNITURE] if any(large) else warnings


def _picture_page(page: Page, package: PartData, part: str, settings: ReadSettings) -> Page:
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
