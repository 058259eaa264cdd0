"""Parquet, zstd compressed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from qwen_batch.output.format import FileFormat


def write_parquet(table: pa.Table, file: BinaryIO) -> None:
    """One Parquet file with the table's schema."""
    pq.write_table(table, file, compression="zstd")


def read_parquet(file: BinaryIO, schema: pa.Schema | None) -> pa.Table:
    """The columns of `schema`, null where the file lacks one; without a schema those of the file."""
    return pq.read_table(file, schema=schema)


def read_parquet_rows(file: BinaryIO, columns: Sequence[str] | None) -> list[dict[str, Any]]:
    """Rows as JSON has them."""
    names = None if columns is None else list(columns)
    return [_plain(row) for row in pq.read_table(file, columns=names).to_pylist()]


def count_parquet(file: BinaryIO) -> int:
    """The number of rows that the file's footer says."""
    return int(pq.read_metadata(file).num_rows)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value  # a datetime is a date


FORMAT: FileFormat = FileFormat(
    name="parquet",
    extension="parquet",
    write=write_parquet,
    read=read_parquet,
    read_rows=read_parquet_rows,
    count=count_parquet,
    duckdb_scan="read_parquet({}, hive_partitioning = false, union_by_name = true)",
    keeps_types=True,
)
