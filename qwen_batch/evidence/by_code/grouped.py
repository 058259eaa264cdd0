"""Lists with an item for each value of a column, from rows that were taken: their numbers, and what a model wrote.

Numbers are computed of rows and of each other; shares need the sum over all items, so they come second. Evidence of a
number is the cells of its rows.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from qwen_batch.evidence.by_code.evaluate import value_of
from qwen_batch.evidence.by_code.group_cells import Item, group_evidence
from qwen_batch.evidence.merge import Merged
from qwen_batch.job.computed.expression import Expression
from qwen_batch.job.computed.grouped import BEFORE, NOW, PREVIOUS, TOTAL, GroupedField
from qwen_batch.job.definition import Given
from qwen_batch.job.workbook.kinds import period_of
from qwen_batch.outcomes import Evidence
from qwen_batch.value_paths import EACH, item_path, top_field

MAX_NAMED = 8
DIGITS = 10
"""Decimals that a quotient is kept with."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Grouped:
    """The items of a list in order, and warnings; `asked` says in words which rows they are of.

    `totals` are sums over all items of the numbers that are sums of rows themselves.
    """

    items: tuple[Item, ...]
    warnings: tuple[str, ...]
    asked: str
    totals: Mapping[str, Decimal]


def rows_to_groups(field: GroupedField, rows: Sequence[Row], given: Mapping[str, Given]) -> Grouped:
    """An item for each value of the key in the rows that the parameters choose."""
    numbered = list(enumerate(rows))
    said, warnings = [], []
    for name in field.mark.where:
        wanted = given.get(name)
        if wanted is not None:
            chosen = [(at, row) for at, row in numbered if _same(row.get(name), wanted)]
            if not chosen:
                there = dict.fromkeys(str(row[name]) for _, row in numbered if row.get(name) is not None)
                warnings.append(
                    f"{field.field}: no row has {name} {wanted!r}; there is {', '.join([*there][:MAX_NAMED])}"
                )
            numbered = chosen
            said.append(f"{name} {wanted}")
    now, before, words = _periods(field, numbered, given, warnings)
    said += words
    names = dict.fromkeys(str(row[field.mark.key]) for _, row in (*now, *before) if row.get(field.mark.key) is not None)
    parts = [
        _Part(name, [one for one in now if _is(one, field, name)], [one for one in before if _is(one, field, name)])
        for name in names
    ]
    items = _computed(field, parts, has_before=bool(before))
    order = field.mark.order or (field.computed[0][0] if field.computed else "")
    items.sort(key=lambda one: -abs(one.numbers.get(order) or 0))
    added = [name for name, one in field.computed if all(EACH in path for path in one.paths) and _is_sum(one.tree)]
    totals = {
        name: sum((Decimal(repr(one.numbers[name] or 0)) for one in items), Decimal(0))
        for name in added
        if any(one.numbers[name] is not None for one in items)
    }
    return Grouped(tuple(items), tuple(warnings), ", ".join(said), totals)


def _is_sum(tree: ast.expr) -> bool:
    """Whether an expression is nothing but sums and differences, which add up over groups."""
    if isinstance(tree, ast.BinOp):
        return isinstance(tree.op, ast.Add | ast.Sub) and _is_sum(tree.left) and _is_sum(tree.right)
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "sum"


def with_groups(merged: Merged, field: GroupedField, grouped: Grouped) -> Merged:
    """The result with the list: an item for each group, with what the model wrote for it."""
    written = {str(item.get(field.mark.key, "")).casefold(): item for item in merged.result.get(field.field) or ()}
    by_path = {one.field: one for one in merged.evidence}
    items: list[Row] = []
    evidence: list[Evidence] = []
    for one in grouped.items[: field.most]:
        found = written.pop(one.name.casefold(), {})
        asked = {key: one.name if key == field.mark.key else found.get(key) for key in field.asked}
        items.append({**asked, **one.numbers})
        path = item_path(field.field, len(items) - 1)
        evidence += group_evidence(path, one, field, by_path)
    lost = [str(item.get(field.mark.key)) for item in written.values()]
    warnings = [*grouped.warnings]
    if lost:
        warnings.append(
            f"{field.field}: {', '.join(map(repr, lost[:MAX_NAMED]))} is no {field.mark.key} of the table, left out"
        )
    if len(grouped.items) > field.most:
        warnings.append(f"{field.field}: {field.most} of {len(grouped.items)} that there are")
    others = tuple(item for item in merged.evidence if top_field(item.field) != field.field)
    return replace(
        merged,
        result={**merged.result, field.field: items},
        evidence=(*others, *evidence),
        parts=tuple(replace(part, absent=not items) if part.field == field.field else part for part in merged.parts),
        warnings=(*merged.warnings, *warnings),
        cut=merged.cut if len(grouped.items) <= field.most else (*merged.cut, field.field),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of one group."""

    name: str
    now: list[tuple[int, Row]]
    before: list[tuple[int, Row]]


def _same(value: Any, wanted: Given) -> bool:
    return value is not None and str(value).strip().casefold() == str(wanted).strip().casefold()


def _is(one: tuple[int, Row], field: GroupedField, name: str) -> bool:
    return str(one[1].get(field.mark.key)) == name


def _periods(
    field: GroupedField, rows: Sequence[tuple[int, Row]], given: Mapping[str, Given], warnings: list[str]
) -> tuple[list[tuple[int, Row]], list[tuple[int, Row]], list[str]]:
    """The rows of the period that is asked for, or the last, and of the one before; else what each row says was."""
    key = field.mark.period
    periods = _ordered({str(row[key]) for _, row in rows if key and row.get(key) is not None}, rows, key)
    if not periods:
        return list(rows), [(at, previous) for at, row in rows if (previous := _previous(row))], []
    wanted = given.get(key)
    last = periods[-1]
    if wanted is not None:
        last = next((one for one in periods if _same(one, wanted)), "")
        if not last:
            warnings.append(f"{field.field}: no row has {key} {wanted!r}; there is {', '.join(periods[:MAX_NAMED])}")
    at = periods.index(last) if last else 0
    before = periods[at - 1] if at else ""
    words = [f"{last} against {before}" if before else last]
    return (
        [one for one in rows if last and str(one[1].get(key)) == last],
        [one for one in rows if before and str(one[1].get(key)) == before],
        words,
    )


def _ordered(periods: Iterable[str], rows: Sequence[tuple[int, Row]], key: str) -> list[str]:
    """Periods in time; in the order of rows where one is no period that is known."""
    in_rows = list(dict.fromkeys(str(row[key]) for _, row in rows if key and str(row.get(key)) in set(periods)))
    known = {one: period_of(one) for one in in_rows}
    if any(found is None for found in known.values()):
        return in_rows
    return sorted(in_rows, key=lambda one: known[one] or (0, 0))


def _previous(row: Row) -> Row:
    """What a row says of the time before in fields of its own."""
    found = {key.removeprefix(PREVIOUS): value for key, value in row.items() if key.startswith(PREVIOUS)}
    return {**row, **found} if any(value is not None for value in found.values()) else {}


def _computed(field: GroupedField, parts: Sequence[_Part], *, has_before: bool) -> list[Item]:
    """The items' numbers: first those of rows, then those that need a sum over all items."""
    numbers: list[dict[str, Decimal | None]] = [{} for _ in parts]
    total: dict[str, Decimal] = {}
    for needs_total in (False, True):
        for name, expression in field.computed:
            if _needs_total(expression, field) is not needs_total:
                continue
            for part, own in zip(parts, numbers, strict=True):
                own[name] = _value(expression, part, own, total, has_before=has_before)
            total[name] = sum((own[name] or Decimal(0) for own in numbers), Decimal(0))
    order = [name for name, _ in field.computed]
    return [
        Item(
            part.name,
            {name: None if own[name] is None else float(own[name] or 0) for name in order},
            tuple(at for at, _ in part.now),
            tuple(at for at, _ in part.before),
        )
        for part, own in zip(parts, numbers, strict=True)
    ]


def _needs_total(expression: Expression, field: GroupedField) -> bool:
    computed = dict(field.computed)
    return any(
        path.startswith(f"{TOTAL}.") or (path in computed and _needs_total(computed[path], field))
        for path in expression.paths
    )


def _value(
    expression: Expression,
    part: _Part,
    own: Mapping[str, Decimal | None],
    total: Mapping[str, Decimal],
    *,
    has_before: bool,
) -> Decimal | None:
    scope: dict[str, Any] = {
        NOW: _rows(expression, NOW, part.now, is_zero=True),
        BEFORE: _rows(expression, BEFORE, part.before, is_zero=has_before),
        TOTAL: dict(total),
        **own,
    }
    found = value_of(expression.tree, scope).value
    number = getattr(found, "value", found)
    if not isinstance(number, Decimal):
        return None
    return number if -number.as_tuple().exponent <= DIGITS else round(number, DIGITS)  # type: ignore[operator]


def _rows(expression: Expression, kind: str, rows: Sequence[tuple[int, Row]], *, is_zero: bool) -> list[Row]:
    """The rows with all that the expression reads of them; a group that has none of a period counts as zero there."""
    read = [path.partition(".")[2] for path in expression.paths if path.startswith(f"{kind}[]")]
    found = [row for _, row in rows if all(row.get(name) is not None for name in read)]
    return found if found or rows or not is_zero else [dict.fromkeys(read, 0)]
