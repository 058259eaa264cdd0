"""What calamine does not tell of an xlsx file: how far a sheet reaches, its error values, remarks and drawings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from qwen_batch.reading.parts.graphics import drawn_paragraphs, graphic_to_writer
from qwen_batch.reading.parts.ooxml import Package, attribute, child, descendants, relation_id
from qwen_batch.reading.parts.writer import PageWriter

_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*[^>/])>")  # one without content, `<c ... />`, only carries a format
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ERROR = re.compile(rb"(?:<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>))?<(?:\w+:)?v>([^<]*)<")


@dataclass(slots=True)
class SheetParts:
    """A sheet as its XML shows it: the cells that hold something span `cells`; `errors` by (row, column) from 0."""

    part: str
    cells: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


def sheet_parts(package: Package) -> dict[str, SheetParts]:
    """The sheets of a workbook by name; none for a workbook that is not in XML (xlsb)."""
    main = package.main_part()
    if not main.endswith(".xml"):
        return {}
    targets = {relation.id: relation.target for relation in package.relations(main)}
    listed = child(package.tree(main), "sheets")
    found = {}
    for item in listed if listed is not None else ():
        target = targets.get(relation_id(item) or "")
        if target:
            found[attribute(item, "name") or ""] = _scanned(SheetParts(target), package.data(target) or b"")
    return found


def _scanned(sheet: SheetParts, data: bytes) -> SheetParts:
    first_row = first_column = 1 << 30
    last_row = last_column = -1
    columns: dict[bytes, int] = {}
    for cell in _CELL.finditer(data):
        place = _PLACE.search(cell[1])
        if place is None:
            continue  # cells without a place follow each other: there are no more than the file holds
        letters, row = place[1], int(place[2]) - 1
        column = columns.get(letters)
        if column is None:
            column = columns[letters] = column_number(letters.decode("ascii"))
        first_row, last_row = min(first_row, row), max(last_row, row)
        first_column, last_column = min(first_column, column), max(last_column, column)
        if b't="e"' in cell[1] and (error := _ERROR.match(data, cell.end())):
            sheet.errors[row, column] = error[1].decode("ascii", "replace")
    if last_row >= 0:
        sheet.cells = (last_row - first_row + 1) * (last_column - first_column + 1)
    return sheet


def column_number(letters: str) -> int:
    """The number of a column, from 0: "A" is 0, "AA" is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def remarks_to_writer(package: Package, part: str, writer: PageWriter) -> None:
    """Writes what lies over a sheet's cells: remarks with their cell, text boxes, charts."""
    for relation in package.relations(part):
        if relation.kind == "comments":
            for remark in _remarks(package, relation.target):
                writer.paragraph(remark)
        elif relation.kind == "drawing":
            root = package.tree(relation.target)
            for shape in descendants(root, "sp") if root is not None else ():
                writer.paragraph("\n".join(drawn_paragraphs(shape)))
            for chart in filter(None, map(relation_id, descendants(root, "chart") if root is not None else ())):
                graphic_to_writer(package, relation.target, chart, writer)


def _remarks(package: Package, part: str) -> Iterator[str]:
    root = package.tree(part)
    if root is None:
        return
    names = child(root, "authors")
    authors = [item.text or "" for item in (names if names is not None else ())]
    for remark in descendants(root, "comment"):
        text = " ".join("".join(item.text or "" for item in descendants(remark, "t")).split())
        number = attribute(remark, "authorId") or ""
        author = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
        # A remark in a thread names its own programme-made author and begins with his name otherwise.
        by = f" by {author}" if author and not author.startswith("tc=") and not text.startswith(author) else ""
        if text:
            yield f"[Comment on {attribute(remark, 'ref')}{by}: {text}]"
