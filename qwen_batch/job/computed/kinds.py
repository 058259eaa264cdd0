"""What kind of value an expression gives by the job's schema: numbers, money, days; checked when the job is defined.

Knows JSON schema and expressions, nothing of answers.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from qwen_batch.errors import JobError
from qwen_batch.job.computed.expression import FUNCTIONS, LENGTHS, Expression, path_of, sides, written
from qwen_batch.job.computed.values import Kind
from qwen_batch.job.rules import DERIVED_KEY
from qwen_batch.schema_walk import definitions_of, resolved
from qwen_batch.value_paths import EACH

ADDABLE: frozenset[Kind] = frozenset({"number", "money"})
ORDERED: frozenset[Kind] = frozenset({"number", "money", "day"})
QUOTE = "quote"
_ARGUMENTS = {"round": (1, 2), "length": (2, 2)}
_MANY = ("min", "max")


@dataclass(frozen=True, slots=True)
class Typed:
    """The kind of an expression's value; `each` if it is one value for each item of a list."""

    kind: Kind
    each: bool = False


class _Wrong(Exception):  # noqa: N818  never leaves this module
    """What does not fit."""


def expression_kind(expression: Expression, schema: dict[str, Any], what: str) -> Typed:
    """The kind of an expression's value. Raises JobError that names a field that is not there or does not fit."""
    try:
        return _Typing(schema).of(expression.tree)
    except _Wrong as wrong:
        remedy = f"the job's fields are {', '.join(schema['properties'])}; {EACH} stands behind a list"
        raise JobError(f"{what}: the expression {expression.text!r} does not fit the schema: {wrong}", remedy) from None


def fact_key(properties: dict[str, Any]) -> str | None:
    """The one property beside its quote that a fact is about, such as a day's `date`; None if there are several."""
    keys = [key for key, field in properties.items() if key != QUOTE and DERIVED_KEY not in field]
    return keys[0] if QUOTE in properties and len(keys) == 1 else None


def is_money(properties: dict[str, Any]) -> bool:
    """Whether an object is a sum of money: a value with its currency."""
    return {"value", "currency"} <= set(properties) <= {"value", "currency", QUOTE}


def field_kind(schema: dict[str, Any], definitions: dict[str, Any]) -> Kind:
    """The kind of a field's value; a fact with one value beside its quote is that value."""
    body = resolved(schema, definitions)
    match body.get("type"):
        case "integer" | "number":
            return "number"
        case "boolean":
            return "flag"
        case "string":
            return "day" if body.get("format") == "date" else "text"
        case "array":
            return "list"
        case "object":
            properties = body.get("properties", {})
            if is_money(properties):
                return "money"
            key = fact_key(properties)
            return field_kind(properties[key], definitions) if key else "object"
    return "text"


class _Typing:
    """Walks an expression's tree."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._schema = schema
        self._definitions = definitions_of(schema)

    def of(self, node: ast.AST) -> Typed:
        if isinstance(node, ast.Constant):
            return Typed("text" if isinstance(node.value, str) else "number")
        if isinstance(node, ast.Compare):
            return self._compare(node)
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        if isinstance(node, ast.UnaryOp):
            return self._one_of(node.operand, ADDABLE, "-")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._call(node.func.id, node.args)
        return self._path(path_of(node) or "")

    def _one_of(self, node: ast.AST, kinds: frozenset[Kind], what: str) -> Typed:
        found = self.of(node)
        if found.kind not in kinds:
            raise _Wrong(f"{what} does not take {written(node)}, which is a {found.kind}")
        return found

    def _path(self, path: str) -> Typed:
        schema, each, at = self._schema, False, ""
        for part in path.split("."):
            key = part.removesuffix(EACH)
            properties = resolved(schema, self._definitions).get("properties", {})
            if key not in properties:
                raise _Wrong(f"there is no field {at + key}")
            schema = properties[key]
            body = resolved(schema, self._definitions)
            is_list = body.get("type") == "array"
            at += part + "."
            if part.endswith(EACH):
                if not is_list:
                    raise _Wrong(f"{at[:-1].removesuffix(EACH)} is no list")
                if each:
                    raise _Wrong(f"{path} goes through lists in lists")
                schema, each = body["items"], True
            elif is_list and path != at[:-1]:
                raise _Wrong(f"{at[:-1]} is a list: write {key}{EACH}")
        return Typed(field_kind(schema, self._definitions), each)

    def _operation(self, node: ast.BinOp) -> Typed:
        left, right = self.of(node.left), self.of(node.right)
        each = left.each or right.each
        kinds = (left.kind, right.kind)
        if isinstance(node.op, ast.Add | ast.Sub) and left.kind == "day":
            if right.kind == "length":
                return Typed("day", each)
            if right.kind == "day" and isinstance(node.op, ast.Sub):
                return Typed("number", each)
        elif set(kinds) <= ADDABLE:
            if isinstance(node.op, ast.Div) and kinds == ("money", "money"):
                return Typed("number", each)
            if not (isinstance(node.op, ast.Mult) and kinds == ("money", "money")):
                return Typed("money" if "money" in kinds else "number", each)
        raise _Wrong(f"{written(node)} puts a {left.kind} and a {right.kind} together")

    def _compare(self, node: ast.Compare) -> Typed:
        compared = [self.of(one) for one in sides(node)]
        kinds = {"number" if side.kind == "money" else side.kind for side in compared}
        if len(kinds) > 1 or kinds & {"list", "object", "length"}:
            raise _Wrong(f"it compares a {compared[0].kind} with a {compared[-1].kind}")
        return Typed("flag", any(side.each for side in compared))

    def _call(self, name: str, arguments: list[ast.expr]) -> Typed:
        least, most = _ARGUMENTS.get(name, (1, 1))
        if not least <= len(arguments) <= (len(FUNCTIONS) if name in _MANY else most):
            raise _Wrong(f"{name} takes {most} value{'s' * (most > 1)}")
        if name == "count":
            counted = self.of(arguments[0])
            if not counted.each and counted.kind != "list":
                raise _Wrong("count takes a list")
            return Typed("number")
        if name == "length":
            number, unit = self._one_of(arguments[0], frozenset({"number"}), name), self.of(arguments[1])
            if unit.kind != "text":
                raise _Wrong("length takes a number and its unit")
            return Typed("length", number.each or unit.each)
        if name in LENGTHS:
            return Typed("length", self._one_of(arguments[0], frozenset({"number"}), name).each)
        if name in ("abs", "round"):
            return self._one_of(arguments[0], ADDABLE, name)
        found = [self._one_of(one, ADDABLE if name == "sum" else ORDERED, name) for one in arguments]
        if len({"number" if one.kind == "money" else one.kind for one in found}) > 1:
            raise _Wrong(f"{name} takes values of one kind")
        if len(found) == 1 and not found[0].each:
            raise _Wrong(f"{name} takes a list: write {EACH} behind it")
        return Typed(found[0].kind, len(found) > 1 and any(one.each for one in found))
