"""Reads CSV and its kin (comma, semicolon, tab, bar): one page with the rows as a Markdown table.

Whether some text is such a file is told by its content: its lines have the same number of cells. The file name only
lowers what is asked for, so that prose called `.csv` is still read as text. How rows are cut is in `rows`.
"""

from __future__ import annotations

import re
from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.encoding import bytes_to_text, head_to_text, unread_warning
from qwen_batch.reading.parts.markdown import Origin, column_letters, titles_and_table
from qwen_batch.reading.parts.reader import SNIFF_BYTES, Reader, Unreadable, without_page_images
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.readers.delimited.rows import Layout, Table, layout_of, text_to_rows
from qwen_batch.records import Page

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
SAMPLE_CHARS = 65_536

_MARKDOWN_TABLE = re.compile(r"^\s*\|.*\|\s*$", re.MULTILINE)


def sniff(head: bytes, path: Path) -> str | None:
    """text/csv or text/tab-separated-values, if nearly all lines have the same number of cells."""
    text = head_to_text(head)
    named = path.suffix.lower() in SUFFIXES
    if text is None or _MARKDOWN_TABLE.match(text) or (not named and text.lstrip().startswith(OTHER_SYNTAX)):
        return None
    layout = layout_of(text, whole=len(head) < SNIFF_BYTES)
    if layout is None or not _convincing(layout, named=named):
        return None
    return "text/tab-separated-values" if layout.dialect.delimiter == "\t" else "text/csv"


def _convincing(layout: Layout, *, named: bool) -> bool:
    if named:
        return layout.even_inside >= MIN_EVEN_SHARE_NAMED
    least = MIN_COLUMNS_COMMA if layout.dialect.delimiter == "," else MIN_COLUMNS
    even = layout.even >= MIN_EVEN_SHARE and layout.rows >= MIN_ROWS and layout.columns >= least
    return even and (layout.dialect.delimiter == "\t" or layout.spaced <= MAX_SPACED_SHARE)


def read(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    """One page; the first row is the table's header."""
    text = bytes_to_text(path.read_bytes())
    layout = layout_of(text[:SAMPLE_CHARS], whole=len(text) <= SAMPLE_CHARS) if text else None
    if text is None or layout is None:
        raise Unreadable("damaged", "Its lines are no rows of cells: save it as CSV in UTF-8.")
    writer = PageWriter(settings)
    table: Table = text_to_rows(text, layout)
    filled = [at for at, row in enumerate(table.rows) if any(map(str.strip, row))]
    width = max((len(table.rows[at]) for at in filled), default=0)
    origin = Origin("", [at + 1 for at in filled], [column_letters(column) for column in range(width)])
    writer.titled_table(*titles_and_table([table.rows[at] for at in filled]), origin)
    for warning in (unread_warning(text), table.warning):
        if warning:
            writer.warn(warning)
    return writer.pages()


READER: Reader = Reader(
    "delimited", ("text/csv", "text/tab-separated-values"), sniff, read, without_page_images, sniff_order=90
)
