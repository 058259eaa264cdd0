"""A sheet as any workbook format gives it, and how it becomes a page.

Knows no file format. Cells are kept by their place, so that a stray one far out costs a row and a column. What nobody
sees who looks at the sheet is kept apart: hidden sheets, rows, columns, what a merged cell covers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.markdown import Origin, column_letters, titles_and_table
from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.readers.spreadsheet.styles import CellStyle
from qwen_batch.records import Behind, HiddenKind

HIDDEN_SHEET = "{name} (hidden sheet)"
NO_VALUE = "{count} formulas without a stored value on this sheet, shown as formulas: open it in Excel and save it"
PICTURE_CELL = "[picture]"
BARE_FORMULA = "[formula without a value]"
MAX_FORMULAS = 20_000
"""Of a sheet with more of them the first are kept."""


@dataclass(frozen=True, slots=True)
class SheetName:
    """A sheet as the workbook lists it; `relation` leads to its part, where there are parts."""

    name: str
    relation: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, from the first to the last row and column, counted from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Sheet:
    """The cells of a sheet as they are shown, by row and column from 0; `unseen` are pieces that nobody sees.

    `formulas` counts those without a stored value, which are shown themselves; `calculated` are those with one.
    """

    name: str
    hidden: bool = False
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[Area] = field(default_factory=list)
    unseen: list[tuple[HiddenKind, str]] = field(default_factory=list)
    formulas: int = 0
    pictures: int = 0
    """Cells whose value is a picture."""
    calculated: dict[tuple[int, int], str] = field(default_factory=dict)
    coloured: bool = False
    """Whether something lays colours under cells that their styles do not know of, as formats on a condition do."""

    def calculates(self, row: int, column: int, formula: str) -> None:
        """Keeps the formula behind a value."""
        if formula and len(self.calculated) < MAX_FORMULAS:
            self.calculated[row, column] = formula

    def seen(self, shown: str, style: CellStyle) -> str:
        """What a cell shows, without letters in its own colour and tiny ones, which are kept apart."""
        if not shown or not (style.tiny or (style.white and not self.coloured)):
            return shown
        self.unseen.append(("tiny" if style.tiny else "white", shown))
        return ""


def sheet_to_writer(sheet: Sheet, writer: PageWriter, settings: ReadSettings) -> None:
    """Writes a sheet's name and cells, and keeps apart what is hidden. Raises Unreadable: "too_large"."""
    writer.heading(HIDDEN_SHEET.format(name=sheet.name) if sheet.hidden else sheet.name, 1)
    _settle_merged(sheet)
    if sheet.hidden:
        columns = _columns(sheet.rows.values())
        writer.hide("sheet", "\n".join(_joined(sheet.rows[row], columns) for row in sorted(sheet.rows)))
        return
    writer.keep_behind([*_formulas(sheet), *_hidden_cells(sheet)])
    _hide(sheet, writer)
    columns = _columns(sheet.rows.values())
    if len(columns) * len(sheet.rows) > settings.max_cells:
        raise Unreadable(
            "too_large",
            f"Its sheet {sheet.name!r} spans {len(columns) * len(sheet.rows):,} cells, more than "
            f"{settings.max_cells:,}: delete stray cells far out, split it, or raise read.max_cells.",
        )
    filled = [at for at, cells in sorted(sheet.rows.items()) if any(map(str.strip, cells.values()))]
    rows = [[sheet.rows[at].get(column, "") for column in columns] for at in filled]
    origin = Origin(sheet.name, [at + 1 for at in filled], [column_letters(column) for column in columns])
    writer.titled_table(*titles_and_table(rows), origin)
    if sheet.formulas:
        writer.warn(NO_VALUE.format(count=sheet.formulas))


def _formulas(sheet: Sheet) -> Iterator[Behind]:
    for (row, column), formula in sheet.calculated.items():
        yield Behind(f"{sheet.name}!{column_letters(column)}{row + 1}", formula)


def _hidden_cells(sheet: Sheet) -> Iterator[Behind]:
    """The cells of hidden rows in columns that are shown."""
    for row in sorted(sheet.hidden_rows & sheet.rows.keys()):
        for column, text in sheet.rows[row].items():
            if column not in sheet.hidden_columns:
                yield Behind(f"{sheet.name}!{column_letters(column)}{row + 1}", hidden=text)


def _columns(rows: Iterable[dict[int, str]]) -> list[int]:
    columns: set[int] = set()
    for cells in rows:
        columns.update(cells)
    return sorted(columns)


def _joined(cells: dict[int, str], columns: Sequence[int]) -> str:
    return " | ".join(cells[column] for column in columns if column in cells)


def _hide(sheet: Sheet, writer: PageWriter) -> None:
    for row in sorted(sheet.hidden_rows & sheet.rows.keys()):
        cells = sheet.rows.pop(row)
        writer.hide("row", _joined(cells, sorted(cells)))
    for column in sorted(sheet.hidden_columns.intersection(_columns(sheet.rows.values()))):
        taken = [text for row in sorted(sheet.rows) if (text := sheet.rows[row].pop(column, ""))]
        writer.hide("column", "\n".join(taken))
    sheet.rows = {row: cells for row, cells in sheet.rows.items() if cells}
    for kind, text in sheet.unseen:
        writer.hide(kind, text)


def _settle_merged(sheet: Sheet) -> None:
    """A merged cell shows its first cell's text where its first visible row and column meet, and covers the others."""
    for area in sheet.merged:
        rows = _rows_between(sheet, area)
        text = sheet.rows.get(area.top, {}).pop(area.left, "")
        for row in rows:
            for column in [column for column in sheet.rows[row] if area.left <= column <= area.right]:
                sheet.unseen.append(("covered", sheet.rows[row].pop(column)))
        if not text:
            continue
        shown_row = _first_shown(area.top, area.bottom, sheet.hidden_rows)
        shown_column = _first_shown(area.left, area.right, sheet.hidden_columns)
        sheet.rows.setdefault(shown_row, {})[shown_column] = text


def _rows_between(sheet: Sheet, area: Area) -> list[int]:
    if area.bottom - area.top > len(sheet.rows):
        return [row for row in sheet.rows if area.top <= row <= area.bottom]
    return [row for row in range(area.top, area.bottom + 1) if row in sheet.rows]


def _first_shown(first: int, last: int, hidden: set[int]) -> int:
    return next((place for place in range(first, last + 1) if place not in hidden), first)
