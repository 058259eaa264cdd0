"""Tables without rules: rows put together of cells drawn column by column, and a trace of cells that are empty.

A table is told by its figures. Rows that hold all their cells stay the lines that they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from qwen_batch.geometry import outline
from qwen_batch.reading.parts.markdown import row_text, rule_text
from qwen_batch.reading.readers.pdf.layout.pieces import PageText, Piece, gaps
from qwen_batch.records import Box

MIN_ROWS = 3
MIN_COLUMNS = 2
MIN_GAPPED_COLUMNS = 3
"""Columns of a table whose rows are lines: with fewer, a cell that lacks is no cell."""
MAX_CELL_CHARS = 60
MIN_FIGURE_SHARE = 0.6
"""Cells beyond the first column and the head that are figures more than words."""
ROW_SLACK_SHARE = 0.5
GAP_SHARE = 0.9
"""A gap between cells, in heights."""
MAX_ROW_STEP = 3.0
"""From row to row, in heights."""


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[Piece | None, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(cell.text if cell else "" for cell in self.cells)

    @property
    def box(self) -> Box:
        return outline([cell.box for cell in self.cells if cell])


def tables_rebuilt(pieces: list[Piece], page: PageText) -> list[Piece]:
    """The same pieces with rows as lines of a table where a table needs it."""
    return _empty_cells_shown(_columns_to_rows(pieces), page)


def _columns_to_rows(pieces: list[Piece]) -> list[Piece]:
    """Tables that were drawn column by column, row by row."""
    columns = _columns(pieces)
    if len(columns) < MIN_COLUMNS:
        return pieces
    result: list[Piece] = []
    at = 0
    while at < len(columns):
        end = at + 1
        while end < len(columns) and _next_column(columns[end - 1], columns[end]):
            end += 1
        found = None
        while end - at >= MIN_COLUMNS and found is None:
            found = _joined(columns[at:end])
            end -= found is None
        result += found if found is not None else columns[at]
        at = end if found is not None else at + 1
    return result


def _columns(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces cut where the next one stands higher up."""
    columns: list[list[Piece]] = []
    for piece in pieces:
        if columns and not piece.table and not columns[-1][-1].table and piece.middle > columns[-1][-1].box.y1 - 1:
            columns[-1].append(piece)
        else:
            columns.append([piece])
    return columns


def _next_column(one: Sequence[Piece], other: Sequence[Piece]) -> bool:
    tail = _tail(one, other)
    if not tail:
        return False
    right = max(piece.box.x1 for piece in tail)
    beside = list(takewhile(lambda piece: piece.box.x0 > right, other))  # what follows may be text below the table
    return len(beside) == len(other) or len(beside) >= MIN_ROWS


def _tail(one: Sequence[Piece], other: Sequence[Piece]) -> list[Piece]:
    """Those pieces of a column that stand no higher than the next column."""
    return [piece for piece in one if piece.middle >= other[0].box.y0 - piece.height]


def _joined(columns: Sequence[Sequence[Piece]]) -> list[Piece] | None:
    """The table that columns make, what stands above and below it before and after; None if they make none."""
    before = [_tail(columns[0], columns[1]), *columns[1:-1]]
    body = [*before, _head(columns[-1], before)]
    if min(map(len, body)) < MIN_ROWS or any(len(piece.text) > MAX_CELL_CHARS for column in body for piece in column):
        return None
    if any(piece.table for column in body for piece in column):
        return None
    rows = _rows(body)
    if rows is None or not _has_figures(rows):
        return None
    above = columns[0][: len(columns[0]) - len(body[0])]
    return [*above, *_as_table(rows), *columns[-1][len(body[-1]) :]]


def _head(last: Sequence[Piece], before: Sequence[Sequence[Piece]]) -> list[Piece]:
    """Those pieces of the last column that stand beside those before: what follows may be text below the table."""
    left = max(piece.box.x1 for piece in before[-1])
    bottom = max(piece.box.y1 for column in before for piece in column)
    inside = [piece.box.x0 > left and piece.middle <= bottom + piece.height / 2 for piece in last]
    return list(last[: inside.index(False)]) if False in inside else list(last)


def _rows(columns: Sequence[Sequence[Piece]]) -> list[_Row] | None:
    """Rows by the heights that pieces share; None if a column has two pieces in one row, or a row stands alone."""
    cells = sorted(((piece.middle, at, piece) for at, column in enumerate(columns) for piece in column), key=_by_height)
    rows: list[dict[int, Piece]] = []
    last = float("-inf")
    for middle, at, piece in cells:
        if middle - last > ROW_SLACK_SHARE * piece.height:
            rows.append({})
            last = middle
        if at in rows[-1]:
            return None
        rows[-1][at] = piece
    alone = sum(len(row) == 1 for row in rows)
    return None if alone > len(rows) / 4 else [_Row(tuple(row.get(at) for at in range(len(columns)))) for row in rows]


def _by_height(cell: tuple[float, int, Piece]) -> tuple[float, int]:
    return cell[0], cell[1]


def _has_figures(rows: Sequence[_Row]) -> bool:
    cells = [text for row in rows[1:] for text in row.texts[1:] if text]
    figures = sum(2 * sum(map(str.isdigit, text)) >= sum(map(str.isalnum, text)) > 0 for text in cells)
    return figures >= MIN_FIGURE_SHARE * len(cells) > 0


def _as_table(rows: Iterable[_Row]) -> list[Piece]:
    lines = [Piece(row_text(row.texts), (row.box,), table=True) for row in rows]
    columns = lines[0].text.count(" | ") + 1
    head = lines[0].box
    lines.insert(1, Piece(rule_text(columns), (Box(head.x0, head.y1, head.x1, head.y1),), table=True))
    return lines


def _empty_cells_shown(pieces: list[Piece], page: PageText) -> list[Piece]:
    """Rows of lines with wide gaps as a table, if some lack a cell that others have."""
    result: list[Piece] = []
    for gapped, group in groupby(pieces, key=_is_gapped):
        members = list(group)
        for run in _runs(members) if gapped else [members]:
            result += (_with_empty_cells(run, page) if gapped else None) or run
    return result


def _is_gapped(piece: Piece) -> bool:
    return piece.whole and len(piece.boxes) > 1 and any(gaps(piece, GAP_SHARE * piece.height))


def _runs(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Rows cut where the next one stands far below or above."""
    runs: list[list[Piece]] = []
    for piece in pieces:
        if runs and 0 < piece.middle - runs[-1][-1].middle <= MAX_ROW_STEP * max(piece.height, runs[-1][-1].height):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return runs


def _with_empty_cells(rows: Sequence[Piece], page: PageText) -> list[Piece] | None:
    spans = [_spans(row) for row in rows]
    most = max(map(len, spans))
    if len(rows) < MIN_ROWS or most < MIN_GAPPED_COLUMNS or min(map(len, spans)) == most:
        return None
    edges = _column_edges(spans, most)
    if edges is None:
        return None
    table = [_Row(tuple(page.cut(row, edges))) for row in rows]
    full = [row for row in table if all(row.cells)]
    named = all(row.cells[0] for row in table[1:])
    if not full or not named or not all(table[0].cells[1:]) or not _has_figures(table):
        return None
    return _as_table(table) if max(len(text) for row in table for text in row.texts) <= MAX_CELL_CHARS else None


def _spans(row: Piece) -> list[tuple[float, float]]:
    """From where to where the cells of a row reach."""
    between = list(gaps(row, GAP_SHARE * row.height))
    lefts = [row.box.x0, *(right for _, right in between)]
    rights = [*(left for left, _ in between), row.box.x1]
    return list(zip(lefts, rights, strict=True))


def _column_edges(rows: Sequence[Sequence[tuple[float, float]]], columns: int) -> list[float] | None:
    """Where columns end, in the middle of the gaps that all rows leave; None if they leave others."""
    free: list[tuple[float, float]] = []
    right = float("-inf")
    for left, end in sorted(span for row in rows for span in row):
        if left > right and right != float("-inf"):
            free.append((right, left))
        right = max(right, end)
    if len(free) != columns - 1:
        return None
    return [(left + right) / 2 for left, right in free]
