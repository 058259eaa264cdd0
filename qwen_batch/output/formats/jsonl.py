"""JSON Lines, UTF-8: the same rows as the Parquet table, dates and times in ISO 8601."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

import pyarrow as pa

from qwen_batch.output.format import FileFormat


def write_jsonl(table: pa.Table, file: BinaryIO) -> None:
    """One object a line, every column present, nulls as null."""
    for batch in table.to_batches(max_chunksize=1024):
        file.writelines(
            json.dumps(row, ensure_ascii=False, default=_to_json).encode() + b"\n" for row in batch.to_pylist()
        )


def read_jsonl(file: BinaryIO, schema: pa.Schema | None) -> pa.Table:
    """The columns of `schema`, null where a row lacks one; without a schema all, with the types that they look like."""
    if schema is None:
        return pa.Table.from_pylist(read_jsonl_rows(file, None))
    rows = [
        {field.name: _from_json(row[field.name], field.type) for field in schema}
        for row in read_jsonl_rows(file, schema.names)
    ]
    return pa.Table.from_pylist(rows, schema=schema)


def read_jsonl_rows(file: BinaryIO, columns: Sequence[str] | None) -> list[dict[str, Any]]:
    """Rows as they stand there."""
    rows = [json.loads(line) for line in file]
    return rows if columns is None else [{name: row.get(name) for name in columns} for row in rows]


def guess_schema(file: BinaryIO) -> pa.Schema:
    """The columns with the types that they look like: days and times are text, what is null everywhere has no type."""
    return read_jsonl(file, None).schema


def count_jsonl(file: BinaryIO) -> int:
    """The number of lines."""
    return sum(1 for _ in file)


def _to_json(value: Any) -> str:
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _from_json(value: Any, arrow_type: pa.DataType) -> Any:
    """A value of a line as Arrow takes it: days and times are text there."""
    if value is None:
        return None
    if pa.types.is_struct(arrow_type):
        return {field.name: _from_json(value.get(field.name), field.type) for field in arrow_type}
    if pa.types.is_list(arrow_type):
        return [_from_json(item, arrow_type.value_type) for item in value]
    if pa.types.is_date(arrow_type):
        return date.fromisoformat(value)
    if pa.types.is_timestamp(arrow_type):
        return datetime.fromisoformat(value)
    if pa.types.is_integer(arrow_type):
        return int(value)  # written when the field had fractions
    return value


FORMAT: FileFormat = FileFormat(
    name="jsonl",
    extension="jsonl",
    write=write_jsonl,
    read=read_jsonl,
    schema=guess_schema,
    count=count_jsonl,
    duckdb_scan="read_json({}, columns = {columns}, format = 'newline_delimited')",
    keeps_types=False,
)
