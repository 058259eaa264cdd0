"""Parquet, zstd compressed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, BinaryIO

import pyarrow.parquet as pq

from qwen_batch.output.format import FileFormat
from qwen_batch.storage.parquet import read_parquet, write_parquet


def read_parquet_rows(file: BinaryIO, columns: Sequence[str] | None) -> list[dict[str, Any]]:
    """Rows as JSON has them."""
    return [_plain(row) for row in read_parquet(file, columns=columns).to_pylist()]


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
