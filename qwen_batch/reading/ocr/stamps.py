"""Reads lines once more that a coloured stamp crosses, without its colour. Knows neither documents nor engines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PIL import Image, ImageFilter, ImageStat

from qwen_batch.geometry import outline
from qwen_batch.reading.ocr.engine import OcrText
from qwen_batch.reading.ocr.rows import rows_to_text
from qwen_batch.reading.parts.colour import coloured_ink, lightest_channel
from qwen_batch.records import Box, Line, Word

REDUCTION = 2
DARK_SHARE = 0.8
"""Of a stamp's own grey value, without colour: what is darker is black ink, beside the stamp or under it."""
MIN_CROSSED_CELLS = 100
"""So many squares of REDUCTION pixels hold coloured ink and black ink side by side where a stamp crosses a line."""
STAMP_AS_PAPER, STAMP_AS_INK = 0.95, 0.75
"""Shares of a stamp's own grey value, without colour, above which it is paper and below which letters show through."""
MIN_LEVEL_OVERLAP = 0.5
SURE_CONFIDENCE = 0.7
Span = tuple[float, float]


def crossed_rows(image: Image.Image) -> Span | None:
    """Top and bottom, in pixels, of where coloured ink of an image of mode "RGB" touches black ink; None if nowhere."""
    small = image.reduce(REDUCTION)
    mask, pale = coloured_ink(small), lightest_channel(small)
    stamp = _stamp_grey(pale, mask)
    if not stamp:
        return None
    black = pale.point(lambda value: 255 if value < DARK_SHARE * stamp else 0).filter(ImageFilter.MaxFilter(3))
    both = Image.new("L", small.size, 0)
    both.paste(black, mask=mask.filter(ImageFilter.MaxFilter(3)))
    box = both.getbbox()
    if box is None or both.histogram()[255] < MIN_CROSSED_CELLS:
        return None
    return box[1] * REDUCTION, box[3] * REDUCTION


def _stamp_grey(pale: Image.Image, mask: Image.Image) -> float:
    """The usual grey value of solid coloured ink, 0 without any."""
    solid = mask.filter(ImageFilter.MinFilter(3))
    return float(ImageStat.Stat(pale, solid).median[0]) if solid.getbbox() else 0.0


def without_stamps(image: Image.Image) -> Image.Image:
    """An image of mode "RGB" as grey values, coloured ink as white as paper, and what shows through it as black."""
    pale = lightest_channel(image)
    mask = coloured_ink(image)
    stamp = _stamp_grey(pale, mask)
    if not stamp:
        return pale
    low, high = STAMP_AS_INK * stamp, STAMP_AS_PAPER * stamp
    clear = pale.point(lambda value: max(0, min(255, round(255 * (value - low) / (high - low)))))
    done = Image.composite(clear, pale, mask.filter(ImageFilter.MaxFilter(3)))
    # a stamp's rim mixes with the paper: thin lines that the median takes away
    return Image.composite(done.filter(ImageFilter.MedianFilter(3)), done, mask.filter(ImageFilter.MaxFilter(15)))


def with_crossed_lines(first: OcrText, again: OcrText, top: float, rows: Span) -> OcrText:
    """A reading whose lines between two heights give way to those of a second one, which starts at `top`.

    Words that were read surely and only before, which are coloured themselves, stay beside what is level with them.
    """
    old = [line for line in first.lines if _is_between(line.box, rows)]
    new = [moved for line in again.lines if _is_between((moved := _moved(line, top)).box, rows)]
    if _worth(new) <= _worth(old):
        return first
    read = [word.box for line in new for word in line.words]
    kept = [
        word
        for line in old
        for word in line.words
        if (word.confidence or 0.0) >= SURE_CONFIDENCE and not any(_touch(word.box, box) for box in read)
    ]
    lines = [list(line.words) for line in new]
    for word in kept:
        level = [words for words in lines if _level(outline([other.box for other in words]), word.box)]
        (level[0] if level else _new(lines)).append(word)
    done = [tuple(sorted(words, key=lambda word: word.box.x0)) for words in lines]
    at = next((at for at, line in enumerate(first.lines) if line in old), _place(first.lines, rows))
    before = [line.words for line in first.lines[:at]]
    after = [line.words for line in first.lines[at:] if line not in old]
    return rows_to_text([*before, *done, *after])


def _new(lines: list[list[Word]]) -> list[Word]:
    lines.append([])
    return lines[-1]


def _place(lines: Sequence[Line], rows: Span) -> int:
    return next((at for at, line in enumerate(lines) if line.box.y0 >= rows[0]), len(lines))


def _is_between(box: Box, rows: Span) -> bool:
    return rows[0] <= (box.y0 + box.y1) / 2 <= rows[1]


def _touch(one: Box, other: Box) -> bool:
    return min(one.x1, other.x1) > max(one.x0, other.x0) and min(one.y1, other.y1) > max(one.y0, other.y0)


def _moved(line: Line, down: float) -> Line:
    words = tuple(replace(word, box=_lowered(word.box, down)) for word in line.words)
    return replace(line, box=outline([word.box for word in words]), words=words)


def _lowered(box: Box, down: float) -> Box:
    return Box(box.x0, box.y0 + down, box.x1, box.y1 + down)


def _level(one: Box, other: Box) -> bool:
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared >= MIN_LEVEL_OVERLAP * min(one.y1 - one.y0, other.y1 - other.y0)


def _worth(lines: Sequence[Line]) -> float:
    return words_worth([word for line in lines for word in line.words])


def words_worth(words: Sequence[Word]) -> float:
    """Characters expected to be right less those expected to be wrong: neither sure nor long alone wins."""
    return sum(len(word.text) * (2 * (word.confidence or 0.0) - 1) for word in words)
