"""From staged shards to a publication: few files of a sensible size, counted and checked, made visible in one step.

Reads shard after shard, so that memory holds one file's rows and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from qwen_batch.output.format import Sink, count_rows
from qwen_batch.output.keys import Key, read_keys
from qwen_batch.output.layout import PUBLISHING, Table
from qwen_batch.output.ledger import Ledger, must_add_up, write_json
from qwen_batch.storage.places import Store

MAX_FILE_BYTES = 256 << 20
"""Rows that take more memory than this go into the next file, however few they are."""
SORTED_BY = ("source_uri", "job", "page")


@dataclass(frozen=True, slots=True)
class Layout:
    """How published files are cut and named: `flat` puts them into the table's folder, without run=."""

    sink: Sink
    rows_per_file: int
    flat: bool = False


@dataclass(slots=True)
class _Files:
    """The files of one published table, as they are written; `rows` are those written and those waiting."""

    table: str
    staged_as: str
    schema: pa.Schema
    waiting: list[pa.Table] = field(default_factory=list)
    waiting_rows: int = 0
    waiting_bytes: int = 0
    written: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(entry["rows"] for entry in self.written)


def publish(
    ledger: Ledger, tables: list[Table], run_id: str, manifest: Mapping[str, Any], layout: Layout
) -> dict[str, int]:
    """Publishes all staged rows of the tables as one run; gives rows by published table.

    Raises OutputError, with nothing published, if a key stands in two rows or a file does not hold what it should.
    """
    shards = {table.name: ledger.staged(table) for table in tables}
    keys = _checked_keys(ledger.store, shards)
    writer = _Writer(ledger.store, run_id, layout)
    for table in tables:
        writer.compact(table, shards[table.name])
    counts = {files.table: files.rows for files in writer.tables}
    for table in tables:
        if table.name in counts:
            must_add_up(
                counts[table.name] == keys[table.name],
                ledger.store.root,
                f"{keys[table.name]} rows of {table.name} are staged, {counts[table.name]} would be published",
            )
    publication = {
        "moves": [move for files in writer.tables for move in writer.moves(files)],
        "shards": [shard for paths in shards.values() for shard in paths],
        "manifest": {**manifest, "rows": counts},
    }
    ledger.commit(run_id, publication)
    return counts


def _checked_keys(store: Store, shards: Mapping[str, list[str]]) -> dict[str, int]:
    """Number of keys by staged table. A key may stand once, and in failures only if it has no row."""
    seen: set[Key] = set()
    counts: dict[str, int] = {}
    for name, paths in shards.items():
        counts[name] = 0
        for path in paths:
            for key in read_keys(store, path, "parquet"):
                asked = key.asked()
                must_add_up(
                    asked not in seen, store.root, f"{key.job} of {key.source_uri} is staged twice, again in {path}"
                )
                seen.add(asked)
                counts[name] += 1
    return counts


class _Writer:
    """Writes a publication's files into its folder, aside of the published ones."""

    def __init__(self, store: Store, run_id: str, layout: Layout) -> None:
        self._store = store
        self._run_id = run_id
        self._layout = layout
        self._folder = f"{PUBLISHING}/{run_id}"
        self.tables: list[_Files] = []

    def compact(self, table: Table, shards: list[str]) -> None:
        """A table's shards as few files; a table without rows becomes one empty file with its schema."""
        empty = table.published(table.schema.empty_table())
        series = {name: _Files(name, table.name, part.schema) for name, part in empty.items()}
        for shard in shards:
            for name, part in table.published(self._read(shard, table.schema)).items():
                self._add(series[name], part)
        for files in series.values():
            if files.waiting_rows or not files.written:
                self._write(files, files.waiting_rows)
            self._write_manifest(files)
        self.tables += series.values()

    def moves(self, files: _Files) -> list[tuple[str, str]]:
        """What must be moved to show a table: its folder of the run, or file by file with the manifest last."""
        if not self._layout.flat:
            folder = f"{files.table}/run={self._run_id}"
            return [(f"{self._folder}/{folder}", folder)]
        names = [*(entry["name"] for entry in files.written), self._manifest_name()]
        return [(f"{self._folder}/{files.table}/{name}", f"{files.table}/{name}") for name in names]

    def _read(self, shard: str, schema: pa.Schema) -> pa.Table:
        with self._store.open(shard) as opened:
            return pq.read_table(opened, schema=schema)

    def _add(self, files: _Files, rows: pa.Table) -> None:
        files.waiting.append(rows)
        files.waiting_rows += len(rows)
        files.waiting_bytes += rows.nbytes
        while files.waiting_rows >= self._layout.rows_per_file:
            self._write(files, self._layout.rows_per_file)
        if files.waiting_bytes >= MAX_FILE_BYTES:
            self._write(files, files.waiting_rows)

    def _write(self, files: _Files, count: int) -> None:
        """The first `count` of the waiting rows as one file."""
        rows = pa.concat_tables(files.waiting) if files.waiting else files.schema.empty_table()
        rest = rows.slice(count)
        files.waiting, files.waiting_rows, files.waiting_bytes = [rest], len(rest), rest.nbytes
        rows = rows.slice(0, count)
        column = rows.schema.get_field_index("run_id")
        rows = rows.set_column(column, rows.schema.field(column), pa.array([self._run_id] * len(rows), pa.string()))
        rows = rows.sort_by([(key, "ascending") for key in SORTED_BY if key in rows.schema.names])
        sink = self._layout.sink
        prefix = f"part-{self._run_id}" if self._layout.flat else "part"
        name = f"{prefix}-{len(files.written):05d}.{sink.extension}"
        path = f"{self._folder_of(files)}/{name}"
        self._store.put(path, partial(_write_rows, sink, rows))
        found = count_rows(self._store, path, sink.name)
        must_add_up(found == len(rows), self._store.root, f"{path} holds {found} rows, not {len(rows)}")
        files.written.append({"name": name, "rows": len(rows)})

    def _write_manifest(self, files: _Files) -> None:
        content = {
            "run_id": self._run_id,
            "table": files.table,
            "staged_as": files.staged_as,
            "format": self._layout.sink.name,
            "files": files.written,
            "rows": files.rows,
        }
        self._store.put(f"{self._folder_of(files)}/{self._manifest_name()}", partial(write_json, content))

    def _manifest_name(self) -> str:
        return f"_manifest-{self._run_id}.json" if self._layout.flat else "_manifest.json"

    def _folder_of(self, files: _Files) -> str:
        return f"{self._folder}/{files.table}" + ("" if self._layout.flat else f"/run={self._run_id}")


def _write_rows(sink: Sink, rows: pa.Table, file: BinaryIO) -> None:
    sink.write(rows, file)
