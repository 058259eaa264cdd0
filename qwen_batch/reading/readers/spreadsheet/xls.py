"""Workbooks of Excel 97 to 2003 and older (xls). The only importer of xlrd and python_calamine.

xlrd gives cells, formats and what is hidden. A file that it does not get through is read by calamine, which knows no
formats: the values then stand as they are stored, and a warning says so.
"""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.files import renamed_file
from qwen_batch.reading.parts.inline.symbols import symbols_to_text
from qwen_batch.reading.parts.markdown import NO_BOX
from qwen_batch.reading.parts.marks import Height, Run
from qwen_batch.reading.parts.number_format import number_format
from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.zip import DAMAGED
from qwen_batch.reading.readers.spreadsheet.sheet import BARE_FORMULA, Area, Sheet, sheet_to_writer
from qwen_batch.reading.readers.spreadsheet.styles import CellStyle, RichText, symbol_font
from qwen_batch.reading.readers.spreadsheet.xls_objects import Extras, sheet_extras
from qwen_batch.reading.readers.spreadsheet.xlsx_parts import remark_text, say
from qwen_batch.records import Line, Page

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

UNFORMATTED = "number formats could not be read: values stand as they are stored; save the workbook as .xlsx"
EMPTY, TEXT, NUMBER, DATE, BOOLEAN, ERROR, BLANK = range(7)
WHITES = frozenset((1, 9))
TINY_TWIPS = 40
HEIGHTS: dict[int, Height] = {1: "raised", 2: "lowered"}
LOCKED = "It is protected with a password: save it without one."


def xls_pages(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    """One page a sheet. Raises Unreadable: "encrypted", "damaged", "too_large"."""
    import xlrd

    writer = PageWriter(settings)
    try:
        with xlrd.open_workbook(
            path, formatting_info=True, on_demand=True, ragged_rows=True, logfile=io.StringIO()
        ) as book:
            extras = sheet_extras(book.mem, book.base)
            for index in range(book.nsheets):
                _next_page(writer, index)
                name = book.sheet_names()[index]
                sheet = _sheet(book, book.sheet_by_index(index), extras.get(name, Extras()))
                sheet_to_writer(sheet, writer, settings)
                _notes(book.sheet_by_index(index), writer, hidden=sheet.hidden)
                _extras(extras.get(sheet.name, Extras()), writer, sheet)
                book.unload_sheet(index)
            return writer.pages()
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever xlrd stumbles over, calamine may get through
        if "encrypted" in str(error).lower():
            raise Unreadable("encrypted", LOCKED) from None
        return _stored_values(path, settings)


def _next_page(writer: PageWriter, index: int) -> None:
    if index:
        writer.break_page()


def _sheet(book: Any, found: Any, extras: Extras) -> Sheet:  # xlrd has no types
    sheet = Sheet(found.name, hidden=found.visibility != 0, coloured=extras.coloured)
    styles = [_style(book, look) for look in book.xf_list]
    for row in range(found.nrows):
        cells = {}
        kinds, values = found.row_types(row), found.row_values(row)
        for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
            if kind in {EMPTY, BLANK}:
                continue
            style = styles[found.cell_xf_index(row, column)]
            runs = found.rich_text_runlist_map.get((row, column)) if kind == TEXT else None
            shown = _shown(sheet, kind, _rich(book, value, runs, style) if runs else value, style)
            if text := sheet.seen(shown, style):
                cells[column] = text
        if cells:
            sheet.rows[row] = cells
    if not extras.calculated:  # as programs write that leave it to Excel
        for row, column in sorted(extras.empty):
            sheet.rows.setdefault(row, {})[column] = BARE_FORMULA
        sheet.formulas = len(extras.empty)
    sheet.hidden_rows = {row for row, about in found.rowinfo_map.items() if about.hidden}
    sheet.hidden_columns = {column for column, about in found.colinfo_map.items() if about.hidden}
    sheet.merged = [Area(top, left, bottom - 1, right - 1) for top, bottom, left, right in found.merged_cells]
    return sheet


def _style(book: Any, look: Any) -> CellStyle:
    code = book.format_map[look.format_key].format_str if look.format_key in book.format_map else ""
    font = book.font_list[look.font_index] if look.font_index < len(book.font_list) else None
    paper = look.background
    unfilled = not paper.fill_pattern or (paper.fill_pattern == 1 and paper.pattern_colour_index in WHITES)
    white = bool(font and font.colour_index in WHITES and unfilled)
    signs = symbol_font(font.name) if font else ""
    format_ = number_format(code, date1904=bool(book.datemode))
    return CellStyle(format_, bool(font and font.struck_out), white, bool(font and 0 < font.height < TINY_TWIPS), signs)


def _shown(sheet: Sheet, kind: int, value: Any, style: CellStyle) -> str:
    from xlrd import error_text_from_code

    if kind in {NUMBER, DATE}:
        raw = repr(value).removesuffix(".0")
        shown = style.number(raw)
    elif kind == BOOLEAN:
        return "TRUE" if value else "FALSE"
    elif kind == ERROR:
        return str(error_text_from_code.get(value, "#N/A"))
    else:
        raw = value.text if isinstance(value, RichText) else value
        shown = value.shown(style) if isinstance(value, RichText) else style.words(value)
    if not shown and raw.strip() not in {"", "0"}:
        sheet.unseen.append(("transparent", raw))
    return shown


def _rich(book: Any, text: str, runs: list[tuple[int, int]], style: CellStyle) -> RichText:
    """The runs of a string, each from where it begins in the font of a number; before the first the cell's."""
    starts = [(0, None), *runs]
    pieces = []
    for (start, index), (end, _) in zip(starts, [*starts[1:], (len(text), None)], strict=True):
        font = book.font_list[index] if index is not None and index < len(book.font_list) else None
        struck = bool(font.struck_out) if font else style.struck
        signs = symbols_to_text(text[start:end], font.name if font else style.font)
        pieces.append((Run(signs, HEIGHTS.get(font.escapement if font else 0, "level"), struck), True))
    return RichText(tuple(pieces))


def _notes(found: Any, writer: PageWriter, *, hidden: bool) -> None:
    from xlrd import cellname

    for (row, column), note in sorted(found.cell_note_map.items()):
        for text in remark_text(cellname(row, column), note.author or "", note.text or ""):
            say(writer, text, hidden=hidden)


def _extras(extras: Extras, writer: PageWriter, sheet: Sheet) -> None:
    for text in extras.texts:
        say(writer, text, hidden=sheet.hidden)
    for warning in extras.warnings():
        writer.warn(warning)
    if not sheet.hidden:
        writer.lines([Line(text, NO_BOX, kind=kind) for kind, text in extras.printed])


def _stored_values(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    try:
        with renamed_file(path, ".xls") as named, CalamineWorkbook.from_path(named) as workbook:
            writer = PageWriter(settings)
            for index, about in enumerate(workbook.sheets_metadata):
                _next_page(writer, index)
                hidden = about.visible != SheetVisibleEnum.Visible
                sheet_to_writer(
                    _calamine_sheet(workbook.get_sheet_by_name(about.name), about.name, hidden), writer, settings
                )
                writer.warn(UNFORMATTED)
            return writer.pages()
    except PasswordError:
        raise Unreadable("encrypted", LOCKED) from None
    except CalamineError as error:
        raise Unreadable("damaged", f"{DAMAGED} ({error})") from None
    except BaseException as error:  # a panic in Rust is no Exception, so that nothing else would catch it
        if type(error).__name__ == "PanicException":
            raise Unreadable("damaged", f"{DAMAGED} ({error})") from None
        raise


def _calamine_sheet(found: CalamineSheet, name: str, hidden: bool) -> Sheet:
    top, left = found.start or (0, 0)
    rows = {
        top + row: cells
        for row, values in enumerate(found.to_python())
        if (cells := {left + column: text for column, value in enumerate(values) if (text := cell_text(value))})
    }
    return Sheet(name, hidden=hidden, rows=rows)


def cell_text(value: object) -> str:
    """A stored value without a format: dates as in ISO 8601, TRUE and FALSE as Excel shows them."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return number_format("").shown(repr(value).removesuffix(".0"))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.timedelta):
        return number_format("[h]:mm:ss").shown(repr(value / dt.timedelta(days=1)))
    return str(value)
