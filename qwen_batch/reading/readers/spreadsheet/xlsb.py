"""The cells of binary workbooks (xlsb) in their formats, by the records of [MS-XLSB].

Formulas and what lies over the cells are not looked at here: the latter are parts as in an xlsx file.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from qwen_batch.reading.parts.inline.symbols import symbols_to_text
from qwen_batch.reading.parts.markdown import column_letters
from qwen_batch.reading.parts.marks import Height, Run
from qwen_batch.reading.parts.number_format import builtin_format
from qwen_batch.reading.parts.ooxml import Package
from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.parts.zip import DAMAGED
from qwen_batch.reading.readers.spreadsheet.sheet import Area, Sheet, SheetName
from qwen_batch.reading.readers.spreadsheet.styles import CellStyle, RichText, format_of, symbol_font

ROW, BLANK, RK, ERROR, BOOL, REAL, TEXT, SHARED = range(8)
FORMULA_TEXT, FORMULA_NUMBER, FORMULA_BOOL, FORMULA_ERROR = range(8, 12)
FILL, COLOURING = 45, frozenset((461, 550, 660, 661))
FONT_NAME = 21
TINY_TWIPS = 40
SOLID = b"\x01\0\0\0"
STRING, FONT, FORMAT, STYLE, COLUMN, RICH = 19, 43, 44, 47, 60, 62
BOOK_PROPERTIES, SHEET_NAME, MERGED, STYLES_BEGIN, STYLES_END = 153, 156, 176, 617, 618
AUTHOR, REMARK, REMARK_TEXT = 632, 635, 637
ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip
STRUCK, HIDDEN_COLUMN, HIDDEN_ROW, DATE_1904 = 0x08, 0x01, 0x10, 0x01
HEIGHTS: dict[int, Height] = {1: "raised", 2: "lowered"}
HAS_RUNS = 0x01
NO_STRING = 0xFFFFFFFF
MAX_RUNS = 10_000
MAX_COLUMNS = 16_384
"""Bits and values of fonts (2.4.149), columns (2.4.323), rows (2.4.742) and workbooks (2.4.820)."""


@dataclass(frozen=True, slots=True)
class Font:
    """What a font says of characters besides their letters."""

    struck: bool
    height: Height
    white: bool = False
    name: str = ""
    tiny: bool = False


@dataclass(slots=True)
class Book:
    """What all sheets draw on: fonts, styles and strings."""

    fonts: list[Font] = field(default_factory=list)
    styles: list[CellStyle] = field(default_factory=list)
    strings: list[str | RichText] = field(default_factory=list)

    @property
    def has_white(self) -> bool:
        """Whether cells may have white letters on white."""
        return any(style.white for style in self.styles)


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The records of a part, each with its number and content (2.1.4). Raises Unreadable for one that is cut off."""
    at = 0
    while at < len(data):
        number, at = _varying(data, at, 2)
        size, at = _varying(data, at, 4)
        if at + size > len(data):
            raise Unreadable("damaged", f"{DAMAGED} (a record is cut off)")
        yield number, data[at : at + size]
        at += size


def _varying(data: bytes, at: int, most: int) -> tuple[int, int]:
    """A number of up to `most` bytes, of which the highest bit says that another follows; and where it ends."""
    number = 0
    for index in range(most):
        if at >= len(data):
            raise Unreadable("damaged", f"{DAMAGED} (a record is cut off)")
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            break
    return number, at


def xlsb_names(data: bytes) -> list[SheetName]:
    """The sheets as the workbook lists them."""
    names = []
    for number, body in records(data):
        if number == SHEET_NAME:
            (state,) = struct.unpack_from("<I", body)
            relation, at = _wide(body, 8)
            names.append(SheetName(_wide(body, at)[0], relation, hidden=state != 0))
    return names


def xlsb_reader(package: Package, main: str) -> Callable[[str, bytes, bool], Sheet]:
    """What reads a sheet of this workbook from its name, its part and whether it is hidden."""
    date1904 = any(
        bool(body[:1]) and bool(body[0] & DATE_1904)
        for number, body in records(package.data(main) or b"")
        if number == BOOK_PROPERTIES
    )
    strings, styles = package.related(main, "sharedStrings"), package.related(main, "styles")
    book = _styled((package.data(styles) if styles else None) or b"", date1904=date1904)
    for number, body in records((package.data(strings) if strings else None) or b""):
        if number == STRING:
            book.strings.append(_rich(body, 0, book))
    return lambda name, data, hidden: _sheet(Sheet(name, hidden), data, book)


def xlsb_remarks(data: bytes) -> Iterator[tuple[str, str, str]]:
    """The remarks of a sheet, each as its cell, its author and its words (2.1.7.10)."""
    authors: list[str] = []
    cell = author = ""
    for number, body in records(data):
        if number == AUTHOR:
            authors.append(_wide(body, 0)[0])
        elif number == REMARK:
            index, row, _, column = struct.unpack_from("<IIII", body)
            author = authors[index] if index < len(authors) else ""
            cell = f"{column_letters(column)}{row + 1}"
        elif number == REMARK_TEXT:
            yield cell, author, _wide(body, 1)[0]


def _styled(data: bytes, *, date1904: bool) -> Book:
    """A workbook's fonts and styles."""
    book = Book()
    formats: dict[int, str] = {}
    unfilled: list[bool] = []
    in_styles = False
    for number, body in records(data):
        if number == FORMAT:
            formats[struct.unpack_from("<H", body)[0]] = _wide(body, 2)[0]
        elif number == FONT:
            size, flags, _, height = struct.unpack_from("<HHHH", body)
            name = symbol_font(_wide(body, FONT_NAME)[0]) if len(body) > FONT_NAME + 4 else ""
            book.fonts.append(
                Font(
                    bool(flags & STRUCK),
                    HEIGHTS.get(height, "level"),
                    _is_white(body[12:20]),
                    name,
                    0 < size < TINY_TWIPS,
                )
            )
        elif number == FILL:
            unfilled.append(not any(body[:4]) or (body[:4] == SOLID and _is_white(body[4:12])))
        elif number in {STYLES_BEGIN, STYLES_END}:
            in_styles = number == STYLES_BEGIN
        elif number == STYLE and in_styles:
            _, code, font, fill = struct.unpack_from("<HHHH", body.ljust(8, b"\xff"))
            look = book.fonts[font] if font < len(book.fonts) else Font(struck=False, height="level")
            white = look.white and fill < len(unfilled) and unfilled[fill]
            book.styles.append(
                CellStyle(format_of(formats, code, date1904=date1904), look.struck, white, look.tiny, look.name)
            )
    book.styles = book.styles or [CellStyle(builtin_format(0))]
    return book


def _is_white(colour: bytes) -> bool:
    """Whether a colour is white, by its value, its number or as the background of the theme (2.5.14)."""
    if len(colour) < 8 or colour[2:4] != b"\0\0":  # noqa: PLR2004 - its size; a tint is none
        return False
    kind, index = colour[0] >> 1, colour[1]
    return (kind == 1 and index in {1, 9}) or (kind == 2 and colour[4:7] == b"\xff" * 3) or (kind == 3 and index == 0)  # noqa: PLR2004


def _wide(body: bytes, at: int) -> tuple[str, int]:
    """A string with its length before it (2.5.168), and where it ends."""
    (length,) = struct.unpack_from("<I", body, at)
    if length == NO_STRING:
        return "", at + 4
    end = at + 4 + 2 * length
    return body[at + 4 : end].decode("utf-16-le", "replace"), end


def _rich(body: bytes, at: int, book: Book) -> str | RichText:
    """A string behind a byte that says whether it has runs, each from where it begins in a font (2.5.119)."""
    text, end = _wide(body, at + 1)
    if not body[at] & HAS_RUNS or end + 4 > len(body):
        return text
    count = min(struct.unpack_from("<I", body, end)[0], MAX_RUNS, (len(body) - end - 4) // 4)
    starts = [struct.unpack_from("<HH", body, end + 4 + 4 * index) for index in range(count)]
    runs = [(Run(text[: starts[0][0]] if starts else text), False)]
    for (start, font), (stop, _) in zip(starts, [*starts[1:], (len(text), 0)], strict=True):
        look = book.fonts[font] if font < len(book.fonts) else Font(struck=False, height="level")
        signs = symbols_to_text(text[start:stop], look.name)
        runs.append((Run(signs, look.height, look.struck), True))
    return RichText(tuple(runs))


def _sheet(sheet: Sheet, data: bytes, book: Book) -> Sheet:
    row = -1
    cells: dict[int, str] = {}
    sheet.coloured = any(number in COLOURING for number, _ in records(data)) if book.has_white else False
    for number, body in records(data):
        if number == ROW:
            row = struct.unpack_from("<I", body)[0]
            cells = sheet.rows.setdefault(row, {})
            if len(body) > 11 and body[11] & HIDDEN_ROW:  # noqa: PLR2004 - where the flags stand
                sheet.hidden_rows.add(row)
        elif BLANK < number <= FORMULA_ERROR or number == RICH:
            column, style_number = struct.unpack_from("<II", body)
            index = style_number & 0xFFFFFF
            style = book.styles[index] if index < len(book.styles) else book.styles[0]
            if text := sheet.seen(_shown(sheet, number, body, style, book), style):
                cells[column] = text
        elif number == COLUMN:
            first, last = struct.unpack_from("<II", body)
            if len(body) > 16 and body[16] & HIDDEN_COLUMN:  # noqa: PLR2004 - where the flags stand
                sheet.hidden_columns.update(range(first, min(last, MAX_COLUMNS) + 1))
        elif number == MERGED:
            top, bottom, left, right = struct.unpack_from("<IIII", body)
            sheet.merged.append(Area(top, left, bottom, right))
    sheet.rows = {row: cells for row, cells in sheet.rows.items() if cells}
    return sheet


def _shown(sheet: Sheet, number: int, body: bytes, style: CellStyle, book: Book) -> str:
    if number in {RK, REAL, FORMULA_NUMBER}:
        value: float = _rk(body) if number == RK else struct.unpack_from("<d", body, 8)[0]
        raw = repr(value).removesuffix(".0")
        shown = style.number(raw)
    elif number in {ERROR, FORMULA_ERROR}:
        return ERRORS.get(body[8], "#N/A")
    elif number in {BOOL, FORMULA_BOOL}:
        return "TRUE" if body[8] else "FALSE"
    else:
        content = _words(number, body, book)
        raw = content.text if isinstance(content, RichText) else content
        shown = content.shown(style) if isinstance(content, RichText) else style.words(content)
    if not shown and raw.strip() not in {"", "0"}:
        sheet.unseen.append(("transparent", raw))
    return shown


def _words(number: int, body: bytes, book: Book) -> str | RichText:
    if number == SHARED:
        (index,) = struct.unpack_from("<I", body, 8)
        return book.strings[index] if index < len(book.strings) else ""
    return _rich(body, 8, book) if number == RICH else _wide(body, 8)[0]


def _rk(body: bytes) -> float:
    """A short number (2.5.122): two bits say whether it is whole, and whether it counts hundredths."""
    (bits,) = struct.unpack_from("<I", body, 8)
    if bits & 2:
        value = float(struct.unpack_from("<i", body, 8)[0] >> 2)
    else:
        value = float(struct.unpack("<d", struct.pack("<Q", (bits & 0xFFFFFFFC) << 32))[0])
    return value / 100 if bits & 1 else value
