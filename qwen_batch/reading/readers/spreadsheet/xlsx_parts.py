"""What lies over and around the cells of an xlsx or xlsb file: remarks, text boxes, charts, pictures, controls.

The heads and feet of printed pages too; how remarks and these read is shared with the other formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape

from qwen_batch.reading.parts.graphics import drawn_paragraphs, graphic_to_writer
from qwen_batch.reading.parts.markdown import NO_BOX
from qwen_batch.reading.parts.ooxml import Package, Relation, attribute, child, descendants, relation_id
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.spreadsheet.xlsb import xlsb_remarks
from qwen_batch.records import Line

THREAD_AUTHOR = "tc="
"""How the author of a note begins that Excel writes for programs without threads of remarks."""
RICH_PICTURES = "xl/richData/richValueRel.xml"
TICKS = {"checkbox": ("[ ]", "[x]"), "radio": ("( )", "(x)")}
PAGE_WORDS = {"page", "page of", "seite", "seite von", "page sur", "página", "página de"}

_ADVICE = re.compile(r"^\[[^\]]*\].*?fwlink/\?linkid=\d+\s*(?:[^\W\d]+\s?:\s*)?", re.DOTALL | re.IGNORECASE)
_PRINTED = re.compile(rb"<(?:\w+:)?(odd|even|first)(Header|Footer)>([^<]*)<")
_SWITCH = re.compile(r'&(?:"[^"]*"|\d+|K[0-9A-Fa-f]{6}|K\d{2}[+-]\d{3}|[BIUESXYOH])')
_FIELD = re.compile(r"&([PNDTFZAG])[+-]?", re.IGNORECASE)
_PARTS = re.compile(r"&[LCR]")
_CONTROL = re.compile(r"<v:shape\b(?:(?!<v:shape\b|</v:shape>).)*</v:shape>", re.DOTALL)
_CONTROL_KIND = re.compile(r'<x:ClientData\s+ObjectType="(\w+)"')
_CONTROL_ON = re.compile(r"<x:Checked>\s*[1-9]")
_TAG = re.compile(r"<[^>]+>")
_LABEL = re.compile(r"<v:textbox\b[^>]*>(.*?)</v:textbox>", re.DOTALL)


def parts_to_writer(package: Package, part: str, writer: PageWriter, *, sheet: str, hidden: bool) -> None:
    """Writes what belongs to the sheet that is the part; of a hidden sheet it is kept apart."""
    relations = package.relations(part)
    threads = [text for item in relations if item.kind == "threadedComment" for text in _threads(package, item.target)]
    notes = [text for item in relations if item.kind == "comments" for text in _notes(package, item, bool(threads))]
    for text in (*notes, *threads):
        say(writer, text, hidden=hidden)
    for item in relations:
        if item.kind == "vmlDrawing":
            for text in _controls(package.data(item.target) or b""):
                say(writer, text, hidden=hidden)
        elif item.kind == "drawing":
            _drawing(package, item.target, writer, hidden=hidden)
    if not hidden:
        for picture in _behind(package, relations):
            writer.picture(picture)
    for kind, text in _printed(package.data(part) or b"", sheet):
        if not hidden:
            writer.lines([Line(text, NO_BOX, kind="header" if kind == "Header" else "footer")])


def _behind(package: Package, relations: Sequence[Relation]) -> Iterator[str]:
    """The pictures behind a sheet and on its printed pages, and those in the frames of its remarks."""
    for item in relations:
        if item.kind == "image":
            yield item.target
        elif item.kind == "vmlDrawing":
            yield from (one.target for one in package.relations(item.target) if one.kind == "image")


def pictures_in_cells(package: Package) -> Iterator[str]:
    """The pictures that are values of cells ([MS-XLSX] 2.3.6, rich values)."""
    yield from (one.target for one in package.relations(RICH_PICTURES) if one.kind == "image")


def say(writer: PageWriter, text: str, *, hidden: bool) -> None:
    """Writes a paragraph; of a hidden sheet it is kept apart."""
    if hidden:
        writer.hide("sheet", text)
    else:
        writer.paragraph(text)


def _drawing(package: Package, part: str, writer: PageWriter, *, hidden: bool) -> None:
    root = package.tree(part)
    if root is None:
        return
    targets = {item.id: item.target for item in package.relations(part)}
    for shape in descendants(root, "sp"):
        text = "\n".join(drawn_paragraphs(shape))
        if hidden or _is_hidden(shape):
            writer.hide("sheet" if hidden else "shape", text)
        else:
            writer.paragraph(text)
    if hidden:
        return
    for frame in descendants(root, "graphicFrame"):
        graphics = [relation_id(item) for item in descendants(frame, "chart")]
        graphics += [relation_id(item, "dm") for item in descendants(frame, "relIds")]
        for graphic in filter(None, graphics) if not _is_hidden(frame) else ():
            graphic_to_writer(package, part, graphic, writer)
    for picture in descendants(root, "pic"):
        for blip in descendants(picture, "blip"):
            target = targets.get(relation_id(blip, "embed") or "")
            if target and not _is_hidden(picture):
                writer.picture(target)


def _is_hidden(shape: Element) -> bool:
    about = next(descendants(shape, "cNvPr"), None)
    return about is not None and (attribute(about, "hidden") or "0") in {"1", "true"}


def _notes(package: Package, relation: Relation, threaded: bool) -> Iterator[str]:
    """Remarks of the older kind, with their cell; those that stand for a thread are left to the thread."""
    if relation.target.endswith(".bin"):
        for cell, author, text in xlsb_remarks(package.data(relation.target) or b""):
            if not (author.startswith(THREAD_AUTHOR) and threaded):
                yield from remark_text(cell, author, _ADVICE.sub("", text))
        return
    root = package.tree(relation.target)
    if root is None:
        return
    names = child(root, "authors")
    authors = [item.text or "" for item in (names if names is not None else ())]
    for remark in descendants(root, "comment"):
        text = " ".join("".join(item.text or "" for item in descendants(remark, "t")).split())
        number = attribute(remark, "authorId") or ""
        author = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
        if author.startswith(THREAD_AUTHOR) and threaded:
            continue
        yield from remark_text(attribute(remark, "ref") or "", author, _ADVICE.sub("", text))


def remark_text(cell: str, author: str, text: str) -> Iterator[str]:
    """A remark with its cell and author, if it has words; one in a thread begins with its author otherwise."""
    text = " ".join(text.split())
    by = f" by {author}" if author and not author.startswith(THREAD_AUTHOR) and not text.startswith(author) else ""
    if text:
        yield f"[Comment on {cell}{by}: {text}]"


def _threads(package: Package, part: str) -> Iterator[str]:
    root = package.tree(part)
    if root is None:
        return
    book = package.main_part()
    people: dict[str, str] = {}
    for item in package.relations(book):
        persons = package.tree(item.target) if item.kind == "person" else None
        for person in persons if persons is not None else ():
            people[attribute(person, "id") or ""] = attribute(person, "displayName") or ""
    for remark in descendants(root, "threadedComment"):
        text = next((item.text or "" for item in descendants(remark, "text")), "")
        author = people.get(attribute(remark, "personId") or "", "")
        yield from remark_text(attribute(remark, "ref") or "", author, text)


def _controls(data: bytes) -> Iterator[str]:
    """Check boxes and radio buttons with their labels (VML, which Excel still writes for them)."""
    for shape in _CONTROL.findall(data.decode("utf-8", "replace")):
        kind = _CONTROL_KIND.search(shape)
        signs = TICKS.get(kind[1].lower()) if kind else None
        if signs:
            label = _LABEL.search(shape)
            text = " ".join(unescape(_TAG.sub(" ", label[1])).split()) if label else ""
            yield f"{signs[bool(_CONTROL_ON.search(shape))]} {text}".strip()


def _printed(data: bytes, sheet: str) -> Iterator[tuple[str, str]]:
    seen = set()
    for _, kind, code in _PRINTED.findall(data, max(data.rfind(b"</sheetData"), 0)):
        line = printed_words(unescape(code.decode("utf-8", "replace")), sheet)
        if line and line not in seen:
            seen.add(line)
            yield kind.decode("ascii"), line


def printed_words(code: str, sheet: str) -> str:
    """The words in the head or foot of printed pages (18.3.1.46); page numbers, days and file names are none."""
    pieces = []
    for piece in _PARTS.split(_SWITCH.sub("", code.replace("&&", "\0"))):
        told = " ".join(_FIELD.sub(" ", piece).split()).strip(" /-")
        if told and told.lower() not in PAGE_WORDS:
            said = _FIELD.sub(lambda field: sheet if field[1].upper() == "A" else "", piece)
            pieces.append(" ".join(said.replace("\0", "&").split()))
    return " ".join(pieces)
