"""Delimited text as rows of cells: the delimiter and the habits of the program that wrote it, and what they cut.

Knows no files and no pages. Of all ways to cut a text the one is taken by which most lines have as many cells, and
cells that are whole: `1;2,5` is two cells with a decimal comma rather than `1;2` and `5`.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS = (",", ";", "\t", "|")
MIN_COLUMNS = 2
MAX_UNCLOSED = 50
"""So many quotation marks that are never closed, and the rest is read as if no mark meant anything."""
MIN_ROWS_WITHIN = 4
ROWS_WITHIN_SHARE = 0.9
"""A cell whose lines are nearly all rows of the table is none: its quotation mark was never closed."""
UNCLOSED = "{count} rows begin a quotation that does not end in them: their quotation marks were read as they stand"

_EXCEL_HINT = re.compile(r"sep=(.)\r?\n")
_NUMBER = re.compile(r"\s*[-+(]?\s*[^\w\s,;|]{0,3}\s*\d[\d.,' \u00a0]*\s*[^\d\s,;|]{0,4}\s*")
_SPACED_COMMA = re.compile(r",(?=\s|$)")
_OTHERS = {delimiter: re.compile(f"[{re.escape(''.join(set(DELIMITERS) - {delimiter}))}]") for delimiter in DELIMITERS}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a program parts and quotes cells; `escaped`: a backslash takes the next mark's meaning away."""

    delimiter: str
    quote: str = '"'
    escaped: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """How the cells of a text are parted, and by how many of its lines (`even`, a share) that is confirmed.

    `even_inside` leaves out the lines of one cell above and below the table, `spaced` is the share of cells that begin
    with a space, `whole` that of cells in which no other delimiter stands.
    """

    dialect: Dialect
    columns: int
    even: float
    even_inside: float
    rows: int
    spaced: float
    whole: float


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a text, and what is in doubt about them."""

    rows: list[list[str]]
    warning: str | None = None


def layout_of(text: str, *, whole: bool = True) -> Layout | None:
    """How most lines are cut into the same number of cells, at least two; None if no way does.

    Without `whole` the text may end within a row, which does not count.
    """
    hint = _EXCEL_HINT.match(text)
    if hint:
        text = text[hint.end() :]
    delimiters = (hint[1],) if hint else tuple(delimiter for delimiter in DELIMITERS if delimiter in text)
    ways = [layout for dialect in _dialects(text, delimiters) if (layout := _layout(text, dialect, whole=whole))]
    best = max(ways, key=lambda way: (way.even * way.whole, way.even, way.columns), default=None)
    if best is None and hint:
        return Layout(Dialect(hint[1]), MIN_COLUMNS, even=1.0, even_inside=1.0, rows=3, spaced=0.0, whole=1.0)
    return best


def _dialects(text: str, delimiters: Sequence[str]) -> Iterator[Dialect]:
    """The dialects that a text can be in; the usual one stands first, and wins a tie."""
    for delimiter in delimiters:
        cut = re.escape(delimiter)
        inner = re.search(rf'\\"(?!\s*(?:{cut}|[\r\n]|$))', text)
        if inner:
            yield Dialect(delimiter, escaped=True)
        yield Dialect(delimiter)
        if not inner and f"\\{delimiter}" in text:
            yield Dialect(delimiter, escaped=True)
        if re.search(rf"(?:^|{cut})'[^'\r\n]*{cut}[^'\r\n]*'(?={cut}|[\r\n]|$)", text, re.MULTILINE):
            yield Dialect(delimiter, quote="'")


def _layout(text: str, dialect: Dialect, *, whole: bool) -> Layout | None:
    rows = list(_plain_rows(text, dialect))
    if not whole and len(rows) > 1:
        rows = rows[:-1]
    rows = [row for row in rows if any(row)]
    if not rows or (dialect.delimiter == "," and _is_one_column(rows)):
        return None
    columns, count = Counter(map(len, rows)).most_common(1)[0]
    inside = _without_lone_cells(rows)
    if columns < MIN_COLUMNS and inside:
        columns, count = Counter(map(len, inside)).most_common(1)[0]
    filled = sum(any(len(row) > index and row[index].strip() for row in rows) for index in range(columns))
    if filled < MIN_COLUMNS:
        return None
    even_inside = sum(len(row) == columns for row in inside) / len(inside)
    cells = [cell for row in inside for cell in row if cell]
    later = [cell for row in rows for cell in row[1:] if cell]
    return Layout(
        dialect,
        columns,
        count / len(rows),
        even_inside,
        len(rows),
        sum(cell[0] == " " for cell in later) / max(len(later), 1),
        sum(_is_whole(cell, dialect.delimiter) for cell in cells) / max(len(cells), 1),
    )


def _is_one_column(rows: list[list[str]]) -> bool:
    """Whether a comma parts the figures of a single column of numbers, below its one title."""
    numbers = rows[1:] if len(rows[0]) == 1 else []
    return bool(numbers) and all(
        len(row) == 2 and row[0].strip().lstrip("+-").isdigit() and row[1].strip().isdigit()  # noqa: PLR2004
        for row in numbers
    )


def _without_lone_cells(rows: list[list[str]]) -> list[list[str]]:
    """The rows from the first to the last with more than one cell: around them stand titles and notes."""
    wide = [index for index, row in enumerate(rows) if sum(map(bool, row)) > 1]
    return rows[wide[0] : wide[-1] + 1] if wide else []


def _is_whole(cell: str, delimiter: str) -> bool:
    """Whether a cell is one by its looks: a number, or without a delimiter other than a comma as in a sentence."""
    others = _OTHERS.get(delimiter)
    if others is None or not others.search(cell) or _NUMBER.fullmatch(cell):
        return True
    return not others.search(_SPACED_COMMA.sub("", cell))


def text_to_rows(text: str, layout: Layout) -> Table:
    """The cells of each line.

    A quotation mark that is never closed, or closed many rows later, means nothing; that costs its own line alone.
    """
    text = _EXCEL_HINT.sub("", text, count=1)
    dialect = layout.dialect
    lines = list(io.StringIO(text.replace("\0", ""), newline=""))
    rows: list[list[str]] = []
    at = unclosed = 0
    while at < len(lines):
        reader = _reader(islice(lines, at, None), dialect, quoted=unclosed < MAX_UNCLOSED)
        start = at
        for row in reader:
            end = start + reader.line_num
            if end - at > 1 and _is_unclosed(row, lines[at:end], layout):
                rows.extend(_reader([lines[at]], dialect, quoted=False))
                unclosed += 1
                at += 1
                break
            rows.append(row)
            at = end
        else:
            break
    rows = [[cell.lstrip() if cell[:1] == " " else cell for cell in row] for row in rows]
    return Table(rows, UNCLOSED.format(count=unclosed) if unclosed else None)


def _plain_rows(text: str, dialect: Dialect) -> Iterator[list[str]]:
    return iter(_reader(io.StringIO(text.replace("\0", ""), newline=""), dialect, quoted=True))


def _reader(lines: Iterable[str], dialect: Dialect, *, quoted: bool) -> Reader:
    csv.field_size_limit(sys.maxsize)  # a long cell is text too; the file's size is limited already
    cut = re.escape(dialect.delimiter)
    lines = iter(lines)
    if quoted:  # `1, "a, b"`: a space before a quotation is none of it; others are told prose by
        spaced = re.compile(rf"((?:^|{cut})) +(?={dialect.quote}(?!{dialect.quote}(?!{cut}|[\r\n]|$)))")
        lines = (spaced.sub(r"\1", line) if f" {dialect.quote}" in line else line for line in lines)
    if dialect.escaped:
        other = re.compile(rf"\\(?!{cut}|[\"\\])")
        lines = (other.sub(r"\\\\", line) if "\\" in line else line for line in lines)
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        escapechar="\\" if dialect.escaped else None,
    )


def _is_unclosed(row: list[str], lines: list[str], layout: Layout) -> bool:
    """Whether a row of several lines comes of a quotation mark that is not closed where it should be."""
    dialect = layout.dialect
    marks = sum(line.count(dialect.quote) for line in lines)
    if dialect.escaped:
        marks -= sum(line.count(f"\\{dialect.quote}") for line in lines)
    if marks % 2:
        return True
    first: list[str] = next(iter(_reader(lines[:1], dialect, quoted=False)), [])
    if len(row) != layout.columns and len(first) == layout.columns:
        return True
    within = lines[1:-1]
    if len(within) < MIN_ROWS_WITHIN:
        return False
    even = sum(len(cells) == layout.columns for cells in _reader(within, dialect, quoted=False))
    return even >= ROWS_WITHIN_SHARE * len(within)
