"""Reads lines once more that a coloured stamp crosses, without its colour. Knows neither documents nor engines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PIL import Image, ImageFilter

from qwen_batch.geometry import outline
from qwen_batch.reading.ocr.engine import OcrText
from qwen_batch.reading.ocr.rows import rows_to_text
from qwen_batch.reading.parts.colour import coloured_ink, lightest_channel
from qwen_batch.records import Box, Line, Word


REDUCTION = 4
DARK = 110
"""Grey value below which ink is black without its colour."""
MIN_CROSSED_CELLS = 24
"""So many squares of REDUCTION pixels hold coloured ink and black ink side by side where a stamp crosses a line."""
MIN_LEVEL_OVERLAP = 0.5
Span = tuple[int, int]


def crossed_rows(image: Image.Image) -> Span | None:
    """Top and bottom, in pixels, of where coloured ink of an image of mode "RGB" touches black ink; None if nowhere."""
    small = image.reduce(REDUCTION)
    coloured = coloured_ink(small).filter(ImageFilter.MaxFilter(3))
    black = lightest_channel(small).point(lambda value: 255 if value < DARK else 0).filter(ImageFilter.MaxFilter(3))
    both = Image.new("L", small.size, 0)
    both.paste(black, mask=coloured)
    box = both.getbbox()
    if box is None or both.histogram()[255] < MIN_CROSSED_CELLS:
        return None
    return box[1] * REDUCTION, box[3] * REDUCTION


def with_crossed_lines(first: OcrText, below: OcrText, top: float) -> OcrText:
    """A reading whose lines give way to those that a second one, of the part from `top` on, read better."""
    lines = list(first.lines)
    for line in below.lines:
        new = _moved(line, top)
        level = [old for old in lines if _level(old.box, new.box)]
        if _worth([new]) <= _worth(level):
            continue
        at = lines.index(level[0]) if level else next(
            (at for at, old in enumerate(lines) if old.box.y0 >= new.box.y0), len(lines)
        )
        lines = [old for old in lines if old not in level]
        lines.insert(min(at, len(lines)), new)
    return rows_to_text([line.words for line in lines])


def _moved(line: Line, down: float) -> Line:
    words = tuple(replace(word, box=_lowered(word.box, down)) for word in line.words)
    return replace(line, box=outline([word.box for word in words]), words=words)


def _lowered(box: Box, down: float) -> Box:
    return Box(box.x0, box.y0 + down, box.x1, box.y1 + down)


def _level(one: Box, other: Box) -> bool:
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    return across > 0 and shared >= MIN_LEVEL_OVERLAP * min(one.y1 - one.y0, other.y1 - other.y0)


def _worth(lines: Sequence[Line]) -> float:
    return words_worth([word for line in lines for word in line.words])


def words_worth(words: Sequence[Word]) -> float:
    """Characters expected to be right less those expected to be wrong: neither sure nor long alone wins."""
    return sum(len(word.text) * (2 * (word.confidence or 0.0) - 1) for word in words)
