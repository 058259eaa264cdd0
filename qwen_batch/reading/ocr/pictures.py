"""Reads what stands on a page beside its text layer: words in its pictures, and letters drawn as outlines.

The layer is kept as it is. Its lines are wiped from the page's image, and what is left is recognised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import ImageDraw

from qwen_batch.geometry import outline
from qwen_batch.reading.ocr.attempts import PageImage, Recogniser, read_page, reading_to_text
from qwen_batch.records import Box, Line, Page, Word

if TYPE_CHECKING:
    from PIL.Image import Image

IN_PICTURES = "words_in_pictures"
"""Why such a page is recognised."""
MIN_LINE_CONFIDENCE = 0.6
"""Lines below are mostly shapes that were taken for letters."""
MIN_LINE_CHARACTERS = 3
INK = 160
MARGIN_PIXELS = 30
PAPER_WHITE = 255
LEFT_OUT = "{count} lines in its pictures could not be read surely and were left out"
NOTHING_READ = "its pictures seem to hold words, and none could be read"


def read_pictures(page: Page, image: PageImage, languages: tuple[str, ...], by: Recogniser) -> Page:
    """The page with the lines of its pictures among those of its layer. Raises OcrFailed, OcrTimeout."""
    rest = wiped(image.image, [line.box for line in page.lines], image.points)
    box = rest.point(lambda value: PAPER_WHITE if value < INK else 0).getbbox()
    if box is None:
        return replace(page, ocr_done=True)
    left, top = max(box[0] - MARGIN_PIXELS, 0), max(box[1] - MARGIN_PIXELS, 0)
    part = rest.crop((left, top, min(box[2] + MARGIN_PIXELS, rest.width), min(box[3] + MARGIN_PIXELS, rest.height)))
    seen = reading_to_text(read_page(PageImage(part, image.points), languages, by))
    placed = [_placed(line, left * image.points, top * image.points) for line in seen.lines]
    sure = [line for line in placed if _confidence(line.words) >= MIN_LINE_CONFIDENCE]
    lines = [line for line in sure if sum(map(str.isalnum, line.text)) >= MIN_LINE_CHARACTERS]
    return replace(
        page,
        lines=_among(page.lines, lines),
        ocr_done=True,
        ocr_confidence=_page_confidence(page.lines, lines),
        warnings=(*page.warnings, *_warnings(len(placed) - len(sure), len(lines))),
    )


def wiped(image: Image, boxes: Sequence[Box], points: float) -> Image:
    """A copy of a page's image with white where the boxes are."""
    copy = image.copy()
    draw = ImageDraw.Draw(copy)
    for box in boxes:
        margin = (box.y1 - box.y0) / 10
        sides = (box.x0 - margin, box.y0 - margin, box.x1 + margin, box.y1 + margin)
        draw.rectangle([round(side / points) for side in sides], fill=PAPER_WHITE)
    return copy


def _placed(line: Line, left: float, top: float) -> Line:
    words = tuple(
        replace(word, box=Box(word.box.x0 + left, word.box.y0 + top, word.box.x1 + left, word.box.y1 + top))
        for word in line.words
    )
    return replace(line, box=outline([word.box for word in words]), words=words)


def _confidence(words: Sequence[Word]) -> float:
    length = sum(len(word.text) for word in words)
    return sum(len(word.text) * (word.confidence or 0.0) for word in words) / max(length, 1)


def _page_confidence(layer: Sequence[Line], read: Sequence[Line]) -> float | None:
    """The mean over all characters; those of the layer were never in doubt. None if nothing was read."""
    sure = sum(len(line.text) for line in layer)
    seen = sum(len(line.text) for line in read)
    return (sure + sum(len(line.text) * _confidence(line.words) for line in read)) / (sure + seen) if seen else None


def _among(layer: Sequence[Line], read: Sequence[Line]) -> tuple[Line, ...]:
    """Each picture's lines, in their order, before the first line of the layer that lies below them."""
    lines = list(layer)
    at = 0
    for line in read:
        below = next((place for place, other in enumerate(lines) if other.box.y0 >= line.box.y0), len(lines))
        at = max(at, below)
        lines.insert(at, line)
        at += 1
    return tuple(lines)


def _warnings(unsure: int, read: int) -> tuple[str, ...]:
    if not unsure:
        return () if read else (NOTHING_READ,)
    return (LEFT_OUT.format(count=unsure),)
