"""Puts what annotations say among the lines of a page: a value behind its label, a box before its own.

Pure geometry on the displayed page; knows no PDF library.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from qwen_batch.geometry import outline
from qwen_batch.records import Box, Line, Word

SLACK_PT = 3.0
MAX_LABEL_GAP_PT = 40.0
"""How far a label may stand behind its box or value."""
UNLABELLED = {"☐"}
"""Not worth a line of its own."""
_BLANK_LINE = re.compile(r"[_.…·‗\-]{2,}")

Kind = Literal["value", "box", "block"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece of text at its place on the displayed page; a "block" always has lines of its own."""

    kind: Kind
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class _Token:
    start: float
    end: float
    text: str


@dataclass(slots=True)
class _Row:
    line: Line
    tokens: list[_Token] = field(default_factory=list)


def with_placed(
    lines: Sequence[Line], pieces: Sequence[Placed], words: Callable[[Box], Sequence[Word]]
) -> tuple[Line, ...]:
    """All lines with the pieces among them; `words` gives those of a line, to put a piece between two of them."""
    rows = [_Row(line) for line in lines]
    for piece in sorted(pieces, key=lambda one: (round(one.box.y0), one.box.x0)):
        first, *rest = [" ".join(part.split()) for part in re.split(r"[\r\n]+", piece.text) if part.strip()] or [""]
        if not first:
            continue
        row = None if piece.kind == "block" else _row_of(rows, piece)
        if row is not None:
            _insert(row, _Token(piece.box.x0, piece.box.x1, first), piece.box, words)
            at = next(index for index, one in enumerate(rows) if one is row) + 1
        elif first in UNLABELLED:
            continue
        else:
            at = _place_between(rows, piece.box)
            rest = [first, *rest]
        rows[at:at] = [_Row(Line(text, piece.box)) for text in rest]
    return tuple(row.line for row in rows)


def _row_of(rows: Sequence[_Row], piece: Placed) -> _Row | None:
    """The line that a piece belongs to: one around it, else its label before or behind it."""
    box = piece.box
    beside = [row for row in rows if row.line.kind == "text" and _in_row(row.line.box, box)]
    around = [row for row in beside if row.line.box.x0 <= box.x0 and row.line.box.x1 > box.x0 + SLACK_PT]
    if around:
        return around[0]
    left = max((row for row in beside if row.line.box.x1 <= box.x0 + SLACK_PT), key=_end, default=None)
    right = min((row for row in beside if row.line.box.x0 >= box.x1 - SLACK_PT), key=_start, default=None)
    near = right if right is not None and right.line.box.x0 - box.x1 <= MAX_LABEL_GAP_PT else None
    if piece.kind == "box" and near is not None:
        closer = left is not None and box.x0 - left.line.box.x1 < near.line.box.x0 - box.x1
        return left if closer else near
    return left or near


def _in_row(line: Box, box: Box) -> bool:
    middle = (line.y0 + line.y1) / 2
    return box.y0 - 1 <= middle <= box.y1 + 1 or line.y0 <= (box.y0 + box.y1) / 2 <= line.y1


def _start(row: _Row) -> float:
    return row.line.box.x0


def _end(row: _Row) -> float:
    return row.line.box.x1


def _insert(row: _Row, token: _Token, box: Box, words: Callable[[Box], Sequence[Word]]) -> None:
    line = row.line
    if not row.tokens:
        inside = line.box.x0 < box.x0 < line.box.x1 - SLACK_PT
        found = words(line.box) if inside else ()
        row.tokens = [_Token(word.box.x0, word.box.x1, word.text) for word in found]
        if " ".join(one.text for one in row.tokens) != line.text:
            row.tokens = [_Token(line.box.x0, line.box.x1, line.text)]
    row.tokens = [one for coarse in row.tokens for one in _parted(coarse, row, box, words)]
    kept = [one for one in row.tokens if not (_BLANK_LINE.fullmatch(one.text) and _share(one, token))]
    at = next((index for index, one in enumerate(kept) if one.start >= token.start), len(kept))
    row.tokens = [*kept[:at], token, *kept[at:]]
    row.line = Line(" ".join(one.text for one in row.tokens), outline([line.box, box]))


def _parted(token: _Token, row: _Row, box: Box, words: Callable[[Box], Sequence[Word]]) -> list[_Token]:
    """The words of a stretch of text in whose middle a piece belongs, else the stretch."""
    if " " not in token.text or not token.start + SLACK_PT < box.x0 < token.end - SLACK_PT:
        return [token]
    found = words(Box(token.start, row.line.box.y0, token.end, row.line.box.y1))
    tokens = [_Token(word.box.x0, word.box.x1, word.text) for word in found]
    return tokens if " ".join(one.text for one in tokens) == token.text else [token]


def _share(one: _Token, other: _Token) -> bool:
    return one.start < other.end and one.end > other.start


def _place_between(rows: Sequence[_Row], box: Box) -> int:
    """Behind the nearest line above that shares some of its width, else before the nearest below, else by height."""
    middle = (box.y0 + box.y1) / 2
    same = [(at, row.line.box) for at, row in enumerate(rows) if row.line.box.x0 < box.x1 and row.line.box.x1 > box.x0]
    above = [(other.y1, at) for at, other in same if (other.y0 + other.y1) / 2 <= middle]
    if above:
        return max(above)[1] + 1
    below = [(other.y0, at) for at, other in same]
    if below:
        return min(below)[1]
    return next((at for at, row in enumerate(rows) if row.line.box.y0 > middle), len(rows))
