"""The views as SQL files in an output: `_views/<table>.sql` for DuckDB, and all of them in `_views/all.sql`.

They name absolute paths, find the files of runs that come after them, and count no run without its manifest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import BinaryIO

import pyarrow as pa

from qwen_batch.output.format import FORMATS
from qwen_batch.output.layout import (
    FAILURES,
    SKIPPED,
    SOURCES,
    PublishedFile,
    published_files,
    run_path,
    view_path,
)
from qwen_batch.output.tables.known import FIXED, schema_of, table_of_files
from qwen_batch.output.tables.type_text import duckdb_type
from qwen_batch.output.views.of_table import views_of
from qwen_batch.output.views.sql import named, no_rows, quoted
from qwen_batch.output.views.viewed import SOURCES_SCHEMA, ViewedTable
from qwen_batch.storage.parquet import read_parquet_schema
from qwen_batch.storage.places import Store

ALL = "all"
_FILE_NAME = "regexp_extract(r.source_uri, '[^/]+/*$')"
_RUN_COLUMNS = "{run_id: 'VARCHAR', published_at: 'TIMESTAMPTZ', finished: 'TIMESTAMPTZ'}"


def write_views(store: Store) -> None:
    """Writes the views of all tables anew."""
    files = list(published_files(store))
    names = sorted({file.table for file in files} | {FAILURES, SKIPPED})
    tables = {name: _viewed(store, name, files) for name in names}
    sources = _sources(store)
    statements: dict[str, str] = {}
    for name in tables:
        text = {view.name: view.statement() for view in views_of(name, tables, sources)}
        _put(store, view_path(name), _page(text))
        statements |= {key: value for key, value in text.items() if key not in statements}
    _put(store, view_path(ALL), _page(statements))


def _page(statements: Mapping[str, str]) -> str:
    return "\n".join([f"-- {', '.join(statements)}: .read this file in DuckDB", *statements.values()])


def _viewed(store: Store, name: str, files: Sequence[PublishedFile]) -> ViewedTable:
    mine = [file for file in files if file.table == name]
    if not mine:
        return ViewedTable(name, name, FIXED[name], no_rows(FIXED[name]))
    known = table_of_files(store, mine)
    schema = schema_of(known)
    return ViewedTable(name, known.staged_as, schema, _committed(store, mine, schema), known.job_fingerprint)


def _committed(store: Store, files: Sequence[PublishedFile], schema: pa.Schema) -> str:
    """All rows of committed runs, also of runs that come after the view was written, with the columns of `schema`.

    Rows of an earlier version get their document's name and the moment of their publication here.
    """
    scans = sorted({_scan(store, file, schema) for file in files})
    typed = "\n    UNION ALL BY NAME ".join([no_rows(schema), *(f"SELECT * FROM {scan}" for scan in scans)])
    runs = f"read_json({_place(store, run_path('*'))}, columns = {_RUN_COLUMNS})"
    return f"""SELECT r.* REPLACE (coalesce(r.document, {_FILE_NAME}) AS document,
    coalesce(r.published_at, m.published_at, m.finished) AS published_at)
  FROM (
    {typed}
  ) AS r JOIN {runs} AS m USING (run_id)"""


def _scan(store: Store, file: PublishedFile, schema: pa.Schema) -> str:
    form = FORMATS.load(file.format)
    columns = ", ".join(f"{named(field.name)}: {quoted(duckdb_type(field.type))}" for field in schema)
    return form.duckdb_scan.format(_place(store, file.alike(form.extension)), columns=f"{{{columns}}}")


def _sources(store: Store) -> str:
    """The query of the index, also of one that an earlier version wrote without `real_uri`."""
    try:
        with store.open(SOURCES) as file:
            there = set(read_parquet_schema(file).names)
    except FileNotFoundError:
        return no_rows(SOURCES_SCHEMA)
    columns = (
        name if name in there else f"NULL::{duckdb_type(kind)} AS {name}"
        for name, kind in zip(SOURCES_SCHEMA.names, SOURCES_SCHEMA.types, strict=True)
    )
    return f"SELECT {', '.join(columns)} FROM read_parquet({_place(store, SOURCES)})"


def _place(store: Store, path: str) -> str:
    """A path of the output, or a pattern; such signs in the output's own place stand for themselves."""
    root = store.uri("")
    return quoted(re.sub(r"[*?\[]", r"[\g<0>]", root) + store.uri(path).removeprefix(root))


def _put(store: Store, path: str, text: str) -> None:
    content = text.encode()
    if not store.exists(path) or store.read(path) != content:
        store.put(path, partial(_write, content))


def _write(content: bytes, file: BinaryIO) -> None:
    file.write(content)
