"""The value of an expression over a result, in exact decimals. Knows results and expressions, nothing of evidence.

What is null makes nothing of the whole. Different currencies make nothing either, and say so.
"""

from __future__ import annotations

import ast
import datetime as dt
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from functools import partial
from typing import Any

from qwen_batch.job.computed.expression import COMPARISONS, LENGTHS, path_of, sides
from qwen_batch.job.computed.kinds import QUOTE, is_money
from qwen_batch.job.computed.values import Length, Money, length_of
from qwen_batch.job.facts.dates import iso_day
from qwen_batch.job.nothing import is_absent
from qwen_batch.value_paths import EACH

TOLERANCE = Decimal("0.005")
"""Numbers that differ by no more are equal: half of the smallest coin."""
_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression gives: a value or a list of one for each item; None for nothing, and `warning` says why."""

    value: Any
    warning: str = ""


class _Nothing(Exception):  # noqa: N818  never leaves this module
    """An input is null, or what is counted does not go together."""


def value_of(tree: ast.expr, result: dict[str, Any]) -> Value:
    """The value of an expression over a result."""
    try:
        return Value(_of(tree, result))
    except _Nothing as nothing:
        return Value(None, str(nothing))
    except (DecimalException, OverflowError, ZeroDivisionError):
        return Value(None, "it cannot be computed with these numbers")


def sides_of(tree: ast.expr, result: dict[str, Any]) -> list[Value]:
    """The values of both sides of a comparison; of all sides of several."""
    return [value_of(part, result) for part in sides(tree)]


def _of(node: ast.AST, result: dict[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else Decimal(str(node.value))
    if isinstance(node, ast.Compare):
        return _compare(node, result)
    if isinstance(node, ast.BinOp):
        return _broadcast(_OPERATIONS[type(node.op)], _of(node.left, result), _of(node.right, result))
    if isinstance(node, ast.UnaryOp):
        return _broadcast(_times, _of(node.operand, result), Decimal(-1))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _call(node.func.id, node.args, result)
    return _at((path_of(node) or "").split("."), result)


def _at(keys: Sequence[str], value: Any) -> Any:
    """What stands at a path, an item's value each where it leads through a list."""
    for number, key in enumerate(keys):
        if value is None:
            raise _Nothing
        value = value.get(key.removesuffix(EACH))
        if key.endswith(EACH):
            return [_at(keys[number + 1 :], item) for item in value or ()]
    return _plain(value)


def _plain(value: Any) -> Any:
    """A value to count with; a fact with one value beside its quote is that value."""
    if is_absent(value) and value != []:
        raise _Nothing
    if isinstance(value, dict):
        if is_money(value):
            return Money(_plain(value["value"]), value.get("currency"))
        said = [item for key, item in value.items() if key not in (QUOTE, "original")]
        return _plain(said[0])
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return value
    if isinstance(value, str):
        return iso_day(value) or value
    return Decimal(str(value))


def _broadcast(combine: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """Item by item where a side is a list; a single value goes with each."""
    if not isinstance(left, list) and not isinstance(right, list):
        return combine(left, right)
    size = len(left) if isinstance(left, list) else len(right)
    lefts = left if isinstance(left, list) else [left] * size
    rights = right if isinstance(right, list) else [right] * size
    if len(lefts) != len(rights):
        raise _Nothing("the lists have different lengths")
    return [combine(one, other) for one, other in zip(lefts, rights, strict=True)]


def _add(left: Any, right: Any, sign: int = 1) -> Any:
    if isinstance(left, dt.date):
        if isinstance(right, dt.date):
            return Decimal((left - right).days)
        day = right.after(left, sign)
        if day is None:
            raise _Nothing("that day is in no calendar")
        return day
    if isinstance(left, Money) or isinstance(right, Money):
        return Money(_number(left) + sign * _number(right), _currency((left, right)))
    return left + sign * right


def _subtract(left: Any, right: Any) -> Any:
    return _add(left, right, -1)


def _times(left: Any, right: Any) -> Any:
    product = _number(left) * _number(right)
    return Money(product, _currency((left, right))) if Money in {type(left), type(right)} else product


def _divide(left: Any, right: Any) -> Any:
    quotient = _number(left) / _number(right)
    if isinstance(left, Money) and isinstance(right, Money):
        _currency((left, right))
        return quotient
    return Money(quotient, left.currency) if isinstance(left, Money) else quotient


_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: _add,
    ast.Sub: _subtract,
    ast.Mult: _times,
    ast.Div: _divide,
}


def _number(value: Any) -> Decimal:
    return value.value if isinstance(value, Money) else value


def _currency(values: Sequence[Any]) -> str | None:
    """The one currency of several sums; where one does not say it, it is that of the others."""
    codes = dict.fromkeys(one.currency for one in values if isinstance(one, Money) and one.currency)
    if len(codes) > 1:
        raise _Nothing(f"{' and '.join(codes)} are different currencies")
    return next(iter(codes), None)


def _call(name: str, arguments: Sequence[ast.expr], result: dict[str, Any]) -> Any:
    if name == "count":
        return Decimal(_count(arguments[0], result))
    values = [_of(one, result) for one in arguments]
    if name in ("sum", "min", "max"):
        several = values[0] if isinstance(values[0], list) else values
        if not several:
            raise _Nothing
        code = _currency(several)
        if name == "sum":
            total = sum(map(_number, several), Decimal(0))
            return Money(total, code) if isinstance(several[0], Money) else total
        return (min if name == "min" else max)(several, key=_number)
    if name == "length":
        return _broadcast(_length, *values)
    if name in LENGTHS:
        return _broadcast(_length, values[0], name)
    if name == "abs":
        return _broadcast(lambda one, _: _like(one, abs(_number(one))), values[0], None)
    places = int(values[1]) if len(values) > 1 else 0
    step = Decimal(1).scaleb(-places)
    return _broadcast(lambda one, _: _like(one, _number(one).quantize(step, ROUND_HALF_UP)), values[0], None)


def _count(node: ast.expr, result: dict[str, Any]) -> int:
    """The items that have a value there."""
    keys = (path_of(node) or "").split(".")
    at = next((number for number, key in enumerate(keys) if key.endswith(EACH)), len(keys) - 1)
    outer = _at([*keys[:at], keys[at].removesuffix(EACH)], result)
    inner = keys[at + 1 :]
    found = 0
    for item in outer or ():
        try:
            found += not is_absent(_at(inner, item) if inner else item)
        except _Nothing:
            continue
    return found


def _like(one: Any, number: Decimal) -> Any:
    return Money(number, one.currency) if isinstance(one, Money) else number


def _length(number: Decimal, unit: str) -> Length:
    found = length_of(number, unit)
    if found is None:
        raise _Nothing(f"{number} {unit} is no whole length of days or months")
    return found


def _compare(node: ast.Compare, result: dict[str, Any]) -> Any:
    values = [_of(part, result) for part in sides(node)]
    pairs = zip(values, values[1:], node.ops, strict=False)
    held = [_broadcast(partial(_holds, type(op)), left, right) for left, right, op in pairs]
    if any(isinstance(one, list) for one in held):
        return [all(each) for each in zip(*(one for one in held if isinstance(one, list)), strict=True)]
    return all(held)


def _holds(op: type[ast.cmpop], left: Any, right: Any) -> bool:
    if isinstance(left, Money) or isinstance(right, Money):
        _currency((left, right))
    one, other = _number(left), _number(right)
    numbers = isinstance(one, Decimal) and isinstance(other, Decimal)
    equal = abs(one - other) <= TOLERANCE if numbers else one == other
    if op in (ast.Eq, ast.NotEq):
        return equal is (op is ast.Eq)
    if equal:
        return COMPARISONS[op].endswith("=")
    return bool(_COMPARED[op](one, other))
