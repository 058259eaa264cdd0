"""How a table becomes a file and comes back. A format is a module in `formats/` that exports `FORMAT: FileFormat`.

A format writes one file from one Arrow table; where files go and when they count is the ledger's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa

from qwen_batch.plugins import PluginKind
from qwen_batch.storage.places import Store


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A file format of tables.

    `write` puts a table into an open file. `read` brings the columns and fields of a schema back, equal to what was
    written and null where the file lacks one; without a schema all of them, with the types that the file has. `schema`
    is that of the latter. `count` is the number of rows by the file's own account.

    `duckdb_scan` reads files in DuckDB, with `{}` for the quoted pattern of their names, and `{columns}`, if it wants
    them, for the names and types of their columns. `keeps_types` says that a file knows the types of its columns.
    """

    name: str
    extension: str
    write: Callable[[pa.Table, BinaryIO], None]
    read: Callable[[BinaryIO, pa.Schema | None], pa.Table]
    schema: Callable[[BinaryIO], pa.Schema]
    count: Callable[[BinaryIO], int]
    duckdb_scan: str
    keeps_types: bool


FORMATS: PluginKind[FileFormat] = PluginKind("qwen_batch.output.formats", "FORMAT", "sink.format")


def read_table(store: Store, path: str, form: FileFormat, schema: pa.Schema | None = None) -> pa.Table:
    """The rows of a file. Raises FileNotFoundError."""
    with store.open(path) as opened:
        return form.read(opened, schema)


def read_schema(store: Store, path: str, form: FileFormat) -> pa.Schema:
    """The columns of a file, with the types that it has. Raises FileNotFoundError."""
    with store.open(path) as opened:
        return form.schema(opened)


def count_rows(store: Store, path: str, form: FileFormat) -> int:
    """How many rows a file holds, by its own account. Raises FileNotFoundError."""
    with store.open(path) as opened:
        return form.count(opened)
