"""Parquet, zstd compressed."""

from __future__ import annotations

from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from qwen_batch.output.format import Sink


def write_parquet(table: pa.Table, file: BinaryIO) -> None:
    """One Parquet file with the table's schema."""
    pq.write_table(table, file, compression="zstd")


def read_parquet(file: BinaryIO, schema: pa.Schema) -> pa.Table:
    """The columns of `schema`."""
    return pq.read_table(file, columns=schema.names).cast(schema)


SINK = Sink(name="parquet", extension="parquet", write=write_parquet, read=read_parquet)
