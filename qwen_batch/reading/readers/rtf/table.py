"""The tables of RTF, which has rows but no tables: rows that follow each other are one, cells may hold rows again."""

from __future__ import annotations

from dataclasses import dataclass, field

from qwen_batch.reading.parts.markdown import CellSize, holds_data
from qwen_batch.reading.parts.writer import PageWriter

MAX_NESTING = 20


@dataclass(slots=True)
class _Rows:
    rows: list[list[str]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


@dataclass(slots=True)
class CellShape:
    """A cell by its definition: one that is `merged` shows the cell beside or above it."""

    merged: bool = False
    deleted: bool = False


class Tables:
    """Collects paragraphs of cells, cells and rows; `shapes` are the definitions of the row at hand."""

    def __init__(self) -> None:
        self.shapes: list[CellShape] = []
        self._levels: list[_Rows] = [_Rows()]

    @property
    def is_empty(self) -> bool:
        """Whether no row is waiting to be written."""
        return not any(level.rows or level.cells or level.text for level in self._levels)

    def paragraph(self, text: str, nesting: int) -> None:
        """A paragraph of the open cell, `nesting` tables deep."""
        self._at(nesting).text.append(text)

    def end_cell(self, nesting: int) -> None:
        """Ends the open cell; a table within it is one run of text, its rows parted by semicolons."""
        rows = self._at(nesting)
        inner = self._levels[nesting:]
        del self._levels[nesting:]
        for level in inner:
            rows.text.append("; ".join(", ".join(" ".join(cell.split()) for cell in row) for row in level.rows))
            rows.text.extend(level.text)
        rows.cells.append("\n".join(rows.text))
        rows.text = []

    def end_row(self, nesting: int) -> list[str]:
        """Ends the open row; gives the texts of its deleted cells."""
        rows = self._at(nesting)
        deleted = []
        for index, shape in enumerate(self.shapes[: len(rows.cells)]):
            if shape.deleted:
                deleted.append(rows.cells[index])
            if shape.deleted or shape.merged:
                rows.cells[index] = ""
        rows.rows.append(rows.cells)
        rows.cells = []
        return deleted

    def write(self, writer: PageWriter) -> None:
        """Writes the rows as a table, or one paragraph after the other where they are a mere frame."""
        rows = self._levels[0]
        if rows.text:
            self.end_cell(1)
        if rows.cells:
            self.end_row(1)
        found, self._levels = rows.rows, [_Rows()]
        width = max(map(len, found), default=0)
        if width > 1 and holds_data([[CellSize(len(cell)) for cell in row] for row in found]):
            writer.table(found)
            return
        for cell in (cell for row in found for cell in row):
            for paragraph in cell.split("\n"):
                writer.paragraph(paragraph)

    def _at(self, nesting: int) -> _Rows:
        nesting = min(max(nesting, 1), MAX_NESTING)
        while len(self._levels) < nesting:
            self._levels.append(_Rows())
        return self._levels[nesting - 1]
