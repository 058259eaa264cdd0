"""Workbooks that are packages (xlsx, xlsm, xlsb): their sheets in order, each with its cells and its other parts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.ooxml import Package, attribute, child, opened_package, relation_id
from qwen_batch.reading.parts.writer import PageDraft, PageWriter
from qwen_batch.reading.readers._office import PicturedPages, with_pictures
from qwen_batch.reading.readers.image import MIN_PICTURE_PIXELS, picture_pixels
from qwen_batch.reading.readers.spreadsheet.sheet import Sheet, SheetName, sheet_to_writer
from qwen_batch.reading.readers.spreadsheet.xlsb import xlsb_names, xlsb_reader
from qwen_batch.reading.readers.spreadsheet.xlsx_cells import xlsx_sheet
from qwen_batch.reading.readers.spreadsheet.xlsx_parts import parts_to_writer, pictures_in_cells
from qwen_batch.reading.readers.spreadsheet.xlsx_shared import shared_parts

SheetReader = Callable[[str, bytes, bool], Sheet]
BINARY = ".bin"


def workbook_to_pictured(path: Path, settings: ReadSettings) -> PicturedPages:
    """One page a sheet; one that holds nothing but large pictures is these pictures. Raises Unreadable."""
    with opened_package(path, settings) as package:
        main = package.main_part()
        binary = main.endswith(BINARY)
        names = xlsb_names(package.data(main) or b"") if binary else _names(package, main)
        to_sheet = xlsb_reader(package, main) if binary else _xlsx_reader(package, main)
        targets = {relation.id: relation.target for relation in package.relations(main)}
        writer = PageWriter(settings)
        for index, name in enumerate(names):
            if index:
                writer.break_page()
            part = targets.get(name.relation, "")
            sheet = to_sheet(name.name, package.data(part) or b"", name.hidden)
            empty = not sheet.rows
            sheet_to_writer(sheet, writer, settings)
            if sheet.pictures and not name.hidden:
                for picture in pictures_in_cells(package):
                    writer.picture(picture)
            parts_to_writer(package, part, writer, sheet=name.name, hidden=name.hidden)
            if empty:
                _leave_to_pictures(writer.drafts[-1], package)
        return with_pictures(writer.pages(), writer.drafts, package, settings, one_page=False)


def _leave_to_pictures(draft: PageDraft, package: Package) -> None:
    """Takes the heading from a sheet that is nothing but large pictures, so that these are recognised."""
    if sum(bool(line.text) for line in draft.lines) == 1 and any(
        picture_pixels(package.data(part) or b"") >= MIN_PICTURE_PIXELS for part in draft.pictures
    ):
        draft.lines.clear()


def _names(package: Package, main: str) -> list[SheetName]:
    listed = child(package.tree(main), "sheets")
    return [
        SheetName(
            attribute(item, "name") or "",
            relation_id(item) or "",
            hidden=(attribute(item, "state") or "visible") != "visible",
        )
        for item in (listed if listed is not None else ())
    ]


def _xlsx_reader(package: Package, main: str) -> SheetReader:
    shared = shared_parts(package, main)
    return lambda name, data, hidden: xlsx_sheet(name, data, shared, hidden=hidden)
