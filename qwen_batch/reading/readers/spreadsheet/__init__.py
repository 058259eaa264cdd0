"""Reads workbooks (xlsx, xlsm, xlsb, xls, ods): a sheet is a page, its name a heading, its rows a Markdown table.

The only importer of python_calamine. Hidden sheets are read like the others and say so in their heading.
"""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.files import renamed_file
from qwen_batch.reading.parts.markdown import titles_and_table
from qwen_batch.reading.parts.ole import ole_kind
from qwen_batch.reading.parts.ooxml import Package
from qwen_batch.reading.parts.reader import SNIFF_BYTES, Reader, Unreadable, without_page_images
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.zip import DAMAGED, opened_zip, zip_kind
from qwen_batch.reading.readers.spreadsheet.xlsx_parts import SheetParts, remarks_to_writer, sheet_parts
from qwen_batch.records import Page

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook, SheetMetadata

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
SUFFIXES = {XLSX: ".xlsx", XLS: ".xls", ODS: ".ods"}
ODS_KINDS = {ODS, f"{ODS}-template"}
SIGNIFICANT_DIGITS = 15
"""Excel keeps and shows no more."""
MAX_EXACT_INTEGER = 1e15
HOUR_S, MINUTE_S = 3600, 60

Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def sniff(head: bytes, path: Path) -> str | None:
    """The MIME type by the workbook that is in the container."""
    kind = zip_kind(head, path)
    if kind in ODS_KINDS:
        return ODS
    if kind == "xlsx":
        return XLSX
    return XLS if ole_kind(head, path) == "xls" else None


def read(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    """One page a sheet. Raises Unreadable: "encrypted", "damaged", "too_large" for cells too far apart."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        with ExitStack() as stack:
            package = _package(path, settings, stack)
            parts = sheet_parts(package) if package else {}
            _check_cells(parts, settings)
            named = stack.enter_context(renamed_file(path, _suffix(path, package)))
            workbook = stack.enter_context(CalamineWorkbook.from_path(named))
            return _pages(workbook, package, parts, settings)
    except PasswordError:
        raise Unreadable("encrypted", "It is protected with a password: save it without one.") from None
    except CalamineError as error:
        if "limit exceeded" in str(error):
            raise Unreadable("too_large", f"{error}: delete stray cells far out, or split it.") from None
        raise Unreadable("damaged", f"{DAMAGED} ({error})") from None
    except BaseException as error:  # a panic in Rust is no Exception, so that nothing else would catch it
        if type(error).__name__ == "PanicException":
            raise Unreadable("damaged", f"{DAMAGED} ({error})") from None
        raise


def _suffix(path: Path, package: Package | None) -> str:
    """The extension that the content has by right: calamine believes it."""
    with path.open("rb") as file:
        mime = sniff(file.read(SNIFF_BYTES), path)
    return ".xlsb" if package and package.main_part().endswith(".bin") else SUFFIXES[mime or XLSX]


def _package(path: Path, settings: ReadSettings, stack: ExitStack) -> Package | None:
    """The parts of an xlsx file; None for other workbooks, of which zip files are checked all the same."""
    with path.open("rb") as file:
        kind = zip_kind(file.read(4), path)
    if kind is None:
        return None
    archive = stack.enter_context(opened_zip(path, settings))
    return Package(archive) if kind == "xlsx" else None


def _check_cells(parts: dict[str, SheetParts], settings: ReadSettings) -> None:
    for name, sheet in parts.items():
        if sheet.cells > settings.max_cells:
            raise Unreadable(
                "too_large",
                f"Its sheet {name!r} spans {sheet.cells:,} cells, more than {settings.max_cells:,}: "
                "delete stray cells far out, split it, or raise read.max_cells.",
            )


def _pages(
    workbook: CalamineWorkbook, package: Package | None, parts: dict[str, SheetParts], settings: ReadSettings
) -> tuple[Page, ...]:
    writer = PageWriter(settings)
    for index, about in enumerate(workbook.sheets_metadata):
        if index:
            writer.break_page()
        writer.heading(_heading(about), 1)
        found = parts.get(about.name)
        titles, rows = titles_and_table(_rows(workbook.get_sheet_by_name(about.name), found))
        writer.titled_table(titles, rows)
        if package and found:
            remarks_to_writer(package, found.part, writer)
    return writer.pages()


def _heading(about: SheetMetadata) -> str:
    from python_calamine import SheetVisibleEnum

    return about.name if about.visible == SheetVisibleEnum.Visible else f"{about.name} (hidden sheet)"


def _rows(sheet: CalamineSheet, found: SheetParts | None) -> list[list[str]]:
    rows = [[cell_text(value) for value in row] for row in sheet.to_python()]
    top, left = sheet.start or (0, 0)
    for (row, column), error in (found.errors if found else {}).items():  # calamine gives errors as empty cells
        if 0 <= row - top < len(rows) and 0 <= column - left < len(rows[row - top]):
            rows[row - top][column - left] = error
    return rows


def cell_text(value: Value) -> str:
    """A cell's value: dates as in ISO 8601, whole numbers without a fraction, TRUE and FALSE as Excel shows them."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < MAX_EXACT_INTEGER
        return str(int(value)) if whole else f"{value:.{SIGNIFICANT_DIGITS}g}"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        hours, rest = divmod(abs(seconds), HOUR_S)
        return f"{'-' if seconds < 0 else ''}{hours}:{rest // MINUTE_S:02}:{rest % MINUTE_S:02}"
    return str(value)


READER: Reader = Reader(
    "spreadsheet",
    (XLSX, XLS, ODS),
    sniff,
    read,
    without_page_images,
    packages=("python-calamine", "lxml"),
    bytes_per_token={".xlsx": 2, ".ods": 2, ".xls": 8},
)
