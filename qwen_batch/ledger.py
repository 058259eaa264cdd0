"""What is done, on disk: staged shards, publishing, resuming and the run manifest.

One process writes: the driver of a run. A row counts as done once its shard is renamed into
`.staging`; a run is published by renaming whole folders and writing `_runs/<run_id>.json` last.

    <output>/.lock                              held by the run in progress
    <output>/.staging/<table>/<shape>/*.parquet rows that are done but not published
    <output>/<table>/run=<run_id>/part-*.parquet  published rows, with _manifest.json
    <output>/<table>/part-<run_id>-*.parquet    the same in the flat layout, with _manifest-<run_id>.json
    <output>/_runs/<run_id>.json                the run manifest: a run without one does not count

Knows tables and keys, nothing of documents or jobs.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from qwen_batch.errors import OutputError
from qwen_batch.sinks import Sink

FAILURES = "failures"
_PUBLISHED = re.compile(r"run=(?P<folder>.+)|(?:part-|_manifest-)(?P<file>.+?)(?:-\d{5}\.\w+|\.json)")
KEY_SCHEMA = pa.schema([(name, pa.string()) for name in ("doc_id", "source_uri", "job", "job_fingerprint")])


class Key(NamedTuple):
    """Identity of a row: one document at one place, asked one job under one set of settings."""

    doc_id: str
    source_uri: str
    job: str
    job_fingerprint: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the output: `shape` tells apart staged rows that may not be mixed.

    `split` makes of the staged rows the published tables by name, for rows that hold others (a document its pages):
    staged together they are whole or not there. Without it the rows are published as they are.
    """

    name: str
    shape: str
    schema: pa.Schema
    split: Callable[[pa.Table], Mapping[str, pa.Table]] | None = None


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of a published table; `staged_as` is the table whose rows it was split from, or its own."""

    table: str
    staged_as: str
    run_id: str
    format: str
    path: Path


@dataclass(frozen=True, slots=True)
class DoneKeys:
    """Keys that need no work: `records` have a row, `failures` failed for good."""

    records: frozenset[Key]
    failures: frozenset[Key]


class Ledger:
    """The state of one output folder, held under its lock. `flat` puts files into a table's folder, without run=."""

    def __init__(self, output: Path, sink: Sink, rows_per_file: int, *, flat: bool = False) -> None:
        self.output = output
        self.sink = sink
        self.rows_per_file = rows_per_file
        self.flat = flat
        self._staging = output / ".staging"
        self._shards = 0

    def recover(self) -> None:
        """Undoes a publishing that did not reach its manifest, and drops staged rows that did."""
        committed = {manifest.stem: manifest for manifest in self.output.glob("_runs/*.json")}
        for entry in self.output.glob("*/*"):
            published = _PUBLISHED.fullmatch(entry.name)
            if published and (published["folder"] or published["file"]) not in committed:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        shutil.rmtree(self._publishing, ignore_errors=True)
        for shard in self._staging.rglob("*.tmp"):
            shard.unlink()
        for manifest in committed.values():
            for shard in json.loads(manifest.read_text("utf-8"))["staged_shards"]:
                (self._staging / shard).unlink(missing_ok=True)

    def done_keys(self) -> DoneKeys:
        """Keys of everything staged or published."""
        records: set[Key] = set()
        failures: set[Key] = set()
        for shard in self._staging.glob("*/*/*.parquet"):
            target = failures if shard.parent.parent.name == FAILURES else records
            target.update(_read_keys(shard, "parquet"))
        for file in published_files(self.output):
            if file.table == file.staged_as:
                target = failures if file.table == FAILURES else records
                target.update(_read_keys(file.path, file.format))
        return DoneKeys(frozenset(records), frozenset(failures))

    def stage(self, table: Table, rows: pa.Table, run_id: str) -> None:
        """Makes rows durable: temporary file, fsync, rename, fsync of the folder."""
        folder = self._staging / table.name / table.shape
        folder.mkdir(parents=True, exist_ok=True)
        self._shards += 1
        target = folder / f"{run_id}-{self._shards:06d}.parquet"
        with _durable(target) as file:
            pq.write_table(rows, file, compression="zstd")

    def publish(self, tables: list[Table], run_id: str, manifest: Mapping[str, Any]) -> dict[str, int]:
        """Publishes all staged rows of the tables as one run; returns rows by published table.

        The manifest is written last: before it the run does not count, after it the staged shards go.
        """
        staged = {table.name: self._staged(table) for table in tables}
        counts: dict[str, int] = {}
        for table in tables:
            tables_read = [pq.read_table(shard, schema=table.schema) for shard in staged[table.name]]
            rows = pa.concat_tables(tables_read) if tables_read else table.schema.empty_table()
            for name, part in (table.split(rows) if table.split else {table.name: rows}).items():
                counts[name] = self._compact(name, table.name, part, run_id)
        for name in counts:
            target = self.output / name
            target.mkdir(exist_ok=True)
            for entry in sorted((self._publishing / name).iterdir()):
                entry.rename(target / entry.name)
            _fsync_folder(target)
        shards = [str(file.relative_to(self._staging)) for files in staged.values() for file in files]
        self._write_manifest(run_id, {**manifest, "rows": counts, "staged_shards": shards})
        for files in staged.values():
            for file in files:
                file.unlink()
        shutil.rmtree(self._publishing, ignore_errors=True)
        return counts

    def staged_rows(self, table: Table) -> int:
        """Number of staged rows of a table."""
        return sum(pq.read_metadata(file).num_rows for file in self._staged(table))

    @property
    def _publishing(self) -> Path:
        return self._staging / ".publishing"

    def _staged(self, table: Table) -> list[Path]:
        return sorted((self._staging / table.name / table.shape).glob("*.parquet"))

    def _compact(self, name: str, staged_as: str, rows: pa.Table, run_id: str) -> int:
        """Writes rows as few files; an empty table becomes one empty file with its schema."""
        folder = self._publishing / name / ("" if self.flat else f"run={run_id}")
        folder.mkdir(parents=True)
        prefix, suffix = (f"part-{run_id}", f"-{run_id}") if self.flat else ("part", "")
        column = rows.schema.get_field_index("run_id")
        rows = rows.set_column(column, rows.schema.field(column), pa.array([run_id] * len(rows), pa.string()))
        rows = rows.sort_by([(key, "ascending") for key in ("source_uri", "job", "page") if key in rows.schema.names])
        files = []
        for number, start in enumerate(range(0, max(len(rows), 1), self.rows_per_file)):
            file_name = f"{prefix}-{number:05d}.{self.sink.extension}"
            with _durable(folder / file_name) as file:
                self.sink.write(rows.slice(start, self.rows_per_file), file)
            files.append({"name": file_name, "rows": min(self.rows_per_file, len(rows) - start)})
        content = {"run_id": run_id, "table": name, "staged_as": staged_as, "format": self.sink.name, "files": files}
        with _durable(folder / f"_manifest{suffix}.json") as file:
            file.write(json.dumps({**content, "rows": len(rows)}, indent=2).encode())
        return len(rows)

    def _write_manifest(self, run_id: str, content: Mapping[str, Any]) -> None:
        folder = self.output / "_runs"
        folder.mkdir(exist_ok=True)
        with _durable(folder / f"{run_id}.json") as file:
            file.write(json.dumps(content, indent=2, ensure_ascii=False, default=str).encode())


def published_files(output: Path) -> Iterator[PublishedFile]:
    """All published files of an output folder, of every run that reached its manifest."""
    for pattern in ("*/run=*/_manifest.json", "*/_manifest-*.json"):
        for manifest in output.glob(pattern):
            content = json.loads(manifest.read_text("utf-8"))
            if not (output / "_runs" / f"{content['run_id']}.json").is_file():
                continue
            for file in content["files"]:
                path = manifest.parent / file["name"]
                yield PublishedFile(content["table"], content["staged_as"], content["run_id"], content["format"], path)


def _read_keys(file: Path, sink_name: str) -> Iterator[Key]:
    from qwen_batch import sinks
    from qwen_batch.plugins import load_plugin

    sink: Sink = load_plugin(sinks.__name__, sink_name, "SINK")
    with file.open("rb") as opened:
        rows = sink.read(opened, KEY_SCHEMA)
    return (Key(*values) for values in zip(*(column.to_pylist() for column in rows.columns), strict=True))


@contextmanager
def locked(output: Path, run_id: str) -> Iterator[None]:
    """Holds the output's lock; the kernel frees it when the process dies, however it dies.

    Raises OutputError naming the holder if another run has it, or if the folder cannot be written.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        lock = (output / ".lock").open("a+")
    except OSError as error:
        remedy = "give --output a folder that you may write to"
        raise OutputError(f"{output}: cannot write there ({error.strerror})", remedy) from None
    with lock:
        _take(lock, output)
        lock.truncate(0)
        holder = {"run_id": run_id, "host": socket.gethostname(), "pid": os.getpid(), "since": time.time()}
        lock.write(json.dumps(holder))
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def _take(lock: IO[str], output: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        text = lock.read()
        holder = json.loads(text) if text else {}
        minutes = (time.time() - holder.get("since", time.time())) / 60
        raise OutputError(
            f"{output}: run {holder.get('run_id', 'unknown')} is writing here (process {holder.get('pid', '?')} "
            f"on {holder.get('host', '?')}, for {minutes:.0f} minutes)",
            "wait for it, or give another --output",
        ) from None


@contextmanager
def _durable(target: Path) -> Iterator[BinaryIO]:
    """Writes a file so that it is either whole and on disk under its name, or not there."""
    temporary = target.with_name(f"{target.name}.tmp")
    with temporary.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(target)
    _fsync_folder(target.parent)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
