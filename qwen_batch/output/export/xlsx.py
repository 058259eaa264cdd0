"""An Excel workbook: a sheet of documents, and one for each list with a row an item.

The only importer of xlsxwriter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import pyarrow as pa

from qwen_batch.errors import UsageError
from qwen_batch.output.export.cells import as_text, clean_text, is_like_formula, is_right_to_left, shortened
from qwen_batch.output.export.spill import EXCEL_COLUMNS, EXCEL_ROWS, SheetNames
from qwen_batch.output.export.table import CONFIDENCE, PAGE_NUMBERS, QUOTES, Exported, ItemList, Leaf
from qwen_batch.output.export.target import PageOf

MANY_CELLS = 1_000_000
"""With more the rows wait on the disk, not in memory."""
EXCEL_LINKS = 65_530
"""Of a sheet."""
EXCEL_LINK_CHARS = 2_000
EXCEL_EXACT = 2**53
"""Excel keeps whole numbers as floating point."""
EXCEL_FIRST_YEAR = 1900
WIDTHS = {QUOTES: 40, PAGE_NUMBERS: 8, CONFIDENCE: 12}
TEXT_WIDTH, OTHER_WIDTH = 28, 14
_DAY, _TIME, _SHARE = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "0.00"
_LINK_LOOK = {"font_color": "#0563C1", "underline": 1}


def write_xlsx(exported: Exported, page_of: PageOf | None, file: BinaryIO, sheet_rows: int = EXCEL_ROWS) -> None:
    """Writes a workbook; a sheet that is full after `sheet_rows` goes on in another one.

    Raises UsageError where the job has more columns than a sheet can have.
    """
    import xlsxwriter

    apart = {f"{one.name}{end}" for one in exported.lists for end in (QUOTES, PAGE_NUMBERS)}
    columns = [Leaf(field.name, field.type, field.name) for field in exported.rows.schema if field.name not in apart]
    if len(columns) > EXCEL_COLUMNS:
        raise UsageError(
            f"job {exported.job!r} has {len(columns):,} columns, a sheet of Excel {EXCEL_COLUMNS:,} at most",
            "export to .csv or .jsonl",
        )
    many = exported.rows.num_rows * len(columns) > MANY_CELLS
    with TemporaryDirectory(prefix="qwen-batch-") as folder:
        book = xlsxwriter.Workbook(file, {"constant_memory": many, "tmpdir": folder})
        if many:
            book.use_zip64()
        pen = _Pen(book, sheet_rows)
        main = _Sheet(pen, exported.job, columns)
        lists = [(one, _Sheet(pen, one.name, one.columns)) for one in exported.lists]
        for row in exported.plain():
            page = page_of(row["source_uri"], row["doc_id"]) if page_of else None
            main.add([row[column.name] for column in columns], page)
            _add_items(lists, row, page)
        for sheet in (main, *(sheet for _, sheet in lists)):
            sheet.end()
        book.close()


def _add_items(lists: Sequence[tuple[ItemList, _Sheet]], row: dict[str, Any], page: str | None) -> None:
    for one, sheet in lists:
        for values in one.items(row):
            sheet.add(values, page)


class _Pen:
    """A workbook's looks, each made once, and the names of its sheets."""

    def __init__(self, book: Any, sheet_rows: int) -> None:
        self.book = book
        self.names = SheetNames()
        self.sheet_rows = sheet_rows
        self._looks: dict[tuple[tuple[str, Any], ...], Any] = {}

    def look(self, **properties: Any) -> Any:
        """A format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._looks:
            self._looks[key] = self.book.add_format(properties)
        return self._looks[key]

    def text_look(self, text: str, properties: dict[str, Any]) -> Any:
        """The look of a text: its direction, and that it is text also when somebody edits it."""
        own = {"reading_order": 2} if is_right_to_left(text) else {}
        return self.look(**properties, **own, **({"quote_prefix": True} if is_like_formula(text) else {}))


class _Sheet:
    """Rows of one kind, the first of which names the columns; begins another sheet where one is full."""

    def __init__(self, pen: _Pen, name: str, columns: Sequence[Leaf]) -> None:
        self._pen, self._name, self._columns = pen, name, columns
        self._begin()

    def add(self, values: Sequence[Any], page: str | None) -> None:
        """One row; its first cell leads to the report's page of the document."""
        if self._row == self._pen.sheet_rows:
            self.end()
            self._begin()
        for place, (column, value) in enumerate(zip(self._columns, values, strict=True)):
            self._write(place, column, value, page if place == 0 else None)
        self._row += 1

    def end(self) -> None:
        """What is known of a sheet when its rows are."""
        self._sheet.autofilter(0, 0, max(self._row - 1, 1), len(self._columns) - 1)

    def _begin(self) -> None:
        self._sheet = self._pen.book.add_worksheet(self._pen.names.free(self._name))
        self._sheet.freeze_panes(1, 1)
        for place, column in enumerate(self._columns):
            self._sheet.set_column(place, place, _width(column))
            self._sheet.write_string(0, place, shortened(clean_text(column.name)), self._pen.look(bold=True))
        self._row, self._links = 1, 0

    def _write(self, place: int, column: Leaf, value: Any, page: str | None) -> None:
        at = (self._row, place)
        look = self._pen.look
        if value is None:
            return
        if isinstance(value, bool):
            self._sheet.write_boolean(*at, value)
        elif isinstance(value, int | float) and _is_number(value):
            self._sheet.write_number(*at, value, look(num_format=_SHARE) if _is_share(column) else None)
        elif isinstance(value, date) and value.year >= EXCEL_FIRST_YEAR:  # and datetime
            is_time = isinstance(value, datetime)
            plain = value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
            self._sheet.write_datetime(*at, plain, look(num_format=_TIME if is_time else _DAY))
        else:
            self._write_text(at, as_text(value), page)

    def _write_text(self, at: tuple[int, int], said: str, page: str | None) -> None:
        text = shortened(clean_text(said))
        linked = page is not None and self._links < EXCEL_LINKS and len(page) <= EXCEL_LINK_CHARS
        look = self._pen.text_look(said, _LINK_LOOK if linked else {})
        if linked:
            self._links += 1
            self._sheet.write_url(*at, _link(str(page), text), look)
        if text and not linked:
            self._sheet.write_string(*at, text, look)


def _link(page: str, text: str) -> Any:
    """A link behind a text, with the slashes of a URI: others cannot follow those of Windows, which xlsxwriter has."""
    from xlsxwriter.url import Url

    link = Url(page if "://" in page else f"external:{page}")
    link.text = text
    link._relationship_link = page  # noqa: SLF001  there is no other way to it
    return link


def _is_number(value: float) -> bool:
    return math.isfinite(value) and (isinstance(value, float) or abs(value) <= EXCEL_EXACT)


def _is_share(column: Leaf) -> bool:
    return column.name.endswith(CONFIDENCE) or (column.key is None and column.name == CONFIDENCE.strip("_"))


def _width(column: Leaf) -> int:
    plain = next((width for end, width in WIDTHS.items() if f"__{column.name}".endswith(end)), None)
    return plain or (TEXT_WIDTH if pa.types.is_string(column.type) or pa.types.is_list(column.type) else OTHER_WIDTH)
