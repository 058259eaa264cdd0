"""The cells of an xlsx file's sheets: values in their formats, formulas without a value, what is hidden.

A sheet's XML is read by patterns, which takes a fraction of a tree's time and memory; strings with runs of their own
become trees (ECMA-376 part 1, 18.3).
"""

from __future__ import annotations

import re

from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.parts.zip import DAMAGED
from qwen_batch.reading.readers.spreadsheet.sheet import BARE_FORMULA, PICTURE_CELL, Area, Sheet
from qwen_batch.reading.readers.spreadsheet.styles import CellStyle, RichText
from qwen_batch.reading.readers.spreadsheet.xlsx_shared import Shared, plain_names, to_string, to_text

MAX_COLUMNS = 16_384
ZERO = ord("0")

_PIECE = re.compile(
    rb'<(?:c r="([A-Z]{1,3})(\d{1,7})"(?: s="(\d+)")?(?: t="([sn])")?><v>([^<]*)</v></c>'
    rb"|c(?:\s([^>]*?))?(?:/>|>([^<]*(?:<(?!/c>|c[\s>/])[^<]*)*)</c>)|row\b([^>]*)>)"
)
"""A cell as nearly all are, any cell, a row. One that is not closed ends where the next begins: time stays linear."""
_COLOURED = re.compile(rb"<(?:conditionalFormatting|tableParts|drawing)\b")
"""What may lay a colour under white letters, that their cell does not know of."""
_ATTRIBUTE = re.compile(rb"\b(\w+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_USUAL = re.compile(rb'r="([A-Z]{1,3})(\d{1,7})"(?: s="(\d+)")?(?: t="(\w+)")?$')
_VALUE = re.compile(rb"<v(?:\s[^>]*)?>([^<]*)<")
_FORMULA = re.compile(rb"<f(?:\s[^>]*?)?(?:/>|>([^<]*)<)")
_INLINE = re.compile(rb"<is(?:\s[^>]*)?>(.*?)</is>", re.DOTALL)
_COLUMN = re.compile(rb"<col\b([^>]*)>")
_MERGED = re.compile(rb'<mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


def xlsx_sheet(name: str, data: bytes, shared: Shared, *, hidden: bool) -> Sheet:
    """A sheet from its XML. Raises Unreadable for one that is cut off."""
    data = plain_names(data)
    if not data.rstrip(b"\0 \r\n\t").endswith(b">") or data.count(b"<sheetData>") > data.count(b"</sheetData>"):
        raise Unreadable("damaged", f"{DAMAGED} (its sheet {name!r} is cut off)")
    sheet = Sheet(name, hidden, coloured=bool(_COLOURED.search(data)))
    reading = _Reading(sheet, shared)
    for piece in _PIECE.finditer(data):
        letters, row, style, kind, value, attributes, body, row_attributes = piece.groups()
        if value is not None:
            reading.plain_cell(letters, row, style, kind, value)
        elif row_attributes is None:
            reading.cell(attributes or b"", body)
        else:
            reading.row(row_attributes)
    reading.settle()
    _hidden_columns(data[: max(data.find(b"<sheetData"), 0)], sheet)
    sheet.merged = [
        Area(int(top) - 1, column_number(left.decode()), int(bottom) - 1, column_number(right.decode()))
        for left, top, right, bottom in _MERGED.findall(data, max(data.rfind(b"</sheetData"), 0))
    ]
    return sheet


class _Reading:
    """Takes the rows and cells of a sheet in their order."""

    def __init__(self, sheet: Sheet, shared: Shared) -> None:
        self._sheet = sheet
        self._strings = shared.strings
        self._styles = shared.styles
        self._recalculated = shared.recalculated
        self._row = -1
        self._row_text = b""
        self._column = -1
        self._cells: dict[int, str] = {}
        self._columns: dict[bytes, int] = {}
        self._zeros: dict[tuple[int, int], str] = {}
        self._calculated = False

    def row(self, attributes: bytes) -> None:
        found = _attributes(attributes)
        number = found.get(b"r", b"")
        self._row = int(number) - 1 if number.isdigit() else self._row + 1
        self._row_text = b"%d" % (self._row + 1)
        self._column = -1
        if found.get(b"hidden") in {b"1", b"true"} or found.get(b"ht") in {b"0", b"0.0"}:
            self._sheet.hidden_rows.add(self._row)
        self._cells = self._sheet.rows.get(self._row, {})

    def cell(self, attributes: bytes, body: bytes | None) -> None:
        usual = _USUAL.match(attributes)
        if usual:
            letters, row, style_number, kind = usual.groups()
        else:
            found = _attributes(attributes)
            place = re.fullmatch(rb"([A-Z]{1,3})(\d{1,7})", found.get(b"r", b""))
            letters, row = place.groups() if place else (b"", b"")
            style_number, kind = found.get(b"s"), found.get(b"t")
            if kind == b"e" and b"vm" in found and body and b"#VALUE!" in body:  # what old programs show for a picture
                self._sheet.pictures += 1
                kind, body = b"str", b"<v>%s</v>" % PICTURE_CELL.encode()
        if letters:
            self._go_to(letters, row)
        else:
            self._column += 1
        if body:
            self._keep(self._shown(body, kind, self._style(style_number)))

    def plain_cell(
        self, letters: bytes, row: bytes, style_number: bytes | None, kind: bytes | None, raw: bytes
    ) -> None:
        """A number or a shared string without a formula, which nearly all cells are."""
        self._go_to(letters, row)
        style = self._style(style_number)
        if kind == b"s":
            index = int(raw) if raw.isdigit() else -1
            content = self._strings[index] if 0 <= index < len(self._strings) else ""
            text = content if style.plain and isinstance(content, str) else self._words(content, style)
        elif style.plain and raw.isdigit() and (raw[0] != ZERO or raw == b"0"):
            text = raw.decode("ascii")
        else:
            text = self._number(raw, None, style)
        self._keep(text)

    def _go_to(self, letters: bytes, row: bytes) -> None:
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = column_number(letters.decode("ascii"))
        self._column = column
        if row != self._row_text:
            self._row_text = row
            self._row = int(row) - 1
            self._cells = self._sheet.rows.get(self._row, {})

    def _style(self, number: bytes | None) -> CellStyle:
        if number is None:
            return self._styles[0]
        index = int(number)
        return self._styles[index] if index < len(self._styles) else self._styles[0]

    def _keep(self, text: str) -> None:
        if text:
            if not self._cells:
                self._sheet.rows[self._row] = self._cells
            self._cells[self._column] = text

    def _shown(self, body: bytes, kind: bytes | None, style: CellStyle) -> str:
        """What a cell shows; a formula without a value shows itself."""
        value = _VALUE.search(body)
        raw = value[1] if value else b""
        if kind == b"s":
            index = int(raw) if raw.strip().isdigit() else -1
            content = self._strings[index] if 0 <= index < len(self._strings) else ""
            return self._words(content, style)
        if kind == b"inlineStr":
            inline = _INLINE.search(body)
            return self._words(to_string(inline[1]), style) if inline else ""
        formula = _FORMULA.search(body) if b"<f" in body else None
        if not raw:
            if formula is None or kind == b"str":
                return ""
            self._sheet.formulas += 1
            return _formula(formula[1])
        if formula is not None and formula[1]:
            self._sheet.calculates(self._row, self._column, to_text(formula[1]))
        if kind is None or kind == b"n":
            return self._number(raw, formula, style)
        text = to_text(raw)
        if kind == b"b":
            text = "TRUE" if text.strip() in {"1", "true"} else "FALSE"
        elif kind == b"d":
            text = text.replace("T00:00:00", "").replace("T", " ").removesuffix("Z").removesuffix(".000")
        elif kind == b"str":
            return self._words(text, style)
        return style.words(text) if style.struck else text

    def _words(self, content: str | RichText, style: CellStyle) -> str:
        if isinstance(content, RichText):
            shown = content.shown(style)
            content = content.text
        else:
            shown = content if style.plain else style.words(content)
        if not shown and content.strip():
            self._sheet.unseen.append(("transparent", content))
        return self._sheet.seen(shown, style)

    def _number(self, raw: bytes, formula: re.Match[bytes] | None, style: CellStyle) -> str:
        text = raw.decode("ascii", "replace").strip()
        shown = style.number(text)
        if not shown and text != "0":
            self._sheet.unseen.append(("transparent", text))
        if formula is not None and self._recalculated:
            if text == "0":
                self._zeros[self._row, self._column] = _formula(formula[1])
            else:
                self._calculated = True
        return self._sheet.seen(shown, style)

    def settle(self) -> None:
        """Where a program has written 0 for every formula and asks to calculate them, none has a value."""
        if self._calculated:
            return
        for (row, column), formula in self._zeros.items():
            self._sheet.rows.setdefault(row, {})[column] = formula
        self._sheet.formulas += len(self._zeros)


def _formula(body: bytes | None) -> str:
    return f"={to_text(body)}" if body else BARE_FORMULA


def _attributes(data: bytes) -> dict[bytes, bytes]:
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(data)}


def _hidden_columns(head: bytes, sheet: Sheet) -> None:
    for column in _COLUMN.finditer(head):
        found = _attributes(column[1])
        first, last = found.get(b"min", b""), found.get(b"max", b"")
        gone = found.get(b"hidden") in {b"1", b"true"} or found.get(b"width") in {b"0", b"0.0"}
        if gone and first.isdigit() and last.isdigit():
            sheet.hidden_columns.update(range(int(first) - 1, min(int(last), MAX_COLUMNS)))


def column_number(letters: str) -> int:
    """The number of a column, from 0: "A" is 0, "AA" is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
