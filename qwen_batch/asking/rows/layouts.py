"""Which column of a table is which field of a list: by names, and by one small question for what they leave open.

The question shows names and kinds of columns and no row, so that tables of one layout ask the same once in a run.
What is told is held against the rows: a column whose cells do not read as the field is not it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qwen_batch.asking.prompts import question_messages
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.rows.marks import RowsField, Schema, Target
from qwen_batch.job.rows.names import settled_columns
from qwen_batch.job.rows.tables import Table
from qwen_batch.job.rows.values import column_for, share_read
from qwen_batch.records import Chunk, Prompt

LAYOUT_VERSION = 1  # part of the fingerprint of every job with rows: raise it when words or rules here change
SAMPLE_ROWS = 50
MIN_READ_SHARE = 0.6
"""Share of a column's cells that must read as the field."""
MIN_READ_SHARE_ASKED = 0.8
"""The same for a column that is worth a question."""
MAX_TABLES_ASKED = 2
"""Tables of different layouts that are asked about, the largest first, where names settle none."""
MIN_ROWS_ASKED = 2
OTHER = "other"
COLUMNS, FIELDS = "columns", "fields"
DAY, NUMBER = "days", "numbers"
TOKENS_A_FIELD = 28
QUESTION = (
    "The text above is the head of a table, with what stands in each column below its name. "
    "Say of each column which of these it holds:\n{keys}\n{other}: none of these"
)
NEEDED = "\nThen say in which column each of these is: {needed}"


@dataclass(frozen=True, slots=True)
class Layout:
    """What is known of one table for a list: by the field's number its column, and what is open.

    `certain` if the columns of all fields are known without which there is no item.
    """

    table: int
    columns: Mapping[int, int]
    open: tuple[int, ...] = ()
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Asking:
    """Whose question it is, how its tokens are counted, and the models that the job's schema refers to."""

    doc_id: str
    job: str
    tokenizer: Tokenizer
    definitions: Mapping[str, Schema]


def table_layouts(tables: Sequence[Table], field: RowsField, definitions: Mapping[str, Schema]) -> tuple[Layout, ...]:
    """The tables that hold a list's items: those that names settle, else a few that may, to be asked about."""
    found = [
        layout
        for number, table in enumerate(tables)
        if (layout := _layout(number, table, field, dict(definitions))) is not None
    ]
    certain = tuple(one for one in found if one.certain)
    if certain:
        return certain
    largest = sorted(found, key=lambda one: -len(tables[one.table].rows))[:MAX_TABLES_ASKED]
    return tuple(sorted(largest, key=lambda one: one.table))


def layout_prompt(layout: Layout, table: Table, field: RowsField, asking: Asking) -> Prompt:
    """The question for the fields that names leave open."""
    names = column_names(table.head)
    free = [at for at in range(len(names)) if at not in layout.columns.values()]
    shown = "\n".join(
        (_row([names[at] for at in free]), _row(["---"] * len(free)), _row([_kind(table, at) for at in free]))
    )
    targets = [field.targets[at] for at in layout.open]
    options = {
        one.name: [names[at] for at in free if _is_option(table, at, one, asking.definitions)] for one in targets
    }
    needed = [one.name for one in targets if one.required]
    keys = "\n".join(f"{one.name}: {one.description or one.phrases[0]}" for one in targets)
    question = QUESTION.format(keys=keys, other=OTHER) + (NEEDED.format(needed=", ".join(needed)) if needed else "")
    messages = question_messages(Chunk(shown, 0, len(shown)), question)
    held = {names[at]: {"enum": [*(key for key, some in options.items() if names[at] in some), OTHER]} for at in free}
    parts = {COLUMNS: _object(held)}
    if needed:
        parts[FIELDS] = _object({key: {"enum": options[key]} for key in needed})
    schema = _object(parts)
    return Prompt(
        doc_id=asking.doc_id,
        job=asking.job,
        chunk=Chunk(shown, 0, len(shown)),
        messages=messages,
        token_ids=asking.tokenizer.render(messages),
        json_schema=json.dumps(schema, ensure_ascii=False),
        temperature=0.0,
        top_p=1.0,
        max_tokens=TOKENS_A_FIELD * (len(free) + len(needed) + 1),
    )


def with_told(
    layout: Layout, told: Mapping[str, Any], table: Table, field: RowsField, definitions: Mapping[str, Schema]
) -> Layout:
    """The layout with the columns that an answer names, as far as their cells read as the field, each but once."""
    names = column_names(table.head)
    columns = dict(layout.columns)
    numbers = {field.targets[at].name: at for at in layout.open}
    for key, name in _pairs(told):
        at, column = numbers.get(key), names.index(name) if name in names else None
        if at is None or column is None or at in columns or column in columns.values():
            continue
        if _reads(table, column, field, at, dict(definitions)) >= MIN_READ_SHARE:
            columns[at] = column
    return Layout(layout.table, columns, (), _has_all(columns, field))


def _pairs(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A field and its column for each thing that an answer says; what it says of columns counts more.

    A 0.5B model named the column "Ref." for a name right after it had said that "Ware" holds it.
    """
    fields, columns = told.get(FIELDS), told.get(COLUMNS)
    pairs = [(key, name) for name, key in columns.items()] if isinstance(columns, dict) else []
    return pairs + (list(fields.items()) if isinstance(fields, dict) else [])


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def column_names(head: Sequence[str]) -> list[str]:
    """The names of columns, each different and none empty."""
    names: list[str] = []
    for number, name in enumerate(head, 1):
        plain = " ".join(name.split()) or f"column {number}"
        names.append(plain if plain not in names else f"{plain} (column {number})")
    return names


def _layout(number: int, table: Table, field: RowsField, definitions: dict[str, Schema]) -> Layout | None:
    columns = {
        at: column
        for at, column in settled_columns(table.head, field.targets).items()
        if not table.column(column) or _reads(table, column, field, at, definitions) >= MIN_READ_SHARE
    }
    free = [at for at in range(len(table.head)) if at not in columns.values() and table.column(at)]
    open_fields = tuple(
        at
        for at in range(len(field.targets))
        if at not in columns and any(_is_option(table, column, field.targets[at], definitions) for column in free)
    )
    if _has_all(columns, field):
        return Layout(number, columns, open_fields)
    lacking = {at for at, target in enumerate(field.targets) if target.required and at not in columns}
    enough = len(open_fields) + len(columns) >= min(2, len(field.targets))
    if lacking <= set(open_fields) and enough and len(table.rows) >= MIN_ROWS_ASKED:
        return Layout(number, columns, open_fields, certain=False)
    return None


def _has_all(columns: Mapping[int, int], field: RowsField) -> bool:
    """Whether there are columns for an item: all that it needs, and two at least where it has so many fields."""
    needed = {at for at, target in enumerate(field.targets) if target.required}
    return needed <= set(columns) and len(columns) >= min(2, len(field.targets))


def _reads(table: Table, column: int, field: RowsField, at: int, definitions: dict[str, Schema]) -> float:
    cells = table.column(column)
    read_as = column_for(field.targets[at], table.head[column], cells, definitions)
    return share_read(read_as, cells[:SAMPLE_ROWS])


def _is_option(table: Table, column: int, target: Target, definitions: Mapping[str, Schema]) -> bool:
    """Whether a column may be a field: its cells read as it, and are no numbers or days where a text is wanted."""
    cells = table.column(column)
    if target.body.get("type") == "string" and "format" not in target.body and _kind(table, column) in (DAY, NUMBER):
        return False
    read_as = column_for(target, table.head[column], cells, dict(definitions))
    return share_read(read_as, cells[:SAMPLE_ROWS]) >= MIN_READ_SHARE_ASKED


def _kind(table: Table, column: int) -> str:
    """What most cells of a column are, in a few words; the same for all tables of a layout, as far as can be."""
    cells = table.column(column)[:SAMPLE_ROWS]
    for kind, body in ((DAY, {"type": "string", "format": "date"}), (NUMBER, {"type": "number"})):
        target = Target("", (), "", body, required=False)
        if cells and share_read(column_for(target, "", cells, {}), cells) >= MIN_READ_SHARE_ASKED:
            return kind
    if cells and all(any(map(str.isdigit, cell)) and " " not in cell for cell in cells):
        return "codes"
    return "a few words again and again" if len(set(cells)) * 3 <= len(cells) else "words"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
