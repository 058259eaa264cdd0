"""The cells of ruled tables: ours, from pdfium's paths, held against pdfplumber's on the same pages.

    python -m benchmarks.reading.cells ../shared/data

Takes every page of DATA's PDFs that shows a grid and has a text layer that will do. A table is the same if it has the
same rows and columns and each cell the same characters; their order and the blanks are counted apart, since pdfplumber
spells turned text and Arabic backwards and each side guesses blanks from gaps in its own way. Its "(cid:N)", a glyph
that stands for nothing, is no character, nor is the sign that we set before a raised or lowered figure. On a page that
lies on its side pdfplumber's rows are columns: there the collection of cells is compared, and such tables are named.
Where ours says that it is unsure, the reader asks pdfplumber: such pages count apart. Tables that end up as Markdown
are compared, so what is no table for either side does not count.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.readers.pdf.judge import ocr_reason
from qwen_batch.reading.readers.pdf.pdfium import opened, page_layer
from qwen_batch.reading.readers.pdf.tables import Table, ruled_tables, tables_of

_NOTHING = re.compile(r"\(cid:\d+\)|[\^_](?=[-+−–]?\d)")
BUDGET_S = 120
MAX_APART_PT = 6
"""How far the top left corners of one table may lie apart."""


@dataclass(slots=True)
class Count:
    """What was compared."""

    pages: int = 0
    unsure: int = 0
    tables: int = 0
    same: int = 0
    cells: int = 0
    same_cells: int = 0
    spelt_alike: int = 0
    extra: int = 0
    different: list[str] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Tables of the pages looked at that are the same."""
        return self.same / self.tables if self.tables else 1.0


def ruled_pages(data: Path) -> Iterator[tuple[Path, int, tuple[Table, ...] | None]]:
    """Pages with a grid and a good text layer: file, number, our tables or None where we are unsure."""
    for path in sorted(data.rglob("*.[pP][dD][fF]")):
        try:
            with opened(path) as document:
                for number in range(1, len(document) + 1):
                    layer = page_layer(document, number)
                    text = "\n".join(line.text for line in layer.lines)
                    if layer.drawn.grid and not ocr_reason(text, layer.unmapped, layer.drawn):
                        yield path, number, None if layer.grids is None else ruled_tables(layer.grids).tables
        except Unreadable:
            continue


def compare(data: Path) -> Count:
    """Counts over all pages."""
    count = Count()
    for path, number, ours in ruled_pages(data):
        count.pages += 1
        if ours is None:
            count.unsure += 1
            continue
        theirs = tables_of(path, [number], BUDGET_S)[number].tables
        count.extra += max(0, len(ours) - len(theirs))
        for table in theirs:
            twin = next((other for other in ours if _same_place(table, other)), None)
            _count_table(count, table, twin, f"{path.name} page {number}")
    return count


def _same_place(one: Table, other: Table) -> bool:
    return max(abs(one.box.x0 - other.box.x0), abs(one.box.y0 - other.box.y0)) <= MAX_APART_PT


def _count_table(count: Count, theirs: Table, ours: Table | None, where: str) -> None:
    cells = [cell for row in theirs.rows for cell in row.cells]
    count.tables += 1
    count.cells += len(cells)
    own = [cell for row in ours.rows for cell in row.cells] if ours else []
    shape = _shape(ours) == _shape(theirs)
    alike = [(_characters(a) == _characters(b), a == b) for a, b in zip(cells, own, strict=False) if shape]
    count.same_cells += sum(same for same, _ in alike)
    count.spelt_alike += sum(spelt for _, spelt in alike)
    if shape and all(same for same, _ in alike):
        count.same += 1
    elif _collection(cells) == _collection(own):
        count.same += 1
        count.same_cells += len(cells) - sum(same for same, _ in alike)
        count.turned.append(where)
    else:
        count.different.append(where)


def _collection(cells: list[str]) -> list[str]:
    return sorted(filter(None, ("".join(sorted(_characters(cell).elements())) for cell in cells)))


def _shape(table: Table | None) -> list[int]:
    return [len(row.cells) for row in table.rows] if table else []


def _characters(cell: str) -> Counter[str]:
    return Counter("".join(_NOTHING.sub("", cell).split()))


def measure(data: Path) -> str:
    """A Markdown list of what was the same."""
    count = compare(data)
    same = f"{count.same} the same ({100 * count.share:.1f} %, bar 99 %), {count.extra} that only we see"
    alike = (
        f"{count.same_cells} with the same characters, {count.spelt_alike} also in the same order with the same blanks"
    )
    return "\n".join(
        [
            f"- {count.pages} pages with a grid; {count.unsure} are unsure and are pdfplumber's own",
            f"- {count.tables} tables of pdfplumber on the other {count.pages - count.unsure}: {same}",
            f"- {count.cells} cells: {alike}",
            *(f"- the same but turned: {where}" for where in count.turned),
            *(f"- different: {where}" for where in count.different),
        ]
    )


if __name__ == "__main__":
    print(measure(Path(sys.argv[1])))
