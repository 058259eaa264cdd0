"""Parquet from an open file, in the thread that asks and in no other. No other module reads Parquet.

pyarrow's own threads may hold a Python file object until the process ends, and then abort it ("terminate called without
an active exception", exit code 134). `pq.read_table` has such threads also with `use_threads=False`, for it scans a
dataset: seldom on a quiet machine, more often on a busy one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq


def read_parquet(file: BinaryIO, schema: pa.Schema | None = None, columns: Sequence[str] | None = None) -> pa.Table:
    """The columns of a schema, null where the file lacks one; or the named ones, or all, with the types of the file."""
    wanted = schema.names if schema is not None else columns
    names = None if wanted is None else list(wanted)
    rows = pq.ParquetFile(file, pre_buffer=False).read(columns=names, use_threads=False)
    if schema is not None:
        return _fitted(rows, schema)
    return rows if names is None else rows.select(names)


def read_parquet_schema(file: BinaryIO) -> pa.Schema:
    """The file's columns and their types, from its footer."""
    return _footer(file).schema.to_arrow_schema().remove_metadata()


def count_parquet(file: BinaryIO) -> int:
    """The number of rows that the file's footer says."""
    return int(_footer(file).num_rows)


def _footer(file: BinaryIO) -> pq.FileMetaData:
    return pq.ParquetFile(file, pre_buffer=False).metadata


def write_parquet(table: pa.Table, file: BinaryIO) -> None:
    """One file with the table's schema, zstd compressed."""
    pq.write_table(table, file, compression="zstd")


def _fitted(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    there = set(rows.column_names)
    columns = [
        rows[field.name].cast(field.type) if field.name in there else pa.nulls(len(rows), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)
