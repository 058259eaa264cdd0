"""Excel 2003's XML (SpreadsheetML 2003) as a package of today: sheets, cells with their values and number formats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from qwen_batch.reading.parts.ooxml import attribute, child, descendants, local
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.office_xml.flat import OFFICE_RELATIONS, package, relations

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"
FORMATS = {
    "General": "General",
    "General Number": "General",
    "General Date": "yyyy-mm-dd hh:mm",
    "Long Date": "yyyy-mm-dd",
    "Medium Date": "yyyy-mm-dd",
    "Short Date": "yyyy-mm-dd",
    "Long Time": "hh:mm:ss",
    "Medium Time": "hh:mm",
    "Short Time": "hh:mm",
    "Currency": "#,##0.00",
    "Euro Currency": "[$€-2] #,##0.00",
    "Fixed": "0.00",
    "Standard": "#,##0.00",
    "Percent": "0.00%",
    "Scientific": "0.00E+00",
    "Yes/No": '"Yes";"Yes";"No"',
    "True/False": '"True";"True";"False"',
    "On/Off": '"On";"On";"Off"',
}
"""Excel's own names of formats."""
FIRST_OWN_FORMAT = 164
EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a cell's time has no zone
DAY_S = 86_400
MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
DATE_FORMAT = "yyyy-mm-dd"
HIDDEN = ' state="hidden"'


@dataclass(slots=True)
class _Formats:
    """The number formats of a book; a style's number is its place in `codes`."""

    codes: list[str] = field(default_factory=lambda: ["General"])

    def index(self, code: str) -> int:
        if code not in self.codes:
            self.codes.append(code)
        return self.codes.index(code)

    def part(self) -> str:
        numbered = list(enumerate(self.codes))
        formats = "".join(
            f'<numFmt numFmtId="{FIRST_OWN_FORMAT + at}" formatCode={quoteattr(code)}/>' for at, code in numbered
        )
        looks = "".join(
            f'<xf numFmtId="{FIRST_OWN_FORMAT + at if at else 0}" applyNumberFormat="1"/>' for at, _ in numbered
        )
        return f'<styleSheet xmlns="{SHEET}"><numFmts>{formats}</numFmts><cellXfs>{looks}</cellXfs></styleSheet>'


def workbook_to_package(root: Element) -> bytes:
    """The zip file of an xlsx with the same cells."""
    sheets = [item for item in root if local(item) == "Worksheet"]
    styles = {attribute(item, "ID"): item for item in descendants(root, "Style")}
    formats = _Formats()
    parts: dict[str, bytes] = {}
    types = {"xl/workbook.xml": TYPE.format("sheet.main"), "xl/styles.xml": TYPE.format("styles")}
    targets = {"styles": ("styles", "styles.xml")}
    listed = ""
    for number, sheet in enumerate(sheets, start=1):
        name = f"sheet{number}"
        listed += (
            f'<sheet name={quoteattr(attribute(sheet, "Name") or name)} sheetId="{number}" r:id="{name}"'
            f"{HIDDEN if _visible(sheet) != 'SheetVisible' else ''}/>"
        )
        targets[name] = ("worksheet", f"worksheets/{name}.xml")
        types[f"xl/worksheets/{name}.xml"] = TYPE.format("worksheet")
        parts[f"xl/worksheets/{name}.xml"] = "".join(_sheet(sheet, styles, formats)).encode()
    book = f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE_RELATIONS}"><sheets>{listed}</sheets></workbook>'
    parts["xl/workbook.xml"] = book.encode()
    parts["xl/styles.xml"] = formats.part().encode()
    parts["xl/_rels/workbook.xml.rels"] = relations(targets)
    parts["_rels/.rels"] = relations({"r1": ("officeDocument", "xl/workbook.xml")})
    return package(parts, types)


def _visible(sheet: Element) -> str:
    options = next((item for item in sheet if local(item) == "WorksheetOptions"), None)
    found = child(options, "Visible")
    return (found.text or "").strip() if found is not None else "SheetVisible"


def _sheet(sheet: Element, styles: dict[str | None, Element], formats: _Formats) -> Iterator[str]:
    table = child(sheet, "Table")
    yield f'<worksheet xmlns="{SHEET}">{_columns(table)}<sheetData>'
    row_number = 0
    for row in (item for item in (table if table is not None else ()) if local(item) == "Row"):
        row_number = min(_number(attribute(row, "Index")) or row_number + 1, MAX_ROW)
        hidden = ' hidden="1"' if attribute(row, "Hidden") == "1" else ""
        yield f'<row r="{row_number}"{hidden}>'
        column = 0
        for cell in (item for item in row if local(item) == "Cell"):
            column = min(_number(attribute(cell, "Index")) or column + 1, MAX_COLUMN)
            style = attribute(cell, "StyleID") or attribute(row, "StyleID")
            yield _cell(cell, f"{_letters(column)}{row_number}", _code(style, styles), formats)
            column += _number(attribute(cell, "MergeAcross")) or 0
        yield "</row>"
        row_number += _number(attribute(row, "Span")) or 0
    yield "</sheetData></worksheet>"


def _columns(table: Element | None) -> str:
    """The hidden columns."""
    found, at = "", 0
    for item in (one for one in (table if table is not None else ()) if local(one) == "Column"):
        at = _number(attribute(item, "Index")) or at + 1
        last = at + (_number(attribute(item, "Span")) or 0)
        if attribute(item, "Hidden") == "1":
            found += f'<col min="{at}" max="{last}" hidden="1"/>'
        at = last
    return f"<cols>{found}</cols>" if found else ""


def _code(style: str | None, styles: dict[str | None, Element]) -> str:
    seen: set[str | None] = set()
    while style in styles and style not in seen:
        seen.add(style)
        found = child(styles[style], "NumberFormat")
        if found is not None and (code := attribute(found, "Format")):
            return FORMATS.get(code, code)
        style = attribute(styles[style], "Parent")
    return "General"


def _cell(cell: Element, place: str, code: str, formats: _Formats) -> str:
    data = child(cell, "Data")
    if data is None:
        return ""
    text, kind = "".join(data.itertext()), attribute(data, "Type") or "String"
    if kind == "DateTime" and (days := _days(text)) is not None:
        shown = DATE_FORMAT if code == "General" else code
        return f'<c r="{place}" s="{formats.index(shown)}"><v>{days:.10f}</v></c>'
    look = f' s="{formats.index(code)}"' if code != "General" else ""
    if kind == "Number":
        return f'<c r="{place}"{look}><v>{escape(text.strip())}</v></c>'
    if kind in {"Boolean", "Error"}:
        return f'<c r="{place}" t="{"b" if kind == "Boolean" else "e"}"><v>{escape(text.strip())}</v></c>'
    return f'<c r="{place}"{look} t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _days(text: str) -> float | None:
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (moment.replace(tzinfo=None) - EPOCH).total_seconds() / DAY_S


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() else None
