"""A job's answers as plain columns: one a fact, with its quote, page and confidence beside it.

The columns follow from the type of `result` alone, so that they hold for every job, and for rows of its older versions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa

from qwen_batch.outcomes import RECORD_CONFIDENCE
from qwen_batch.output.views.sql import View, named, quoted
from qwen_batch.value_paths import key_path

QUOTE = "quote"
PRINCIPALS = ("value", "date", "name")
"""What a fact is known by where it says several things; one that has none of them is known by the first that it says.
"""
BEFORE = ("document", "source_uri", "doc_id", "source_state")
INCOMPLETE = "incomplete"
AFTER = ("run_id", "published_at")
_RECORD = f"{RECORD_CONFIDENCE}__confidence"


class _Column(NamedTuple):
    name: str
    value: str


def flat_view(job: str, schema: pa.Schema) -> View:
    """`<job>_flat`, over the rows of `<job>_latest`."""
    columns = [f"{value} AS {named(name)}" for name, value in _without_collisions(schema)]
    said = [INCOMPLETE] if INCOMPLETE in schema.names else []
    lines = ",\n  ".join([*BEFORE, *columns, *said, f"confidence.{named(RECORD_CONFIDENCE)} AS {_RECORD}", *AFTER])
    return View(f"{job}_flat", f"SELECT {lines}\nFROM {named(f'{job}_latest')}")


def _without_collisions(schema: pa.Schema) -> Iterator[_Column]:
    """The columns of all fields; a name that is taken gets `result_` before it. DuckDB does not tell A from a."""
    fields = list(schema.field("result").type)
    taken = {name.lower() for name in (*BEFORE, *AFTER, _RECORD, INCOMPLETE)}
    scored = {field.name for field in schema.field("confidence").type}
    first = {field.name: _free(field.name, taken) for field in fields}
    for field in fields:
        for column in _columns(field.name, field.name, f"result.{named(field.name)}", field.type):
            own = first[field.name] if column.name == field.name else _free(column.name, taken)
            yield _Column(own, column.value)
        if field.name in scored:
            yield _Column(_free(f"{field.name}__confidence", taken), f"confidence.{named(field.name)}")


def _free(name: str, taken: set[str]) -> str:
    while name.lower() in taken:
        name = f"result_{name}"
    taken.add(name.lower())
    return name


def _columns(name: str, path: str, value: str, arrow_type: pa.DataType) -> Iterator[_Column]:
    """The columns of the value at a path of the result, which `value` reads."""
    if pa.types.is_list(arrow_type):
        yield _Column(name, _plain(value, arrow_type))
        if _is_quoted(arrow_type.value_type):
            yield _Column(f"{name}__quote", f"[item.{QUOTE} FOR item IN {value}]")
            yield _Column(f"{name}__page", f"[{_first_page(_item(path))} FOR number IN range(len({value}))]")
        return
    if not pa.types.is_struct(arrow_type):
        yield _Column(name, value)
        return
    principal = _principal(arrow_type) if _is_quoted(arrow_type) else None
    if principal:
        yield _Column(name, _plain(f"{value}.{named(principal)}", arrow_type.field(principal).type))
    if _is_quoted(arrow_type):
        yield _Column(f"{name}__quote", f"{value}.{QUOTE}")
        yield _Column(f"{name}__page", _first_page(f"e.field = {quoted(path)} OR {_begins(path + '.')}"))
    for leaf in _leaves(arrow_type):
        if leaf.name != principal:
            own, below = f"{name}_{leaf.name}", key_path(path, leaf.name)
            yield from _columns(own, below, f"{value}.{named(leaf.name)}", leaf.type)


def _first_page(condition: str) -> str:
    return f"[e.page FOR e IN evidence IF ({condition}) AND coalesce(e.standing, 'value') = 'value'][1]"


def _begins(text: str) -> str:
    return f"starts_with(e.field, {quoted(text)})"


def _item(path: str) -> str:
    return f"starts_with(e.field, {quoted(path + '[')} || number || ']')"


def _is_quoted(arrow_type: pa.DataType) -> bool:
    return pa.types.is_struct(arrow_type) and any(field.name == QUOTE for field in arrow_type)


def _leaves(arrow_type: pa.DataType) -> list[pa.Field]:
    """What a fact says, without the words that say it."""
    return [field for field in arrow_type if field.name != QUOTE] if _is_quoted(arrow_type) else list(arrow_type)


def _principal(arrow_type: pa.DataType) -> str | None:
    """The leaf that a fact is known by; None where all of its leaves are made of others."""
    names = [leaf.name for leaf in _leaves(arrow_type) if not pa.types.is_struct(leaf.type)]
    return next((name for name in PRINCIPALS if name in names), names[0] if names else None)


def _plain(value: str, arrow_type: pa.DataType, depth: int = 0) -> str:
    """A value without the quotes in it: of a fact that says one thing this thing, of others a struct."""
    if not _has_quotes(arrow_type):
        return value
    item = f"item_{depth}"
    if pa.types.is_list(arrow_type):
        return f"[{_plain(item, arrow_type.value_type, depth + 1)} FOR {item} IN {value}]"
    leaves = _leaves(arrow_type)
    parts = {leaf.name: _plain(f"{value}.{named(leaf.name)}", leaf.type, depth) for leaf in leaves}
    if len(parts) == 1 and _is_quoted(arrow_type):
        return next(iter(parts.values()))
    packed = ", ".join(f"{quoted(name)}: {part}" for name, part in parts.items())
    return f"CASE WHEN {value} IS NOT NULL THEN {{{packed}}} END" if parts else value


def _has_quotes(arrow_type: pa.DataType) -> bool:
    if pa.types.is_list(arrow_type):
        return _has_quotes(arrow_type.value_type)
    return _is_quoted(arrow_type) or (
        pa.types.is_struct(arrow_type) and any(_has_quotes(field.type) for field in arrow_type)
    )
