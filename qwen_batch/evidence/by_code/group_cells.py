"""The cells that the numbers of a group rest on: those of its rows now and before that an expression reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from qwen_batch.job.computed.expression import Expression
from qwen_batch.job.computed.grouped import BEFORE, NOW, TOTAL, GroupedField
from qwen_batch.job.workbook.numbers import plain
from qwen_batch.job.workbook.sheets import ranges_of
from qwen_batch.outcomes import Evidence
from qwen_batch.value_paths import item_path, key_path

_CELL = re.compile(r"(.*?)([A-Z]{1,3})(\d+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Item:
    """One value of the key with its computed numbers; `rows` and `before` are its rows now and before, by number."""

    name: str
    numbers: dict[str, float | None]
    rows: tuple[int, ...]
    before: tuple[int, ...]


def group_evidence(path: str, item: Item, field: GroupedField, by_path: Mapping[str, Evidence]) -> Iterator[Evidence]:
    """The evidence of an item's numbers: the cells of the rows that went into each."""
    for name, expression in field.computed:
        value = item.numbers[name]
        if value is None:
            continue
        inputs = [
            one
            for kind, key in _read(expression, field)
            for at in (item.rows if kind == NOW else item.before)
            if (one := by_path.get(key_path(item_path(field.mark.rows, at), key))) is not None
        ]
        if inputs:
            quote = f"{field.mark.key} {item.name}: {expression.text} = {plain(Decimal(repr(value)))}"
            cell = _joined(one.cell for one in inputs if one.cell) or None
            place = (inputs[0].page, inputs[0].start, inputs[0].end)
            yield Evidence(key_path(path, name), str(value), quote, *place, (), "computed", 1.0, cell=cell)


def _read(expression: Expression, field: GroupedField) -> list[tuple[str, str]]:
    """The fields of rows that an expression reads, each with `now` or `before`, also by way of computed fields."""
    computed = dict(field.computed)
    found: dict[tuple[str, str], None] = {}
    for path in expression.paths:
        top, _, rest = path.partition(".")
        if top in (f"{NOW}[]", f"{BEFORE}[]"):
            found[top.removesuffix("[]"), rest] = None
        else:
            found |= dict.fromkeys(_read(computed[rest if top == TOTAL else path], field))
    return list(found)


def _joined(cells: Iterable[str]) -> str:
    """Addresses as ranges, each sheet named once: Sheet!C5:C9,D5:D9."""
    by_column: dict[str, dict[str, set[int]]] = {}
    for cell in cells:
        if found := _CELL.fullmatch(cell):
            by_column.setdefault(found[1], {}).setdefault(found[2], set()).add(int(found[3]))
    return ",".join(
        prefix + ",".join(part for letter, numbers in columns.items() for part in ranges_of(letter, sorted(numbers)))
        for prefix, columns in by_column.items()
    )
