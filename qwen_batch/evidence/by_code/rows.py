"""Rows of a table as the items of a list: all of them, in order, each value citing its cell.

A row that is no item is left out and told: totals, titles of parts, rows without what an item needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwen_batch.evidence.confidence import mean_of_known
from qwen_batch.evidence.ground import boxes_of, words_confidence
from qwen_batch.evidence.merge import Merged
from qwen_batch.job.nothing import is_placeholder
from qwen_batch.job.rows.marks import QUOTE, RowsField, Schema
from qwen_batch.job.rows.tables import Cell, Table, TableRow
from qwen_batch.job.rows.values import Column, column_for
from qwen_batch.outcomes import ConfidenceParts, Evidence
from qwen_batch.records import CleanDocument
from qwen_batch.value_paths import item_path, key_path, top_field

Validate = Callable[[dict[str, Any]], dict[str, Any] | None]
"""An item as its model has it; None for what is none."""
MAX_NAMED = 3
MAX_NAMED_CHARS = 60
MAX_QUOTE_CHARS = 120
_TOTAL = re.compile(
    r"\W*(?:(?:grand|sub)[\s-]*)?(?:total|sum|carried forward|brought forward)\w*\b|\W*(?:合计|总计|小计|共计)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TableColumns:
    """A table, by the number of a list's field its column there, and how sure that is."""

    table: Table
    columns: Mapping[int, int]
    sure: float = 1.0


@dataclass(frozen=True, slots=True)
class TakenRows:
    """A list's items with their evidence, and warnings of what was left out; `rows` counts those of the tables."""

    field: str
    items: tuple[dict[str, Any], ...]
    evidence: tuple[Evidence, ...]
    rows: int
    sure: float
    warnings: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether each row of the tables is an item."""
        return len(self.items) == self.rows


def take_rows(
    found: Sequence[TableColumns],
    field: RowsField,
    definitions: dict[str, Schema],
    validate: Validate,
    clean: CleanDocument,
) -> TakenRows:
    """The items of all these tables, one table after the other."""
    taking = _Taking(field, validate, clean)
    for one in found:
        taking.take(one, definitions)
    return TakenRows(
        field=field.field,
        items=tuple(taking.items),
        evidence=tuple(taking.evidence),
        rows=taking.rows,
        sure=min((one.sure for one in found), default=1.0),
        warnings=tuple(taking.warnings()),
    )


def with_rows(merged: Merged, taken: TakenRows, clean: CleanDocument) -> Merged:
    """The result with a list that was taken from tables."""
    ocr = mean_of_known(words_confidence(item, clean) for item in taken.evidence) if clean.ocr_pages else None
    parts = ConfidenceParts(
        field=taken.field,
        scanned=ocr is not None,
        absent=not taken.items,
        token=taken.sure,
        weakest=taken.sure,
        ocr=ocr,
        match="exact" if taken.evidence else None,
        score=1.0 if taken.evidence else None,
        agreement=None,
    )
    others = tuple(item for item in merged.evidence if top_field(item.field) != taken.field)
    return replace(
        merged,
        result={**merged.result, taken.field: list(taken.items)},
        evidence=(*others, *taken.evidence),
        parts=tuple(parts if one.field == taken.field else one for one in merged.parts),
        warnings=(*merged.warnings, *taken.warnings),
        cut=merged.cut if taken.is_whole else (*merged.cut, taken.field),
    )


class _Taking:
    """Takes rows, and remembers what was left out and why."""

    def __init__(self, field: RowsField, validate: Validate, clean: CleanDocument) -> None:
        self._field = field
        self._validate = validate
        self._clean = clean
        self.items: list[dict[str, Any]] = []
        self.evidence: list[Evidence] = []
        self.rows = 0
        self._left: dict[str, list[str]] = {}
        self._unread: dict[str, list[str]] = {}

    def take(self, one: TableColumns, definitions: dict[str, Schema]) -> None:
        columns = [
            (number, column_for(self._field.targets[at], one.table.head[number], one.table.column(number), definitions))
            for at, number in sorted(one.columns.items())
        ]
        for row in one.table.rows:
            if row.filled:
                self.rows += 1
                self._take_row(row, columns)

    def _take_row(self, row: TableRow, columns: Sequence[tuple[int, Column]]) -> None:
        why = _no_item(row, [number for number, _ in columns])
        cells = [(row.cells[number], number, column) for number, column in columns if number < len(row.cells)]
        values = {column.target.name: self._value(cell, column, row) for cell, _, column in cells} if not why else {}
        lacking = [one.target.name for _, one in columns if one.target.required and values.get(one.target.name) is None]
        if not why and all(value is None for value in values.values()):
            why = "without a value"
        elif not why and lacking:
            why = f"without {lacking[0]}"
        if not why and len(self.items) >= self._field.most:
            why = f"beyond the {self._field.most} that the job allows"
        item = None if why else self._validate(self._whole(values, row))
        if item is None:
            self._left.setdefault(why or "that the schema does not take", []).append(_named(row))
            return
        path = item_path(self._field.field, len(self.items))
        self.items.append(item)
        for cell, number, column in cells:
            self.evidence += _evidence(
                key_path(path, column.target.name), item, column.target.name, (cell, number), row
            )
        self._place_boxes(path)

    def _value(self, cell: Cell, column: Column, row: TableRow) -> Any:
        if is_placeholder(cell.text):
            return None
        value = column.convert(cell.text)
        if value is None:
            self._unread.setdefault(column.target.name, []).append(f"{cell.text!r} on page {row.page}")
        return value

    def _whole(self, values: dict[str, Any], row: TableRow) -> dict[str, Any]:
        named = {target.name: values.get(target.name) for target in self._field.targets}
        kept = {
            target.name: named[target.name]
            for target in self._field.targets
            if target.required or named[target.name] is not None or target.nullable
        }
        return {QUOTE: _row_text(row)[:MAX_QUOTE_CHARS], **kept} if self._field.quoted else kept

    def _place_boxes(self, path: str) -> None:
        at = len(self.evidence)
        while at and self.evidence[at - 1].field.startswith(path):
            at -= 1
            one = self.evidence[at]
            self.evidence[at] = replace(one, boxes=boxes_of(one, self._clean)) if one.boxes else one

    def warnings(self) -> Iterator[str]:
        """How many of the rows are items and which are not, and cells that say no value of their field."""
        if len(self.items) < self.rows:
            left = "; ".join(f"{len(names)} {why} ({_some(names)})" for why, names in self._left.items())
            yield f"{self._field.field}: {len(self.items)} of {self.rows} rows; left out: {left}"
        for name, said in self._unread.items():
            yield f"{self._field.field}[].{name}: {len(said)} cells say no value of it: {_some(said)}"


def _evidence(path: str, item: dict[str, Any], key: str, at: tuple[Cell, int], row: TableRow) -> Iterator[Evidence]:
    """The evidence of what one cell says: of each value beside the quote of a fact."""
    cell, number = at
    value = item.get(key)
    if value is None:
        return
    values = {key_path(path, name): one for name, one in value.items()} if isinstance(value, dict) else {path: value}
    boxes = (row.box,) if row.box.y1 > row.box.y0 else ()
    address = row.addresses[number] if number < len(row.addresses) else None
    for field, one in values.items():
        if one is not None and not field.endswith((f".{QUOTE}", ".original")):
            yield Evidence(
                field, str(one), cell.text, row.page, cell.start, cell.end, boxes, "exact", 1.0, cell=address
            )


def _no_item(row: TableRow, columns: Sequence[int]) -> str:
    """Why a row is no item, by the columns of the fields; empty where it may be one."""
    first = next(cell.text for cell in row.cells if cell.text)
    has_gap = any(number >= len(row.cells) or not row.cells[number].text for number in columns)
    if has_gap and _TOTAL.match(first):
        return "of totals"
    return "with one cell alone" if row.filled == 1 and len(columns) > 1 else ""


def _row_text(row: TableRow) -> str:
    return " | ".join(cell.text for cell in row.cells if cell.text)


def _named(row: TableRow) -> str:
    text = _row_text(row)
    short = text if len(text) <= MAX_NAMED_CHARS else f"{text[: MAX_NAMED_CHARS - 1]}…"
    where = row.addresses[0] if row.addresses else f"page {row.page}"
    return f"{where}: {short!r}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more
