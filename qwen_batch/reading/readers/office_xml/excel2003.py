"""Excel 2003's XML (SpreadsheetML 2003) as a package of today: sheets, cells with their values and number formats."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
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
STRUCK = "<strike/>"
RICH = {"Sup": '<vertAlign val="superscript"/>', "Sub": '<vertAlign val="subscript"/>', "S": STRUCK}
"""The elements within a cell's text that change what is read, as an xlsx writes them."""
MAX_DEPTH = 30
REMARKS = f'<comments xmlns="{SHEET}"><authors><author/></authors><commentList>{{}}</commentList></comments>'
FIRST_OWN_FORMAT = 164
EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a cell's time has no zone
DAY_S = 86_400
MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
DATE_FORMAT = "yyyy-mm-dd"
HIDDEN = ' state="hidden"'
DEFAULT_STYLE = "Default"
_RGB = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class _Look:
    """How a cell looks, as far as it changes what is read; colours as `#RRGGBB`, "" for none stated."""

    code: str = "General"
    struck: bool = False
    ink: str = ""
    paper: str = ""
    font: str = ""


@dataclass(slots=True)
class _Looks:
    """The looks of a book's styles; a style's number is its place in `listed`."""

    styles: dict[str | None, Element]
    listed: list[_Look] = field(default_factory=lambda: [_Look()])

    def number(self, style: str | None, code: str | None = None) -> int:
        """The number of a style's look, where `code` instead of the style's format."""
        look = self._look(style)
        look = replace(look, code=code) if code and look.code == "General" else look
        if look not in self.listed:
            self.listed.append(look)
        return self.listed.index(look)

    def _look(self, style: str | None) -> _Look:
        code = self._said(style, "NumberFormat", "Format") or "General"
        return _Look(
            FORMATS.get(code, code),
            self._said(style, "Font", "StrikeThrough") == "1",
            self._said(style, "Font", "Color") or "",
            self._said(style, "Interior", "Color") or "",
            self._said(style, "Font", "FontName") or "",
        )

    def _said(self, style: str | None, part: str, name: str) -> str | None:
        """What a style says, else its parent, else the one that all take after."""
        seen: set[str | None] = set()
        while style not in seen:
            seen.add(style)
            element = self.styles.get(style)
            found = child(element, part)
            if found is not None and (value := attribute(found, name)) is not None:
                return value
            style = (attribute(element, "Parent") if element is not None else None) or DEFAULT_STYLE
        return None

    def part(self) -> str:
        numbered = list(enumerate(self.listed))
        formats = "".join(
            f'<numFmt numFmtId="{FIRST_OWN_FORMAT + at}" formatCode={quoteattr(look.code)}/>' for at, look in numbered
        )
        fonts = "".join(
            f"<font>{STRUCK * look.struck}{_colour('color', look.ink)}<name val={quoteattr(look.font)}/></font>"
            for _, look in numbered
        )
        fills = "".join(f"<fill>{_fill(look.paper)}</fill>" for _, look in numbered)
        looks = "".join(
            f'<xf numFmtId="{FIRST_OWN_FORMAT + at if look.code != "General" else 0}" fontId="{at}" fillId="{at}"/>'
            for at, look in numbered
        )
        return (
            f'<styleSheet xmlns="{SHEET}"><numFmts>{formats}</numFmts><fonts>{fonts}</fonts><fills>{fills}</fills>'
            f"<cellXfs>{looks}</cellXfs></styleSheet>"
        )


def _colour(name: str, value: str) -> str:
    return f'<{name} rgb="FF{value[1:]}"/>' if _RGB.fullmatch(value) else ""


def _fill(paper: str) -> str:
    kind = "solid" if _RGB.fullmatch(paper) else "none"
    return f'<patternFill patternType="{kind}">{_colour("fgColor", paper)}</patternFill>'


def workbook_to_package(root: Element) -> bytes:
    """The zip file of an xlsx with the same cells."""
    sheets = [item for item in root if local(item) == "Worksheet"]
    styles = {attribute(item, "ID"): item for item in descendants(root, "Style")}
    looks = _Looks(styles)
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
        remarks: list[str] = []
        parts[f"xl/worksheets/{name}.xml"] = "".join(_sheet(sheet, looks, remarks)).encode()
        if remarks:
            parts[f"xl/comments{number}.xml"] = REMARKS.format("".join(remarks)).encode()
            targets_of = {"c1": ("comments", f"../comments{number}.xml")}
            parts[f"xl/worksheets/_rels/{name}.xml.rels"] = relations(targets_of)
    book = f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE_RELATIONS}"><sheets>{listed}</sheets></workbook>'
    parts["xl/workbook.xml"] = book.encode()
    parts["xl/styles.xml"] = looks.part().encode()
    parts["xl/_rels/workbook.xml.rels"] = relations(targets)
    parts["_rels/.rels"] = relations({"r1": ("officeDocument", "xl/workbook.xml")})
    return package(parts, types)


def _visible(sheet: Element) -> str:
    options = next((item for item in sheet if local(item) == "WorksheetOptions"), None)
    found = child(options, "Visible")
    return (found.text or "").strip() if found is not None else "SheetVisible"


def _sheet(sheet: Element, looks: _Looks, remarks: list[str]) -> Iterator[str]:
    table = child(sheet, "Table")
    columns = list(_columns(table))
    yield f'<worksheet xmlns="{SHEET}">{_hidden(columns)}<sheetData>'
    row_number = 0
    for row in (item for item in (table if table is not None else ()) if local(item) == "Row"):
        row_number = min(_number(attribute(row, "Index")) or row_number + 1, MAX_ROW)
        hidden = ' hidden="1"' if attribute(row, "Hidden") == "1" or attribute(row, "Height") == "0" else ""
        yield f'<row r="{row_number}"{hidden}>'
        column = 0
        for cell in (item for item in row if local(item) == "Cell"):
            column = min(_number(attribute(cell, "Index")) or column + 1, MAX_COLUMN)
            style = attribute(cell, "StyleID") or attribute(row, "StyleID") or _style_at(columns, column)
            place = f"{_letters(column)}{row_number}"
            yield _cell(cell, place, style or attribute(table, "StyleID"), looks)
            remarks.extend(_remark(cell, place))
            column += _number(attribute(cell, "MergeAcross")) or 0
        yield "</row>"
        row_number += _number(attribute(row, "Span")) or 0
    yield "</sheetData></worksheet>"


def _remark(cell: Element, place: str) -> Iterator[str]:
    remark = child(cell, "Comment")
    if remark is not None:
        author = attribute(remark, "Author") or ""
        text = " ".join("".join(remark.itertext()).split())
        said = text if text.startswith(author) else f"{author}: {text}"
        yield f'<comment ref="{place}" authorId="0"><text><t>{escape(said)}</t></text></comment>'


@dataclass(frozen=True, slots=True)
class _Column:
    first: int
    last: int
    hidden: bool
    style: str | None


def _columns(table: Element | None) -> Iterator[_Column]:
    at = 0
    for item in (one for one in (table if table is not None else ()) if local(one) == "Column"):
        at = _number(attribute(item, "Index")) or at + 1
        last = at + (_number(attribute(item, "Span")) or 0)
        yield _Column(
            at, last, attribute(item, "Hidden") == "1" or attribute(item, "Width") == "0", attribute(item, "StyleID")
        )
        at = last


def _hidden(columns: Sequence[_Column]) -> str:
    found = "".join(f'<col min="{one.first}" max="{one.last}" hidden="1"/>' for one in columns if one.hidden)
    return f"<cols>{found}</cols>" if found else ""


def _style_at(columns: Sequence[_Column], number: int) -> str | None:
    return next((one.style for one in columns if one.first <= number <= one.last), None)


def _cell(cell: Element, place: str, style: str | None, looks: _Looks) -> str:
    data = child(cell, "Data")
    formula = (attribute(cell, "Formula") or "").removeprefix("=")
    if data is None:
        return f'<c r="{place}"><f>{escape(formula)}</f></c>' if formula else ""
    text, kind = "".join(data.itertext()), attribute(data, "Type") or "String"
    if kind == "DateTime" and (days := _days(text)) is not None:
        return f'<c r="{place}" s="{looks.number(style, DATE_FORMAT)}"><v>{days:.10f}</v></c>'
    number = looks.number(style)
    look = f' s="{number}"' if number else ""
    if kind == "Number":
        return f'<c r="{place}"{look}><v>{escape(text.strip())}</v></c>'
    if kind in {"Boolean", "Error"}:
        return f'<c r="{place}"{look} t="{"b" if kind == "Boolean" else "e"}"><v>{escape(text.strip())}</v></c>'
    return f'<c r="{place}"{look} t="inlineStr"><is>{_string(data)}</is></c>'


def _string(data: Element) -> str:
    """The text of a cell, in runs of one look where some letters look otherwise than others (HTML's own elements)."""
    if not any(local(item) for item in data):
        return _words("".join(data.itertext()))
    return "".join(_runs(data, frozenset(), 0))


def _runs(element: Element, around: frozenset[str], depth: int) -> Iterator[str]:
    looks = around | {RICH[local(element)]} if local(element) in RICH else around
    said = "".join(sorted(looks))
    look = f"<rPr>{said}</rPr>" if said else ""

    def run(text: str | None) -> str:
        return f"<r>{look}{_words(text)}</r>" if text else ""

    yield run(element.text)
    for item in element:
        if depth < MAX_DEPTH:
            yield from _runs(item, looks, depth + 1)
        yield run(item.tail)


def _words(text: str) -> str:
    return f'<t xml:space="preserve">{escape(text)}</t>'


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
