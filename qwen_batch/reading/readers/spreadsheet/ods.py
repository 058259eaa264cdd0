"""Workbooks of OpenDocument (ods): a cell is what the file says it shows, its value beside it where digits are lost.

Dates, times and truth values read as in Excel's formats, whatever language they are shown in (ODF 1.3 part 3, 9).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.markdown import column_letters
from qwen_batch.reading.parts.ooxml import Package, attribute, child, descendants, local, opened_package
from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.parts.zip import DAMAGED
from qwen_batch.reading.readers._office import PicturedPages, with_pictures
from qwen_batch.reading.readers.odf.charts import object_to_writer
from qwen_batch.reading.readers.odf.styles import master_pages
from qwen_batch.reading.readers.spreadsheet.ods_printed import printed_lines
from qwen_batch.reading.readers.spreadsheet.ods_styles import Look, Looks, count_of, looks_of
from qwen_batch.reading.readers.spreadsheet.ods_values import date_shown, number_shown, time_shown
from qwen_batch.reading.readers.spreadsheet.sheet import BARE_FORMULA, Area, Sheet, sheet_to_writer
from qwen_batch.reading.readers.spreadsheet.xlsx_parts import remark_text, say

DEFAULT_MASTER = "Default"
CONTENT, STYLES = "content.xml", "styles.xml"
NOT_READ = "{count} {kind} on this sheet were not read: save the workbook as .xlsx or PDF if they matter"
MAX_COLUMNS, MAX_ROWS = 16_384, 1 << 20

_REFERENCE = re.compile(r"\[(\.[^\]]*)\]")


@dataclass(slots=True)
class _Found:
    """What is met in a sheet besides values."""

    remarks: list[tuple[int, int, str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    objects: list[Element] = field(default_factory=list)


def ods_to_pictured(path: Path, settings: ReadSettings) -> PicturedPages:
    """One page a sheet. Raises Unreadable: "damaged", "too_large"."""
    with opened_package(path, settings) as package:
        root = package.tree(CONTENT)
        book = child(root, "body", "spreadsheet")
        if root is None or book is None:
            raise Unreadable("damaged", f"{DAMAGED} (it has no sheets)")
        looks = looks_of(root)
        if (shared := package.tree(STYLES)) is not None:
            looks = looks_of(shared) | looks
        masters = master_pages(shared)
        writer = PageWriter(settings)
        tables = [item for item in book if local(item) == "table"]
        for index, table in enumerate(tables):
            if index:
                writer.break_page()
            walk = _Walk(table, Looks(looks), settings)
            sheet = walk.sheet()
            sheet_to_writer(sheet, writer, settings)
            _found_to_writer(walk.found, sheet, package, writer)
            master = looks.get(attribute(table, "style-name") or "", Look()).master or DEFAULT_MASTER
            if not sheet.hidden and master in masters:
                writer.lines(list(printed_lines(masters[master])))
        return with_pictures(writer.pages(), writer.drafts, package, settings, one_page=False)


def _found_to_writer(found: _Found, sheet: Sheet, package: Package, writer: PageWriter) -> None:
    for row, column, author, text in found.remarks:
        for said in remark_text(f"{column_letters(column)}{row + 1}", author, text):
            say(writer, said, hidden=sheet.hidden)
    for text in found.texts:
        say(writer, text, hidden=sheet.hidden)
    if sheet.hidden:
        return
    unread = sum(not object_to_writer(item, package, writer) for item in found.objects)
    if unread:
        writer.warn(NOT_READ.format(count=unread, kind="objects"))
    for picture in found.pictures:
        writer.picture(picture)


class _Walk:
    """Takes one sheet's rows and cells in their order; what repeats is counted before it is written out."""

    def __init__(self, table: Element, looks: Looks, settings: ReadSettings) -> None:
        self._table = table
        self._looks = looks
        self._left = settings.max_cells
        self._coloured = next(table.iter("{*}conditional-formats", "{*}shapes"), None) is not None
        self.found = _Found()
        self._of_columns: list[tuple[range, str]] = []
        look = looks.of(attribute(table, "style-name") or "")
        self._sheet = Sheet(attribute(table, "name") or "", hidden=look.hidden)

    def sheet(self) -> Sheet:
        self._columns(self._table, 0)
        self._rows(self._table, 0)
        for shapes in self._table:
            if local(shapes) == "shapes":
                self._shapes(shapes)
        return self._sheet

    def _columns(self, element: Element, at: int) -> int:
        for item in element:
            if local(item) == "table-column":
                end = min(at + count_of(item, "number-columns-repeated"), MAX_COLUMNS)
                if style := attribute(item, "default-cell-style-name"):
                    self._of_columns.append((range(at, end), style))
                if attribute(item, "visibility") in {"collapse", "filter"}:
                    self._sheet.hidden_columns.update(range(at, end))
                at = end
            elif local(item) in {"table-columns", "table-header-columns", "table-column-group"}:
                at = self._columns(item, at)
        return at

    def _rows(self, element: Element, at: int) -> int:
        for item in element:
            if local(item) == "table-row":
                times = min(count_of(item, "number-rows-repeated"), MAX_ROWS)
                cells = self._cells(item, at)
                if cells:
                    self._take(len(cells) * times)
                    hidden = attribute(item, "visibility") in {"collapse", "filter"}
                    for row in range(at, at + times):
                        self._sheet.rows[row] = dict(cells)
                        if hidden:
                            self._sheet.hidden_rows.add(row)
                at += times
            elif local(item) in {"table-rows", "table-header-rows", "table-row-group"}:
                at = self._rows(item, at)
        return at

    def _take(self, cells: int) -> None:
        self._left -= cells
        if self._left < 0:
            raise Unreadable(
                "too_large",
                f"Its sheet {self._sheet.name!r} has more cells than read.max_cells: split it or raise read.max_cells.",
            )

    def _cells(self, row: Element, at: int) -> dict[int, str]:
        cells: dict[int, str] = {}
        column = 0
        for cell in row:
            if local(cell) not in {"table-cell", "covered-table-cell"}:
                continue
            times = min(count_of(cell, "number-columns-repeated"), MAX_COLUMNS)
            if text := self._cell(cell, at, column):
                self._take(times)
                cells.update(dict.fromkeys(range(column, column + times), text))
                self._sheet.calculates(at, column, _formula(attribute(cell, "formula") or ""))
            width, height = count_of(cell, "number-columns-spanned"), count_of(cell, "number-rows-spanned")
            if width > 1 or height > 1:
                self._sheet.merged.append(Area(at, column, at + height - 1, column + width - 1))
            column += times
        return cells

    def _cell(self, cell: Element, row: int, column: int) -> str:
        if not len(cell) and not attribute(cell, "value-type") and not attribute(cell, "formula"):
            return ""
        paragraphs = []
        for item in cell:
            name = local(item)
            if name == "p":
                paragraphs.append(self._looks.paragraph(item, attribute(cell, "style-name") or ""))
            elif name == "annotation":
                author = next((part.text or "" for part in descendants(item, "creator")), "")
                words = " ".join(_plain(part) for part in descendants(item, "p"))
                self.found.remarks.append((row, column, author, words))
            else:
                self._shapes(cell, only=item)
        if not any(paragraphs) and child(cell, "p") is not None and attribute(cell, "value"):
            self._sheet.unseen.append(("transparent", attribute(cell, "value") or ""))
            return ""
        shown = self._shown(cell, "\n".join(paragraphs).strip())
        if (
            shown
            and not self._coloured
            and self._looks.is_white(attribute(cell, "style-name") or self._default(column))
        ):
            self._sheet.unseen.append(("white", shown))
            return ""
        return shown

    def _default(self, column: int) -> str:
        return next((style for columns, style in self._of_columns if column in columns), "")

    def _shown(self, cell: Element, text: str) -> str:
        kind = attribute(cell, "value-type")
        formula = attribute(cell, "formula")
        if formula and not text and not _has_value(cell):
            self._sheet.formulas += 1
            return f"={formula.partition('=')[2]}" if "=" in formula else BARE_FORMULA
        value = attribute(cell, "value")
        if kind in {"float", "percentage", "currency"} and value is not None:
            return number_shown(kind, value, attribute(cell, "currency") or "", text)
        if kind == "boolean":
            return (attribute(cell, "boolean-value") or text).upper()
        if kind == "date" and (day := attribute(cell, "date-value")):
            return date_shown(day, text)
        if kind == "time" and (time := time_shown(attribute(cell, "time-value") or "")):
            return time
        return text or (attribute(cell, "string-value") or "")

    def _shapes(self, element: Element, only: Element | None = None) -> None:
        """Words, pictures and charts that lie over the cells."""
        for item in [only] if only is not None else element:
            if local(item) in {"frame", "custom-shape", "rect", "g", "line", "ellipse", "caption", "control", "path"}:
                words = "\n".join(filter(None, (_plain(part).strip() for part in descendants(item, "p"))))
                if words:
                    self.found.texts.append(words)
                objects = list(descendants(item, "object"))
                self.found.objects += objects
                images = descendants(item, "image") if not objects else ()
                self.found.pictures += [(attribute(one, "href") or "").removeprefix("./") for one in images]


def _formula(written: str) -> str:
    """A formula with its cells as in Excel: `of:=SUM([.B2:.B9])` is SUM(B2:B9)."""
    return _REFERENCE.sub(lambda found: found[1].replace(".", ""), written.partition("=")[2])


def _plain(element: Element) -> str:
    return "".join(element.itertext())


def _has_value(cell: Element) -> bool:
    """Whether a cell says what its formula came to."""
    names = ("value", "date-value", "time-value", "boolean-value", "string-value")
    return attribute(cell, "value-type") == "string" or any(attribute(cell, name) is not None for name in names)
