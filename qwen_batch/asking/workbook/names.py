"""The names of a document's sheets, columns and values in the grammar of its prompt, where a job asks by slots.

One schema a document: xgrammar compiles it in milliseconds, and documents of one layout share it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from qwen_batch.job.schema import CALENDAR_DAY, decoding_schema
from qwen_batch.job.workbook.asked import AGGREGATE_KEY, MAX_CONDITIONS, aggregate_fields
from qwen_batch.job.workbook.kinds import Column
from qwen_batch.job.workbook.sheets import Sheet
from qwen_batch.job.workbook.slots import group_names
from qwen_batch.schema_walk import Schema, definitions_of, resolved, target_of

MAX_SHEETS = 20
NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$"
EQUAL, ORDERED = ["=", "!="], ["=", "!=", "<", "<=", ">", ">="]
OF_NUMBERS, OF_ALL = ["sum", "average", "min", "max"], ["count", "distinct"]


def schema_with_names(schema: Schema, sheets: Sequence[Sheet], keys: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """The decoding schema of a job for one document.

    `keys` has for lists of the job, by the name of a field of their items, the values that this may have.
    """
    named = copy.deepcopy(schema)
    definitions = definitions_of(named)
    if aggregate_fields(named):
        options = [option for sheet in sheets[:MAX_SHEETS] if sheet.data for option in _options(sheet)]
        for name, definition in definitions.items():
            if AGGREGATE_KEY in definition and options:
                definitions[name] = {"anyOf": options}
    for field, values in keys.items():
        items = named["properties"].get(field, {}).get("items", {})
        owner = definitions.get(target_of(items), resolved(items, definitions))
        for key, allowed in values.items():
            if allowed:
                owner["properties"][key] = {"enum": list(allowed)}
    return decoding_schema(named)


def _options(sheet: Sheet) -> list[Schema]:
    """Questions to one sheet: of numbers, and of how many cells or different values there are."""
    numbers = [column.name for column in sheet.columns if column.is_number]
    every = [column.name for column in sheet.columns]
    conditions = [_condition(column) for column in sheet.columns if column.kind != "text"]
    groups = [name for column in sheet.columns for name in group_names(column)]
    rest = {
        "where": {"type": "array", "maxItems": MAX_CONDITIONS, "items": {"anyOf": conditions}}
        if conditions
        else {"type": "array", "maxItems": 0, "items": {"type": "null"}},
        "group_by": {"anyOf": [*([{"enum": groups}] if groups else []), {"type": "null"}]},
    }
    kinds = [(OF_NUMBERS, numbers), (OF_ALL, every)]
    return [
        _object({"sheet": {"enum": [sheet.name]}, "function": {"enum": functions}, "column": {"enum": names}, **rest})
        for functions, names in kinds
        if names
    ]


def _condition(column: Column) -> Schema:
    signs, value = ORDERED, {"type": "string", "pattern": NUMBER}
    if column.kind == "day":
        value = {"type": "string", "pattern": CALENDAR_DAY}
    elif not column.is_number:
        signs, value = EQUAL, {"enum": list(column.distinct)}  # type: ignore[dict-item]
    return _object({"column": {"enum": [column.name]}, "sign": {"enum": signs}, "value": value})


def _object(properties: dict[str, Any]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
