"""The language of computed fields and checks: a few operations over fields, parsed with Python's own grammar.

`sum(lines[].amount)`, `start + months(term.months)`, `round(lines[].quantity * lines[].price, 2)`. `[]` means each item
of a list. Nothing is ever run as Python: the tree is walked, and what is no part of the language is a JobError.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from qwen_batch.errors import JobError
from qwen_batch.value_paths import EACH, is_field_path, key_path

MAX_EXPRESSION_CHARS = 500
LENGTHS = ("days", "weeks", "months", "years")
FUNCTIONS = ("sum", "count", "min", "max", "abs", "round", "length", *LENGTHS)
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_EACH_NODE = "[...]"
"""How Python's grammar can have what the language writes as `[]`."""
REMEDY = f"fields with {EACH} for each item of a list, numbers, + - * /, and {', '.join(FUNCTIONS)}"


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression: the words it was written in, its tree, and the paths of the fields that it reads."""

    text: str
    tree: ast.expr
    paths: tuple[str, ...]


def parsed(text: str, what: str) -> Expression:
    """The expression that a text says. Raises JobError that begins with `what` and names what is no part of it."""
    if not text.strip() or len(text) > MAX_EXPRESSION_CHARS:
        raise _refused(what, text, f"is empty or longer than {MAX_EXPRESSION_CHARS} characters")
    try:
        tree = ast.parse(text.strip().replace(EACH, _EACH_NODE), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _refused(what, text, "is no expression") from None
    tree = _with_calls(tree)
    paths = tuple(dict.fromkeys(_paths(tree, what, text)))
    if not paths:
        raise _refused(what, text, "reads no field")
    return Expression(text.strip(), tree, paths)


def path_of(node: ast.AST) -> str | None:
    """The path that a name with keys and `[]` says; None for what is none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = path_of(node.value)
        return None if inner is None else key_path(inner, node.attr)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value is ...:
        inner = path_of(node.value)
        return None if inner is None else inner + EACH
    return None


def written(node: ast.AST) -> str:
    """A part of an expression as a person writes it."""
    return ast.unparse(node).replace(_EACH_NODE, EACH)


def sides(tree: ast.expr) -> list[ast.expr]:
    """What a comparison compares; what is none is its own only side."""
    return [tree.left, *tree.comparators] if isinstance(tree, ast.Compare) else [tree]


def _with_calls(tree: ast.expr) -> ast.expr:
    """`lines[].amount | sum` as `sum(lines[].amount)`."""
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.BitOr) and isinstance(tree.right, ast.Name):
        return ast.Call(func=tree.right, args=[_with_calls(tree.left)], keywords=[])
    return tree


def _paths(node: ast.AST, what: str, text: str) -> Iterator[str]:
    """The paths below a node. Raises JobError for what the language does not have."""
    if isinstance(node, ast.Compare):
        parts: list[ast.expr] = sides(node)
        if not all(type(one) in COMPARISONS for one in node.ops):
            raise _refused(what, text, "compares in a way that is not known")
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        parts = [node.left, node.right]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        parts = [node.operand]
    elif isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords or not node.args:
            raise _refused(what, text, f"calls {ast.unparse(node.func)!r} in a way that is not known")
        parts = list(node.args)
    elif isinstance(node, ast.Constant) and _is_number_or_text(node.value):
        parts = []
    else:
        path = path_of(node)
        if path is None or not is_field_path(path):
            raise _refused(what, text, f"has {written(node)!r}, which is no part of one")
        yield path
        return
    for part in parts:
        yield from _paths(part, what, text)


def _is_number_or_text(value: object) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def _refused(what: str, text: str, why: str) -> JobError:
    return JobError(f"{what}: the expression {text!r} {why}", REMEDY)
