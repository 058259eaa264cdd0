"""What is done, on disk: staged shards, publishing, resuming and the run manifest.

One process writes: the driver of a run. A row counts as done once its shard is renamed into
`.staging`; a run is published by renaming whole folders and writing `_runs/<run_id>.json` last.

    <output>/.lock                              held by the run in progress
    <output>/.staging/<table>/<shape>/*.parquet rows that are done but not published
    <output>/<job>/run=<run_id>/part-*.parquet  published rows, with _manifest.json
    <output>/failures/run=<run_id>/part-*       published failures
    <output>/_runs/<run_id>.json                the run manifest: a run without one does not count

Knows tables and keys, nothing of documents or jobs.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from qwen_batch.errors import OutputError
from qwen_batch.sinks import Sink

FAILURES = "failures"
KEY_SCHEMA = pa.schema([(name, pa.string()) for name in ("doc_id", "source_uri", "job", "job_fingerprint")])


class Key(NamedTuple):
    """Identity of a row: one document at one place, asked one job under one set of settings."""

    doc_id: str
    source_uri: str
    job: str
    job_fingerprint: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the output: `shape` tells apart staged rows that may not be mixed."""

    name: str
    shape: str
    schema: pa.Schema


@dataclass(frozen=True, slots=True)
class DoneKeys:
    """Keys that need no work: `records` have a row, `failures` failed for good."""

    records: frozenset[Key]
    failures: frozenset[Key]


class Ledger:
    """The state of one output folder, held under its lock."""

    def __init__(self, output: Path, sink: Sink, rows_per_file: int) -> None:
        self.output = output
        self.sink = sink
        self.rows_per_file = rows_per_file
        self._staging = output / ".staging"
        self._shards = 0

    def recover(self) -> None:
        """Undoes a publishing that did not reach its manifest, and drops staged rows that did."""
        committed = {manifest.stem: manifest for manifest in self.output.glob("_runs/*.json")}
        for folder in self.output.glob("*/run=*"):
            if folder.name.removeprefix("run=") not in committed:
                shutil.rmtree(folder)
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
        for table, file, sink in self._files():
            target = failures if table == FAILURES else records
            target.update(_read_keys(file, sink))
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
        """Publishes all staged rows of the tables as one run; returns rows by table.

        The manifest is written last: before it the run does not count, after it the staged shards go.
        """
        staged = {table.name: self._staged(table) for table in tables}
        counts: dict[str, int] = {}
        for table in tables:
            counts[table.name] = self._compact(table, staged[table.name], run_id)
        for table in tables:
            target = self.output / table.name / f"run={run_id}"
            target.parent.mkdir(exist_ok=True)
            (self._publishing / table.name).rename(target)
            _fsync_folder(target.parent)
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

    def _compact(self, table: Table, shards: list[Path], run_id: str) -> int:
        """Writes the staged rows as few files; an empty table becomes one empty file with its schema."""
        folder = self._publishing / table.name
        folder.mkdir(parents=True)
        tables = [pq.read_table(shard, schema=table.schema) for shard in shards]
        rows = pa.concat_tables(tables) if tables else table.schema.empty_table()
        column = rows.schema.get_field_index("run_id")
        rows = rows.set_column(column, rows.schema.field(column), pa.array([run_id] * len(rows), pa.string()))
        rows = rows.sort_by([("source_uri", "ascending"), ("job", "ascending")])
        files = []
        for number, start in enumerate(range(0, max(len(rows), 1), self.rows_per_file)):
            name = f"part-{number:05d}.{self.sink.extension}"
            with _durable(folder / name) as file:
                self.sink.write(rows.slice(start, self.rows_per_file), file)
            files.append({"name": name, "rows": min(self.rows_per_file, len(rows) - start)})
        content = {"run_id": run_id, "table": table.name, "format": self.sink.name, "files": files, "rows": len(rows)}
        with _durable(folder / "_manifest.json") as file:
            file.write(json.dumps(content, indent=2).encode())
        return len(rows)

    def _write_manifest(self, run_id: str, content: Mapping[str, Any]) -> None:
        folder = self.output / "_runs"
        folder.mkdir(exist_ok=True)
        with _durable(folder / f"{run_id}.json") as file:
            file.write(json.dumps(content, indent=2, ensure_ascii=False, default=str).encode())

    def _files(self) -> Iterator[tuple[str, Path, str]]:
        for file in self._staging.glob("*/*/*.parquet"):
            yield file.parent.parent.name, file, "parquet"
        for manifest in self.output.glob("*/run=*/_manifest.json"):
            content = json.loads(manifest.read_text("utf-8"))
            for file in content["files"]:
                yield manifest.parent.parent.name, manifest.parent / file["name"], content["format"]


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
