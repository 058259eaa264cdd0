"""Pictures of pages as WebP, made in the child process, and how many bytes of them a report may hold.

Runs the functions of `page_picture` and `page_words` where a damaged file can do no harm; knows no evidence.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.reader import reader_for
from qwen_batch.records import Box, Word

MB = 1_000_000
PAGE_DPI = 84
"""Small print can be read, and a page takes about 30 kB."""
THUMBNAIL_DPI = 36
"""Lines can be told apart: 5 kB."""
MAX_SIDE_PIXELS = 1400
QUALITY = 42
THUMBNAIL_BYTES = 6_000
"""What is kept free for each picture that is still to come."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as WebP; `width` and `height` in pixels, `small` if it is a thumbnail."""

    data: bytes
    width: int
    height: int
    small: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page to picture: at `dpi`, turned clockwise by `turn` degrees: 0, 90, 180 or 270."""

    path: Path
    mime: str
    number: int
    turn: int
    dpi: int


def page_picture(page: Wanted, settings: ReadSettings) -> Picture:
    """A page as it is wanted. Raises Unreadable. For the child process."""
    from PIL import Image

    image = reader_for(page.mime).render(page.path, page.number, page.dpi, settings)
    if page.turn:
        image = image.rotate(-page.turn, expand=True)
    if max(image.size) > MAX_SIDE_PIXELS:
        image.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "WEBP", quality=QUALITY, method=4)
    return Picture(file.getvalue(), *image.size, small=page.dpi == THUMBNAIL_DPI)


def page_words(path: Path, mime: str, lines: Mapping[int, Sequence[Box]]) -> dict[int, list[tuple[Word, ...]]]:
    """The words in the lines of some pages; none where the reader has them already. For the child process."""
    line_words = reader_for(mime).line_words
    return line_words(path, lines) if line_words else {}


class Budget:
    """Counts what is written: whole pictures while they leave room for thumbnails of all others, then thumbnails."""

    def __init__(self, max_bytes: int, pictures: int) -> None:
        self._left = max_bytes
        self._to_come = pictures

    def spend(self, size: int) -> None:
        """Something that is no picture was written."""
        self._left -= size

    @property
    def wants_whole(self) -> bool:
        """Whether a whole picture may be tried."""
        return self._left > self._to_come * THUMBNAIL_BYTES

    def takes(self, picture: Picture) -> bool:
        """Whether the picture may be written; then it is counted."""
        reserve = 0 if picture.small else (self._to_come - 1) * THUMBNAIL_BYTES
        if len(picture.data) + reserve > self._left:
            return False
        self._left -= len(picture.data)
        return True

    def done(self) -> None:
        """One page less is to come, whatever became of it."""
        self._to_come -= 1
