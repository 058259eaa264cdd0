"""Takes apart columns that a file draws row by row: contracts in two languages, text with a side bar.

A wide gap in a few rows is a table's, or a form's. Columns are told by their text: it runs on from line to line, so
most lines begin in the middle of a sentence. That is asked of both sides, or of one side at the lines beside which
something short stands on the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from qwen_batch.reading.readers.pdf.layout.pieces import PageText, Piece, gaps

MIN_GAP_PT = 7.0
MIN_ROWS = 4
SAME_EDGE_PT = 3.0
REACH_PT = 3.0
MIN_COLUMN_LETTERS = 18
"""Letters of a line of running text, on average."""
MIN_RUNNING_SHARE = 0.5
"""So many lines of running text begin in the middle of a sentence; German ones have more capitals than others."""
MIN_NOTES = 2
MIN_NOTE_LETTERS = 4
MAX_NOTE_LETTERS = 24
"""Letters of a note, on average; the numbers of a list have fewer."""
MAX_DEPTH = 4

_SENTENCE_END = re.compile(r"[.:;!?]['\"”’)]?$")


def columns_apart(pieces: list[Piece], page: PageText, depth: int = 0) -> list[Piece]:
    """The same pieces; where columns were read across, first all of the left column, then of the others."""
    edge = _gutter(pieces) if depth < MAX_DEPTH else None
    if edge is None:
        return pieces
    result: list[Piece] = []
    band: list[Piece] = []
    for piece in pieces:
        if piece.table or _crosses(piece, edge):
            result += _band_apart(band, edge, page, depth)
            result.append(piece)
            band = []
        else:
            band.append(piece)
    return result + _band_apart(band, edge, page, depth)


def _gutter(pieces: Sequence[Piece]) -> float | None:
    """The left edge that the most rows share behind a wide gap."""
    edges = sorted(right for piece in pieces if len(piece.boxes) > 1 and piece.whole for _, right in _wide(piece))
    best: tuple[int, float] | None = None
    for at, edge in enumerate(edges):
        count = sum(1 for other in edges[at:] if other - edge <= SAME_EDGE_PT)
        if count >= MIN_ROWS and (best is None or count > best[0]):
            best = (count, edge)
    return best[1] if best else None


def _wide(piece: Piece) -> list[tuple[float, float]]:
    return list(gaps(piece, MIN_GAP_PT))


def _split_at(piece: Piece, edge: float) -> bool:
    """Whether a row has a wide gap that ends at the gutter."""
    return any(left < edge - 1 and -1 <= right - edge <= SAME_EDGE_PT + 1 for left, right in _wide(piece))


def _crosses(piece: Piece, edge: float) -> bool:
    return piece.box.x0 < edge - REACH_PT and piece.box.x1 > edge + REACH_PT and not _split_at(piece, edge)


def _band_apart(band: list[Piece], edge: float, page: PageText, depth: int) -> list[Piece]:
    """The rows between two that cross the gutter, column after column if they are columns."""
    rows = [piece for piece in band if piece.whole and _split_at(piece, edge)]
    if len(rows) < MIN_ROWS or not _both_have_words(rows, edge):
        return band
    left: list[Piece] = []
    right: list[Piece] = []
    pairs: list[tuple[int, int]] = []
    for piece in band:
        if piece in rows:
            one, other = page.cut(piece, [edge - 1])
            if one and other:
                pairs.append((len(left), len(right)))
                left.append(one)
                right.append(other)
                continue
        (left if (piece.box.x0 + piece.box.x1) / 2 < edge else right).append(piece)
    if not _are_columns(left, right, pairs) and not _are_columns(left, _first_column(right, page), pairs):
        return band
    return [*columns_apart(left, page, depth + 1), *columns_apart(right, page, depth + 1)]


def _first_column(pieces: Sequence[Piece], page: PageText) -> list[Piece]:
    """What stands left of the next gutter: of three columns the middle one, which reads on by itself."""
    edge = _gutter(pieces)
    if edge is None:
        return list(pieces)
    return [page.cut(piece, [edge - 1])[0] or piece if _split_at(piece, edge) else piece for piece in pieces]


def _both_have_words(rows: Sequence[Piece], edge: float) -> bool:
    """Whether both sides seem wide enough for words: a list's numbers and amounts are not worth a closer look."""
    letters = [_letters(row) for row in rows]
    left = sum(
        count * (edge - row.box.x0) / (row.box.x1 - row.box.x0) for row, count in zip(rows, letters, strict=True)
    )
    return MIN_NOTE_LETTERS * len(rows) <= left <= sum(letters) - MIN_NOTE_LETTERS * len(rows)


def _are_columns(left: Sequence[Piece], right: Sequence[Piece], pairs: Sequence[tuple[int, int]]) -> bool:
    if _is_running(left) and _is_running(right):
        return True
    return _notes_beside(left, [one for one, _ in pairs], right) or _notes_beside(
        right, [other for _, other in pairs], left
    )


def _notes_beside(text: Sequence[Piece], beside: Sequence[int], notes: Sequence[Piece]) -> bool:
    """Whether one side is running text, and what stands beside it is short and not at the beginnings of sentences."""
    letters = sum(map(_letters, notes))
    if len(notes) < MIN_NOTES or not MIN_NOTE_LETTERS * len(notes) <= letters <= MAX_NOTE_LETTERS * len(notes):
        return False
    if not _is_running(text):
        return False
    within = sum(at > 0 and _runs_on(text[at - 1], text[at]) for at in beside)
    return within >= MIN_RUNNING_SHARE * len(beside)


def _is_running(column: Sequence[Piece]) -> bool:
    """Whether most lines begin in the middle of a sentence, and are long enough for running text."""
    if len(column) < MIN_ROWS or sum(map(_letters, column)) < MIN_COLUMN_LETTERS * len(column):
        return False
    on = sum(_runs_on(before, piece) for before, piece in pairwise(column))
    return on >= MIN_RUNNING_SHARE * (len(column) - 1)


def _runs_on(before: Piece, piece: Piece) -> bool:
    """Whether a line goes on with the sentence of the one before; scripts without capitals have no better sign."""
    first = piece.text[:1]
    return not _SENTENCE_END.search(before.text) and first.isalpha() and not first.isupper()


def _letters(piece: Piece) -> int:
    return sum(map(str.isalpha, piece.text))
