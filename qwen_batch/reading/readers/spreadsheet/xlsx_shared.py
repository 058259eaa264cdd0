"""What all sheets of an xlsx file draw on: its strings and styles; and how text stands in its XML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from qwen_batch.reading.parts.ooxml import Package, attribute, child
from qwen_batch.reading.parts.xml import xml_to_tree
from qwen_batch.reading.readers.spreadsheet.styles import CellStyle, RichText, rich_text, xlsx_styles

_PREFIX = re.compile(rb"<(\w+):(?:worksheet|sst|dialogsheet|macrosheet)\b")
_STRING = re.compile(rb"<si(?:\s[^>]*)?(?:/>|>([^<]*(?:<(?!/si>|si[\s>])[^<]*)*)</si>)")
_TEXT = re.compile(rb"<t(?:\s[^>]*)?>([^<]*)<")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CDATA = re.compile(rb"<!\[CDATA\[((?:(?!<!\[CDATA\[|\]\]>).)*)\]\]>", re.DOTALL)
_COMMENT = re.compile(rb"<!--(?:(?!<!--|-->).)*-->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Shared:
    """What all sheets of a workbook draw on; `recalculated` says that a program left the values to whoever opens it."""

    strings: list[str | RichText]
    styles: list[CellStyle]
    recalculated: bool = False


def shared_parts(package: Package, main: str) -> Shared:
    """The strings and styles of a workbook."""
    book = package.tree(main)
    properties = child(book, "workbookPr")
    date1904 = properties is not None and (attribute(properties, "date1904") or "0") in {"1", "true", "on"}
    calculation = child(book, "calcPr")
    recalculated = calculation is not None and (attribute(calculation, "fullCalcOnLoad") or "0") in {"1", "true"}
    strings, styles = package.related(main, "sharedStrings"), package.related(main, "styles")
    data = package.data(strings) if strings else None
    return Shared(
        [to_string(item[1] or b"") for item in _STRING.finditer(plain_names(data or b""))],
        xlsx_styles(package.tree(styles) if styles else None, date1904=date1904),
        recalculated,
    )


def plain_names(data: bytes) -> bytes:
    """The XML without a prefix before its names, comments and CDATA, which hardly any program writes."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode("utf-8")
    if prefix := _PREFIX.search(data[:4096]):
        data = re.sub(rb"<(/?)" + prefix[1] + rb":", rb"<\1", data)
    if b"<!" in data:
        data = _CDATA.sub(lambda found: found[1].replace(b"&", b"&amp;").replace(b"<", b"&lt;"), data)
        data = _COMMENT.sub(b"", data)
    return data


def to_string(body: bytes) -> str | RichText:
    """A string; phonetic guides beside it are no part of it."""
    if b"<r" not in body:
        found = _TEXT.search(body)
        return to_text(found[1]) if found else ""
    try:
        rich = rich_text(xml_to_tree(b"<si>" + body + b"</si>"))
    except (SyntaxError, ValueError):
        return "".join(to_text(piece) for piece in _TEXT.findall(body))
    rich = RichText(tuple((type(run)(_unescaped(run.text), run.height, run.struck), own) for run, own in rich.runs))
    looks = any(run.height != "level" or run.struck or own for run, own in rich.runs)
    return rich if looks else rich.text


def to_text(raw: bytes) -> str:
    """The text between two tags."""
    text = raw.decode("utf-8", "replace")
    return _unescaped(unescape(text) if "&" in text else text)


def _unescaped(text: str) -> str:
    """`_x000D_` is how Excel writes characters that XML does not allow (ECMA-376 part 1, 22.9.2.19)."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: _character(int(found[1], 16)), text)


def _character(code: int) -> str:
    char = chr(code)
    return "\n" if char in "\r\n" else char if char >= " " or char == "\t" else ""
