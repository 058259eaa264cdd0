"""Formulas against the values that a sheet shows: sums and the like over ranges, and plain arithmetic of cells.

What is more than that is not held against anything. Cells of other sheets are not looked up.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, DecimalException

from qwen_batch.job.workbook.facts import Fact, Figure
from qwen_batch.job.workbook.numbers import Number, numbers_of, plain
from qwen_batch.job.workbook.sheets import Sheet
from qwen_batch.records import Behind

MAX_FORMULA_CHARS = 500
MAX_CELLS = 100_000
MAX_TOLERANCE = Decimal("0.5")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})")
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_OPERATORS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: lambda one, other: one + other,
    ast.Sub: lambda one, other: one - other,
    ast.Mult: lambda one, other: one * other,
    ast.Div: lambda one, other: one / other,
}
_SUBTOTALS = {1: "AVERAGE", 2: "COUNT", 4: "MAX", 5: "MIN", 9: "SUM"}
_HUNDRED = 100


class _Unknown(Exception):  # noqa: N818  never leaves this module
    """What is not known here."""


def formulas_of(sheets: Sequence[Sheet], behind: Sequence[Behind]) -> Iterator[Fact]:
    """For each sheet how many formulas give the value of their cell, and a fact for each that does not."""
    by_cell = {one.cell: one.formula for one in behind if one.formula}
    for sheet in sheets if by_cell else ():
        values = _values(sheet)
        held, wrong = 0, []
        for row in sheet.rows:
            for at in range(len(sheet.columns)):
                address = sheet.address(at, row.number)
                said, formula = values.get((sheet.letters[at], row.number)), by_cell.get(address)
                if said is None or formula is None:
                    continue
                found = _value(formula, sheet, values)
                if found is None:
                    continue
                if abs(found - said.value) <= min(MAX_TOLERANCE, Decimal(5).scaleb(-said.decimals - 1)):
                    held += 1
                else:
                    wrong.append(_wrong(sheet, address, formula, said.value, found))
        yield from wrong
        if held:
            words = f"{sheet.name}: {held} formulas give the value that their cell shows"
            yield Fact("formulas", words, (Figure(Decimal(held), sheet.name),), sheet.page)


def _wrong(sheet: Sheet, address: str, formula: str, said: Decimal, found: Decimal) -> Fact:
    words = f"{address} shows {plain(said)}, but its formula ={formula} gives {plain(found)}"
    figures = (Figure(found, address), Figure(said, address))
    return Fact("wrong", words, figures, sheet.page, f"formula does not give its value: {words}")


def _values(sheet: Sheet) -> dict[tuple[str, int], Number]:
    found: dict[tuple[str, int], Number] = {}
    for at, letter in enumerate(sheet.letters):
        texts = [row.cells[at] for row in sheet.rows]
        for row, number in zip(sheet.rows, numbers_of(texts), strict=True):
            if number is not None:
                found[letter, row.number] = number
    return found


def _value(formula: str, sheet: Sheet, values: Mapping[tuple[str, int], Number]) -> Decimal | None:
    """What a formula gives; None where it is more than what is known here."""
    if len(formula) > MAX_FORMULA_CHARS:
        return None
    text = _RANGE.sub(lambda found: f"_r('{found[1]}',{found[2]},'{found[3]}',{found[4]})", formula).replace("$", "")
    try:
        return _Walk(sheet, values).number(ast.parse(text, mode="eval").body)
    except (_Unknown, SyntaxError, ValueError, DecimalException, ZeroDivisionError, RecursionError, MemoryError):
        return None


class _Walk:
    """Walks a formula's tree; nothing is run as Python."""

    def __init__(self, sheet: Sheet, values: Mapping[tuple[str, int], Number]) -> None:
        self._sheet = sheet
        self._values = values

    def number(self, node: ast.AST) -> Decimal:
        match node:
            case ast.Constant(value=int() | float() as value):
                return Decimal(str(value))
            case ast.Name(id=name):
                return self._cell(name)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](self.number(left), self.number(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.number(operand)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(name.upper(), list(arguments))
        raise _Unknown

    def _cell(self, name: str) -> Decimal:
        found = _CELL.fullmatch(name)
        number = self._values.get((found[1], int(found[2]))) if found else None
        if number is None:
            raise _Unknown
        return number.value

    def _call(self, name: str, arguments: list[ast.expr]) -> Decimal:
        if name == "SUBTOTAL" and arguments and isinstance(arguments[0], ast.Constant):
            code = arguments[0].value
            if not isinstance(code, int) or code >= _HUNDRED or code not in _SUBTOTALS:
                raise _Unknown
            name, arguments = _SUBTOTALS[code], arguments[1:]
        numbers = [number for one in arguments for number in self._several(one)]
        if name == "COUNT":
            return Decimal(len(numbers))
        if not numbers or name not in {"SUM", "AVERAGE", "MIN", "MAX"}:
            raise _Unknown
        total = sum(numbers, Decimal(0))
        return {"SUM": total, "AVERAGE": total / len(numbers), "MIN": min(numbers), "MAX": max(numbers)}[name]

    def _several(self, node: ast.expr) -> list[Decimal]:
        match node:
            case ast.Call(func=ast.Name(id="_r"), args=[first, top, last, bottom]):
                return self._range(
                    *(part.value for part in (first, top, last, bottom) if isinstance(part, ast.Constant))
                )
        return [self.number(node)]

    def _range(self, *corners: object) -> list[Decimal]:
        first, top, last, bottom = corners
        letters = self._sheet.letters
        if first not in letters or last not in letters or not isinstance(top, int) or not isinstance(bottom, int):
            raise _Unknown
        columns = letters[letters.index(str(first)) : letters.index(str(last)) + 1]
        if (bottom - top + 1) * len(columns) > MAX_CELLS:
            raise _Unknown
        found = (self._values.get((letter, row)) for letter in columns for row in range(top, bottom + 1))
        return [one.value for one in found if one is not None]
