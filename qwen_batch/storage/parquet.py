"""Parquet from an open file, without threads that outlive the reading. No other module reads Parquet.

pyarrow's reading threads hold a Python file object until the process ends, and then abort it ("terminate called without
an active exception", exit code 134). Without threads and without reading ahead none is held.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq


def read_parquet(file: BinaryIO, schema: pa.Schema | None = None, columns: Sequence[str] | None = None) -> pa.Table:
    """The columns of a schema, null where the file lacks one; or the named ones, or all, with the types of the file."""
    names = None if columns is None else list(columns)
    return pq.read_table(file, schema=schema, columns=names, use_threads=False, pre_buffer=False)


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
