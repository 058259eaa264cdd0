"""Parquet, zstd compressed."""

from __future__ import annotations

from typing import BinaryIO

import pyarrow as pa

from qwen_batch.output.format import FileFormat
from qwen_batch.output.tables.columns import with_columns
from qwen_batch.storage.parquet import count_parquet, read_parquet, read_parquet_schema, write_parquet


def read_parquet_columns(file: BinaryIO, schema: pa.Schema | None) -> pa.Table:
    """The columns of `schema`, with the fields that it has; without a schema all."""
    if schema is None:
        return read_parquet(file)
    there = set(read_parquet_schema(file).names)
    file.seek(0)
    return with_columns(read_parquet(file, columns=[name for name in schema.names if name in there]), schema)


FORMAT: FileFormat = FileFormat(
    name="parquet",
    extension="parquet",
    write=write_parquet,
    read=read_parquet_columns,
    schema=read_parquet_schema,
    count=count_parquet,
    duckdb_scan="read_parquet({}, hive_partitioning = false, union_by_name = true)",
    keeps_types=True,
)
