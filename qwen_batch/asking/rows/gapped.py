"""Tables without rules in lines that have boxes of words: columns by the white strips that nearly all rows leave.

Such lines come of OCR, or of a digital page whose words were asked for. The head is the line above the first row, or a
head that was trimmed because each page repeats it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

from qwen_batch.geometry import outline
from qwen_batch.job.rows.tables import Cell, Table, TableRow
from qwen_batch.records import CleanDocument, LineSpan

MIN_ROWS = 4
MIN_COLUMNS = 3
MIN_GAP_HEIGHTS = 0.6
"""A gap between words that may part cells, in heights of a line."""
MAX_CROSSING_SHARE = 0.03
"""Share of the rows whose words may stand in a strip that parts columns: OCR joins what stands close."""
MIN_STRIP_HEIGHTS = 0.5
"""Width of such a strip, in heights of a line: more than a space."""
MIN_LEVEL_SHARE = 0.5
"""Of the lower one's height that two lines share that are one row."""
MIN_FIGURE_SHARE = 0.5
"""Rows of a table with a figure in a cell behind the first; prose that leaves gaps has fewer."""
MAX_LINES_BETWEEN = 2
"""Lines of no table between two rows of one: titles of parts, a broken cell."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A word with its place in the clean text."""

    start: int
    end: int
    x0: float
    x1: float


@dataclass(frozen=True, slots=True)
class _Line:
    span: LineSpan
    words: tuple[_Placed, ...]
    gaps: int


def gapped_tables(clean: CleanDocument) -> list[Table]:
    """The tables of a document's lines that have words; none where no reader gave any."""
    body = [line for line in clean.lines if clean.facts_at is None or line.start < clean.facts_at]
    if not any(line.words for line in body):
        return []
    lines = [_line(clean.text, spans) for page in _pages(body) for spans in _level(page)]
    tables = []
    for first, last in _runs(lines):
        above = [line for line in lines[max(0, first - 1) : first] if line.span.page == lines[first].span.page]
        trimmed = [_line(clean.text, [span]) for span in clean.lines[len(body) :]]
        table = _run_to_table(clean.text, lines[first : last + 1], [*above, *trimmed])
        if table is not None:
            tables.append(table)
    return tables


def _pages(lines: Sequence[LineSpan]) -> Iterator[list[LineSpan]]:
    for _, page in groupby(lines, key=lambda line: line.page):
        yield list(page)


def _level(lines: Sequence[LineSpan]) -> Iterator[list[LineSpan]]:
    """Lines of a page that stand level beside each other: a broken cell, or a column drawn alone, cuts a row apart."""
    done: list[list[LineSpan]] = []
    for line in sorted(lines, key=lambda line: (line.box.y0 + line.box.y1, line.box.x0)):
        if done and all(_is_beside(one, line) for one in done[-1]):
            done[-1].append(line)
        else:
            done.append([line])
    yield from done


def _is_beside(one: LineSpan, other: LineSpan) -> bool:
    """Whether two lines share most of their height and nothing of their width."""
    shared = min(one.box.y1, other.box.y1) - max(one.box.y0, other.box.y0)
    least = min(one.box.y1 - one.box.y0, other.box.y1 - other.box.y0)
    return shared > MIN_LEVEL_SHARE * least > 0 and (one.box.x1 <= other.box.x0 or other.box.x1 <= one.box.x0)


def _line(text: str, spans: Sequence[LineSpan]) -> _Line:
    words = []
    for span in spans:
        at = span.start
        for word in span.words:
            found = text.find(word.text, at, span.end)
            if found >= 0:
                at = found + len(word.text)
                words.append(_Placed(found, at, word.box.x0, word.box.x1))
    words.sort(key=lambda word: word.x0)
    span = replace(spans[0], box=outline([span.box for span in spans]))
    height = min(one.box.y1 - one.box.y0 for one in spans)
    wide = sum(two.x0 - one.x1 >= MIN_GAP_HEIGHTS * height for one, two in pairwise(words))
    return _Line(span, tuple(words), wide)


def _runs(lines: Sequence[_Line]) -> list[tuple[int, int]]:
    """From which to which line gapped ones follow each other, over pages too."""
    runs: list[list[int]] = []
    for at, line in enumerate(lines):
        if line.gaps < MIN_COLUMNS - 1:
            continue
        if runs and at - runs[-1][1] <= MAX_LINES_BETWEEN + 1:
            runs[-1][1] = at
        else:
            runs.append([at, at])
    return [(first, last) for first, last in runs if last - first + 1 >= MIN_ROWS]


def _run_to_table(text: str, lines: Sequence[_Line], heads: Sequence[_Line]) -> Table | None:
    rows = [line for line in lines if line.gaps >= MIN_COLUMNS - 1]
    edges = _edges(rows)
    if len(edges) < MIN_COLUMNS - 1:
        return None
    cut = [(line, _cells(text, line, edges)) for line in lines]
    figures = sum(any(any(map(str.isdigit, cell.text)) for cell in cells[1:]) for _, cells in cut)
    if figures < MIN_FIGURE_SHARE * len(cut):
        return None
    head, body, count = _head(text, cut, heads, edges)
    return None if head is None else Table(head, tuple(_joined(body)), count)


def _edges(rows: Sequence[_Line]) -> list[float]:
    """The middles of the upright strips in which no word of nearly all rows stands."""
    left = min(word.x0 for row in rows for word in row.words)
    right = max(word.x1 for row in rows for word in row.words)
    changes: dict[int, int] = {}
    for row in rows:
        for word in row.words:
            changes[round(word.x0)] = changes.get(round(word.x0), 0) + 1
            changes[round(word.x1)] = changes.get(round(word.x1), 0) - 1
    least = MIN_STRIP_HEIGHTS * median(row.span.box.y1 - row.span.box.y0 for row in rows)
    allowed = MAX_CROSSING_SHARE * len(rows)
    edges, covered, since = [], 0, None
    for x in range(round(left), round(right) + 1):
        covered += changes.get(x, 0)
        if covered <= allowed and since is None:
            since = x
        elif covered > allowed and since is not None:
            if x - since >= least and since > left:
                edges.append((since + x) / 2)
            since = None
    return edges


def _cells(text: str, line: _Line, edges: Sequence[float]) -> tuple[Cell, ...]:
    """A line cut at the edges: a word belongs where its middle is."""
    cells = []
    at = line.span.start
    for left, right in zip((float("-inf"), *edges), (*edges, float("inf")), strict=True):
        inside = [word for word in line.words if left <= (word.x0 + word.x1) / 2 < right]
        if inside:
            start, at = min(word.start for word in inside), max(word.end for word in inside)
            cells.append(Cell(_words(text, inside, start, at), start, at))
        else:
            cells.append(Cell("", at, at))
    return tuple(cells)


def _words(text: str, words: Sequence[_Placed], start: int, end: int) -> str:
    """What a cell says: its characters as they stand, or its words where something else stands between them."""
    said = " ".join(text[word.start : word.end] for word in words)
    written = " ".join(text[start:end].split())
    return written if written.replace(" ", "") == said.replace(" ", "") else said


def _head(
    text: str, cut: Sequence[tuple[_Line, tuple[Cell, ...]]], heads: Sequence[_Line], edges: Sequence[float]
) -> tuple[tuple[str, ...] | None, list[TableRow], int]:
    """The names of the columns, the rows without repeated heads, and how many heads there are."""
    rows = [TableRow(cells, line.span.page, line.span.box) for line, cells in cut]
    first = _names(rows[0].cells)
    named = first if first is not None and len(rows) > 1 else None
    for line in () if named else heads:
        named = _names(_cells(text, line, edges)) if line.words else None
        if named:
            return named, rows, 1
    if named is None:
        return None, rows, 0
    body = [row for row in rows if tuple(cell.text for cell in row.cells) != named]
    return named, body, len(rows) - len(body)


def _names(cells: Sequence[Cell]) -> tuple[str, ...] | None:
    """The cells as names of columns: most say something, and none is a figure."""
    filled = [cell.text for cell in cells if cell.text]
    if len(filled) < max(MIN_COLUMNS - 1, len(cells) - 1) or any(any(map(str.isdigit, name)) for name in filled):
        return None
    return tuple(cell.text for cell in cells)


def _joined(rows: Sequence[TableRow]) -> list[TableRow]:
    """The rows, where a line with words in one later column alone goes on the cell above it."""
    usual = median(row.filled for row in rows) if rows else 0
    done: list[TableRow] = []
    for row in rows:
        lone = [at for at, cell in enumerate(row.cells) if cell.text]
        if done and len(lone) == 1 and lone[0] and usual > MIN_COLUMNS - 1 and done[-1].page == row.page:
            done[-1] = _with_more(done[-1], row.cells[lone[0]], lone[0])
        else:
            done.append(row)
    return done


def _with_more(row: TableRow, cell: Cell, at: int) -> TableRow:
    cells = list(row.cells)
    old = cells[at]
    cells[at] = Cell(f"{old.text} {cell.text}".strip(), old.start if old.text else cell.start, cell.end)
    return TableRow(tuple(cells), row.page, row.box, row.addresses)
