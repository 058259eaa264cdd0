"""Reads CSV and its kin (comma, semicolon, tab, bar): one page with the rows as a Markdown table.

Whether some text is such a file is told by its content: its lines have the same number of cells. The file name only
lowers what is asked for, so that prose called `.csv` is still read as text.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.encoding import bytes_to_text, head_to_text
from qwen_batch.reading.parts.markdown import titles_and_table
from qwen_batch.reading.parts.reader import SNIFF_BYTES, Reader, Unreadable, without_page_images
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.records import Page

DELIMITERS = (",", ";", "\t", "|")
SUFFIXES = {".csv", ".tsv", ".tab", ".psv", ".ssv"}
OTHER_SYNTAX = ("{", "[", "<")
"""How JSON lines and XML begin, whose lines have commas enough."""
MIN_EVEN_SHARE = 0.95
MIN_EVEN_SHARE_NAMED = 0.6
"""Share of the lines that must have the usual number of cells, without and with a file name that says so."""
MIN_ROWS = 3
MIN_COLUMNS = 2
MIN_COLUMNS_COMMA = 3
"""Prose has a comma a line easily enough."""
MAX_SPACED_SHARE = 0.5
"""In prose a space follows most delimiters."""
MAX_CELL_LINES = 200
"""A cell with more lines comes of a quotation mark that is never closed."""

_EXCEL_HINT = re.compile(r"sep=(.)\r?\n")
_MARKDOWN_TABLE = re.compile(r"^\s*\|.*\|\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the cells of a text are parted, and by how many of its lines (`even`, a share) that is confirmed."""

    delimiter: str
    columns: int
    even: float
    rows: int
    spaced: float


def sniff(head: bytes, path: Path) -> str | None:
    """text/csv or text/tab-separated-values, if nearly all lines have the same number of cells."""
    text = head_to_text(head)
    named = path.suffix.lower() in SUFFIXES
    if text is None or _MARKDOWN_TABLE.match(text) or (not named and text.lstrip().startswith(OTHER_SYNTAX)):
        return None
    layout = layout_of(text if len(head) < SNIFF_BYTES else text[: text.rfind("\n") + 1])
    if layout is None or not _convincing(layout, named=named):
        return None
    return "text/tab-separated-values" if layout.delimiter == "\t" else "text/csv"


def _convincing(layout: Layout, *, named: bool) -> bool:
    if named:
        return layout.even >= MIN_EVEN_SHARE_NAMED
    least = MIN_COLUMNS_COMMA if layout.delimiter == "," else MIN_COLUMNS
    even = layout.even >= MIN_EVEN_SHARE and layout.rows >= MIN_ROWS and layout.columns >= least
    return even and (layout.delimiter == "\t" or layout.spaced <= MAX_SPACED_SHARE)


def layout_of(text: str) -> Layout | None:
    """The delimiter that cuts most lines into the same number of cells, at least two; None if none does."""
    if hint := _EXCEL_HINT.match(text):
        return Layout(hint[1], MIN_COLUMNS, even=1.0, rows=MIN_ROWS, spaced=0.0)
    layouts = [layout for delimiter in DELIMITERS if (layout := _layout(text, delimiter))]
    return max(layouts, key=lambda layout: (layout.even, layout.columns), default=None)


def _layout(text: str, delimiter: str) -> Layout | None:
    rows = [row for row in _rows(text, delimiter) if any(row)]
    if not rows:
        return None
    columns, count = Counter(map(len, rows)).most_common(1)[0]
    filled = sum(any(len(row) > index and row[index].strip() for row in rows) for index in range(columns))
    if filled < MIN_COLUMNS:
        return None
    later = [cell for row in rows for cell in row[1:] if cell]
    spaced = sum(cell[0] == " " for cell in later) / max(len(later), 1)
    return Layout(delimiter, columns, count / len(rows), len(rows), spaced)


def read(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    """One page; the first row is the table's header."""
    text = bytes_to_text(path.read_bytes())
    layout = layout_of(text[:SNIFF_BYTES]) if text else None
    if text is None or layout is None:
        raise Unreadable("damaged", "Its lines are no rows of cells: save it as CSV in UTF-8.")
    writer = PageWriter(settings)
    titles, rows = titles_and_table(_rows(_EXCEL_HINT.sub("", text, count=1), layout.delimiter))
    writer.titled_table(titles, rows)
    return writer.pages()


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """The cells of each line; quotation marks mean nothing if one of them is never closed."""
    csv.field_size_limit(sys.maxsize)  # a long cell is text too; the file's size is limited already
    text = text.replace("\0", "")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if any(cell.count("\n") > MAX_CELL_LINES for row in rows for cell in row):
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_NONE))
    return rows


READER: Reader = Reader(
    "delimited", ("text/csv", "text/tab-separated-values"), sniff, read, without_page_images, sniff_order=90
)
