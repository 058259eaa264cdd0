"""JSON Lines, UTF-8: the same rows as the Parquet table, dates and times in ISO 8601."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, BinaryIO

import pyarrow as pa

from qwen_batch.output.format import Sink


def write_jsonl(table: pa.Table, file: BinaryIO) -> None:
    """One object a line, every column present, nulls as null."""
    for batch in table.to_batches(max_chunksize=1024):
        file.writelines(
            json.dumps(row, ensure_ascii=False, default=_to_json).encode() + b"\n" for row in batch.to_pylist()
        )


def read_jsonl(file: BinaryIO, schema: pa.Schema) -> pa.Table:
    """The columns of `schema`, which must be text, numbers or truth values."""
    rows = [json.loads(line) for line in file]
    return pa.Table.from_pylist([{name: row[name] for name in schema.names} for row in rows], schema=schema)


def _to_json(value: Any) -> str:
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


SINK = Sink(name="jsonl", extension="jsonl", write=write_jsonl, read=read_jsonl)
