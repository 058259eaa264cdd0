"""From straight edges to the cells of tables, by the rules of pdfplumber's table finder and with its tolerances.

Pure geometry in points, y downwards. The method is Nurminen's, "Algorithmic extraction of data in tables in PDF
documents" (2013): edges that nearly share a line are snapped together and joined, cells are the smallest rectangles
between their crossings, and cells that share a corner are one table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qwen_batch.geometry import outline
from qwen_batch.records import Box

SNAP_PT = 3.0
JOIN_PT = 3.0
CROSS_PT = 3.0
MIN_DRAWN_PT = 1.0
"""Shorter edges, as they are drawn, are dots."""
MIN_EDGE_PT = 3.0
MIN_CELLS = 2
MAX_EDGES = 4000
"""A page of more edges is a drawing."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A straight edge: `at` is its distance from the axis, from `start` to `end` along the axis."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Edges:
    """The straight edges of a page, as they are drawn; `oblique` counts those that are neither level nor upright."""

    level: tuple[Edge, ...] = ()
    upright: tuple[Edge, ...] = ()
    oblique: int = 0


@dataclass(frozen=True, slots=True)
class GridRow:
    """The cells of one row, None where the table has a column but this row no cell that starts there."""

    cells: tuple[Box | None, ...]
    box: Box


@dataclass(frozen=True, slots=True)
class Grid:
    """One table's cells, row by row; all rows have the same number of places."""

    rows: tuple[GridRow, ...]
    box: Box


def edges_to_grids(edges: Edges) -> tuple[Grid, ...]:
    """The tables of a page, from its top to its bottom."""
    if len(edges.level) + len(edges.upright) > MAX_EDGES:
        return ()
    return tuple(map(_grid, _cells_to_tables(_cells(_joined(edges.level), _joined(edges.upright)))))


def has_nested_cells(grid: Grid) -> bool:
    """Whether a cell lies over another one, as frames in a figure do; it isn't clear then which one says what."""
    for at, row in enumerate(grid.rows):
        for cell in filter(None, row.cells):
            for lower in grid.rows[at:]:
                if lower.box.y0 >= cell.y1 - SNAP_PT:
                    break
                if any(other and other is not cell and _overlap(other, cell) for other in lower.cells):
                    return True
    return False


def _overlap(one: Box, other: Box) -> bool:
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    return wide > SNAP_PT and min(one.y1, other.y1) - max(one.y0, other.y0) > SNAP_PT


def _joined(edges: Iterable[Edge]) -> list[Edge]:
    """Edges that nearly share a line on their mean line, and as one where they touch or nearly touch."""
    lines: dict[float, list[Edge]] = defaultdict(list)
    for group in _snapped([edge for edge in edges if edge.end - edge.start >= MIN_DRAWN_PT]):
        at = sum(edge.at for edge in group) / len(group)
        lines[at] = sorted(group, key=lambda edge: edge.start)
    joined: list[Edge] = []
    for at, group in lines.items():
        start, end = group[0].start, group[0].end
        for edge in group[1:]:
            if edge.start <= end + JOIN_PT:
                end = max(end, edge.end)
            else:
                joined.append(Edge(at, start, end))
                start, end = edge.start, edge.end
        joined.append(Edge(at, start, end))
    return [edge for edge in joined if edge.end - edge.start >= MIN_EDGE_PT]


def _snapped(edges: list[Edge]) -> list[list[Edge]]:
    groups: list[list[Edge]] = []
    last = float("-inf")
    for edge in sorted(edges, key=lambda edge: edge.at):
        if edge.at > last + SNAP_PT:
            groups.append([])
        groups[-1].append(edge)
        last = edge.at
    return groups


@dataclass(frozen=True, slots=True)
class _Crossings:
    """Where edges cross: which level and upright edges meet at each point (x, y), and points by column and by row."""

    level: dict[tuple[float, float], frozenset[int]]
    upright: dict[tuple[float, float], frozenset[int]]
    columns: dict[float, list[float]]
    rows: dict[float, list[float]]


def _crossings(level: Sequence[Edge], upright: Sequence[Edge]) -> _Crossings:
    across: dict[tuple[float, float], set[int]] = defaultdict(set)
    down: dict[tuple[float, float], set[int]] = defaultdict(set)
    for v, edge in enumerate(upright):
        x, top, bottom = edge.at, edge.start - CROSS_PT, edge.end + CROSS_PT
        for h, other in enumerate(level):
            if top <= other.at <= bottom and other.start - CROSS_PT <= x <= other.end + CROSS_PT:
                across[x, other.at].add(h)
                down[x, other.at].add(v)
    columns: dict[float, list[float]] = defaultdict(list)
    rows: dict[float, list[float]] = defaultdict(list)
    for x, y in sorted(across):
        columns[x].append(y)
        rows[y].append(x)
    return _Crossings(
        {point: frozenset(edges) for point, edges in across.items()},
        {point: frozenset(edges) for point, edges in down.items()},
        columns,
        rows,
    )


def _cells(level: Sequence[Edge], upright: Sequence[Edge]) -> list[Box]:
    """The smallest rectangle that begins at each crossing, if there is one."""
    found = _crossings(level, upright)
    cells = []
    for x, ys in found.columns.items():
        for at, y in enumerate(ys):
            row = found.rows[y]
            right = [other for other in row[row.index(x) + 1 :] if found.level[x, y] & found.level[other, y]]
            below = [other for other in ys[at + 1 :] if found.upright[x, y] & found.upright[x, other]]
            cell = _smallest(found, x, y, right, below) if right and below else None
            if cell is not None:
                cells.append(cell)
    return cells


def _smallest(found: _Crossings, x: float, y: float, right: Sequence[float], below: Sequence[float]) -> Box | None:
    for bottom in below:
        for edge in right:
            corner = (edge, bottom)
            closed = corner in found.level and found.upright[corner] & found.upright[edge, y]
            if closed and found.level[corner] & found.level[x, bottom]:
                return Box(x, y, edge, bottom)
    return None


def _cells_to_tables(cells: Sequence[Box]) -> list[list[Box]]:
    """Cells that share corners, as one table each, from top to bottom."""
    parent = list(range(len(cells)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    corners: dict[tuple[float, float], list[int]] = defaultdict(list)
    for index, cell in enumerate(cells):
        for corner in ((cell.x0, cell.y0), (cell.x0, cell.y1), (cell.x1, cell.y0), (cell.x1, cell.y1)):
            corners[corner].append(index)
    for members in corners.values():
        for one, other in pairwise(members):
            parent[root(one)] = root(other)
    tables: dict[int, list[Box]] = defaultdict(list)
    for index, cell in enumerate(cells):
        tables[root(index)].append(cell)
    several = [table for table in tables.values() if len(table) >= MIN_CELLS]
    return sorted(several, key=lambda table: min((cell.y0, cell.x0) for cell in table))


def _grid(cells: Sequence[Box]) -> Grid:
    lefts = sorted({cell.x0 for cell in cells})
    by_row: dict[float, dict[float, Box]] = defaultdict(dict)
    for cell in cells:
        by_row[cell.y0][cell.x0] = cell
    rows = [
        GridRow(tuple(row.get(left) for left in lefts), outline(list(row.values())))
        for _, row in sorted(by_row.items())
    ]
    return Grid(tuple(rows), outline(cells))
