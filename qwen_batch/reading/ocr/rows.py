"""Puts recognised lines into rows: a block of labels or amounts goes beside the lines that it stands level with.

Segmentation by an OCR engine takes a column of section numbers, of prices, or of a table's cells for a text column of
its own, and reads it before or after all that stands beside it. Columns of prose are left alone. Lines lie level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from qwen_batch.cjk import is_cjk
from qwen_batch.geometry import outline
from qwen_batch.reading.ocr.engine import OcrText
from qwen_batch.records import Box, Line, Word

MAX_LABEL_CHARACTERS = 24
"""The longest line of a block of labels or amounts, a Chinese character counting twice."""
MIN_LEVEL_SHARE = 0.5
"""So many of a block's lines must stand level with lines of other blocks."""
MIN_LEVEL_OVERLAP = 0.5
MIN_PROSE_LINES = 4
MIN_PROSE_CHARACTERS = 20
"""Two columns are prose if the middle one of their lines is at least so long, and each has so many lines."""
CJK_PUNCTUATION = frozenset("，。、；：？！（）《》〈〉【】「」『』％")
SHARED_PUNCTUATION = frozenset("“”‘’—…·")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that an engine took for one block, each as its words; boxes in pixels of the level image."""

    lines: tuple[tuple[Word, ...], ...]


@dataclass(slots=True)
class _Row:
    words: list[Word]
    box: Box


def blocks_to_rows(blocks: Sequence[Block]) -> tuple[tuple[Word, ...], ...]:
    """The words of each line in reading order; lines of label blocks joined to the line that they stand level with."""
    labels = [block for block in blocks if _are_labels(block, blocks)]
    rows = [_row(line) for block in blocks if block not in labels for line in block.lines]
    for block in labels:
        for line in block.lines:
            _place(_row(line), rows)
    return tuple(tuple(sorted(row.words, key=lambda word: word.box.x0)) for row in rows)


def _row(line: Sequence[Word]) -> _Row:
    return _Row(list(line), outline([word.box for word in line]))


def _place(new: _Row, rows: list[_Row]) -> None:
    """Joins a line to the nearest row level with it, or sets it where its height belongs."""
    beside = [row for row in rows if _level(new.box, row.box) and _apart(new.box, row.box) >= 0]
    if beside:
        row = min(beside, key=lambda row: _apart(new.box, row.box))
        row.words.extend(new.words)
        row.box = outline([row.box, new.box])
        return
    below = next((at for at, row in enumerate(rows) if row.box.y0 >= new.box.y1), len(rows))
    rows.insert(below, new)


def _are_labels(block: Block, blocks: Sequence[Block]) -> bool:
    if max(_width_in_characters(line) for line in block.lines) > MAX_LABEL_CHARACTERS:
        return False
    others = [outline([word.box for word in line]) for other in blocks if other is not block for line in other.lines]
    boxes = [outline([word.box for word in line]) for line in block.lines]
    level = sum(any(_level(box, other) and _apart(box, other) >= 0 for other in others) for box in boxes)
    return level >= MIN_LEVEL_SHARE * len(boxes)


def _width_in_characters(line: Sequence[Word]) -> int:
    return sum(2 if is_cjk(character) else 1 for word in line for character in word.text)


def _level(one: Box, other: Box) -> bool:
    """Whether two boxes share most of the lower one's height."""
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared >= MIN_LEVEL_OVERLAP * min(one.y1 - one.y0, other.y1 - other.y0)


def _apart(one: Box, other: Box) -> float:
    """The gap between two boxes from side to side, negative where they overlap."""
    return max(one.x0 - other.x1, other.x0 - one.x1)


def lines_to_rows(lines: Sequence[tuple[Word, ...]]) -> tuple[tuple[Word, ...], ...]:
    """Reading order for lines that an engine found without blocks: columns of prose one by one, all else row by row."""
    return tuple(tuple(row.words) for row in _in_order([_row(line) for line in lines]))


def _in_order(rows: list[_Row]) -> list[_Row]:
    """Recursive XY cut (Nagy and Seth, ICPR 1984) that cuts upright between columns of prose only."""
    if len(rows) < 2 * MIN_PROSE_LINES:
        return _level_rows(rows)
    if columns := _prose_columns(rows):
        return [row for column in columns for row in _in_order(column)]
    parts = _bands(rows)
    return [row for part in parts for row in _in_order(part)] if len(parts) > 1 else _level_rows(rows)


def _prose_columns(rows: list[_Row]) -> tuple[list[_Row], list[_Row]] | None:
    ordered = sorted(rows, key=lambda row: row.box.x0)
    right_edge = ordered[0].box.x1
    for at in range(1, len(ordered)):
        left, right = ordered[:at], ordered[at:]
        if ordered[at].box.x0 > right_edge and _is_prose(left) and _is_prose(right):
            return left, right
        right_edge = max(right_edge, ordered[at].box.x1)
    return None


def _is_prose(rows: Sequence[_Row]) -> bool:
    return (
        len(rows) >= MIN_PROSE_LINES and median(_width_in_characters(row.words) for row in rows) >= MIN_PROSE_CHARACTERS
    )


def _bands(rows: list[_Row]) -> tuple[list[_Row], ...]:
    """Rows above and below the widest gap, everything if no gap goes all the way across."""
    ordered = sorted(rows, key=lambda row: row.box.y0)
    widest, cut, lower_edge = 0.0, 0, ordered[0].box.y1
    for at in range(1, len(ordered)):
        gap = ordered[at].box.y0 - lower_edge
        if gap > widest:
            widest, cut = gap, at
        lower_edge = max(lower_edge, ordered[at].box.y1)
    return (ordered[:cut], ordered[cut:]) if cut else (ordered,)


def _level_rows(rows: Sequence[_Row]) -> list[_Row]:
    """Top down; what stands level is one row from left to right."""
    done: list[_Row] = []
    for row in sorted(rows, key=lambda row: row.box.y0 + row.box.y1):
        if (
            done
            and _level(done[-1].box, row.box)
            and all(_apart(_row([word]).box, row.box) >= 0 for word in done[-1].words)
        ):
            done[-1] = _row(sorted((*done[-1].words, *row.words), key=lambda word: word.box.x0))
        else:
            done.append(row)
    return done


def rows_to_text(rows: Sequence[tuple[Word, ...]]) -> OcrText:
    """A line for each row, and the words' confidence weighted by their length."""
    lines = tuple(
        Line(join_words([word.text for word in row]), outline([word.box for word in row]), row) for row in rows
    )
    words = [word for row in rows for word in row]
    length = sum(len(word.text) for word in words)
    confidence = sum((word.confidence or 0.0) * len(word.text) for word in words) / length if length else None
    return OcrText(lines, confidence)


def join_words(words: Sequence[str]) -> str:
    """Words with spaces between them, except between two CJK characters, which tesseract gives as words."""
    text = words[0]
    for left, right in pairwise(words):
        text += right if _unspaced(left[-1], right[0]) else f" {right}"
    return text


def _unspaced(left: str, right: str) -> bool:
    if left in CJK_PUNCTUATION or right in CJK_PUNCTUATION:
        return True
    return all(is_cjk(character) or character in SHARED_PUNCTUATION for character in (left, right))
