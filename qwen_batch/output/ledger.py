"""What is done: staged shards, resuming, and publishing as one step, in a local folder or on S3.

One process writes: the driver of a run, under the output's lock. A row counts as done once its shard is staged. A
publication is prepared aside and decided by one file, `_commit.json`: before it nothing has happened, after
it a crash only means that the next run completes it.

    <output>/.staging/<table>/<shape>/*.parquet        rows that are done but not published
    <output>/.staging/.publishing/<run_id>/            a publication on its way
    <output>/<table>/run=<run_id>/part-*.parquet       published rows, with _manifest.json
    <output>/<table>/part-<run_id>-*.parquet           the same in the flat layout, with _manifest-<run_id>.json
    <output>/_runs/<run_id>.json                       the run manifest, written last: a run without one does not count

Knows tables and keys, nothing of documents or jobs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, NamedTuple, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from qwen_batch import sinks
from qwen_batch.errors import OutputError
from qwen_batch.plugins import load_plugin
from qwen_batch.sinks import Sink
from qwen_batch.store import Store

FAILURES = "failures"
STAGING = ".staging"
PUBLISHING = f"{STAGING}/.publishing"
COMMIT = "_commit.json"
KEY_SCHEMA = pa.schema([(name, pa.string()) for name in ("doc_id", "source_uri", "job", "job_fingerprint")])


class Key(NamedTuple):
    """Identity of a row: one document at one place, asked one job under one set of settings.

    A failure's fingerprint ends with "-" and the limits of reading under which it failed.
    """

    doc_id: str
    source_uri: str
    job: str
    job_fingerprint: str

    def failed_under(self, limits: str) -> Key:
        """The key of this question's failure."""
        return self._replace(job_fingerprint=f"{self.job_fingerprint}-{limits}")

    def asked(self) -> Key:
        """The key of the question itself, whether it was answered or failed."""
        return self._replace(job_fingerprint=self.job_fingerprint.partition("-")[0])


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

    def published(self, rows: pa.Table) -> Mapping[str, pa.Table]:
        """Staged rows as those of the published tables."""
        return self.split(rows) if self.split else {self.name: rows}


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of a published table; `staged_as` is the table whose rows it was split from, or its own.

    `path` is relative to the output.
    """

    table: str
    staged_as: str
    run_id: str
    format: str
    path: str


@dataclass(frozen=True, slots=True)
class DoneKeys:
    """Keys that need no work: `records` have a row, `failures` failed for good."""

    records: frozenset[Key]
    failures: frozenset[Key]


class Fence(Protocol):
    """Says whether the output is still ours to write."""

    def check(self) -> None:
        """Raises OutputError if it is not."""


class Ledger:
    """The state of one output, which `fence` holds for us."""

    def __init__(self, store: Store, fence: Fence) -> None:
        self.store = store
        self._fence = fence
        self._shards = 0

    def recover(self) -> list[str]:
        """Completes the publications that were decided, drops those that were not; gives the completed runs' ids."""
        publishing = {entry.path.split("/")[2] for entry in self.store.files(PUBLISHING)}
        decided = [run_id for run_id in sorted(publishing) if self.store.exists(f"{PUBLISHING}/{run_id}/{COMMIT}")]
        for run_id in decided:
            self.complete(run_id)
        self.store.delete(PUBLISHING)
        for entry in self.store.files(STAGING):
            if entry.path.endswith(".tmp"):
                self.store.delete(entry.path)
        return decided

    def done_keys(self) -> DoneKeys:
        """Keys of everything staged or published."""
        records: set[Key] = set()
        failures: set[Key] = set()
        for table, path in self._all_staged():
            (failures if table == FAILURES else records).update(read_keys(self.store, path, "parquet"))
        for file in published_files(self.store):
            if file.table == file.staged_as:
                target = failures if file.table == FAILURES else records
                target.update(read_keys(self.store, file.path, file.format))
        return DoneKeys(frozenset(records), frozenset(failures))

    def stage(self, table: Table, rows: pa.Table, run_id: str) -> None:
        """Makes rows durable; after it they are done, whatever happens."""
        self._fence.check()
        self._shards += 1
        path = f"{STAGING}/{table.name}/{table.shape}/{run_id}-{self._shards:06d}.parquet"
        self.store.put(path, partial(_write_shard, rows))

    def withdraw(self, table: Table, questions: frozenset[Key]) -> None:
        """Takes the staged rows of these questions back: they are asked again."""
        for path in self.staged(table):
            keep = [key.asked() not in questions for key in read_keys(self.store, path, "parquet")]
            if not any(keep):
                self.store.delete(path)
            elif not all(keep):
                with self.store.open(path) as opened:
                    rows = pq.read_table(opened, schema=table.schema)
                self.store.put(path, partial(_write_shard, rows.filter(pa.array(keep))))

    def staged(self, table: Table) -> list[str]:
        """The staged shards of a table, oldest run first."""
        entries = self.store.files(f"{STAGING}/{table.name}/{table.shape}")
        return [entry.path for entry in entries if entry.path.endswith(".parquet")]

    def staged_rows(self, table: Table) -> int:
        """Number of staged rows of a table."""
        return sum(count_rows(self.store, path, "parquet") for path in self.staged(table))

    def commit(self, run_id: str, publication: Mapping[str, Any]) -> None:
        """Decides a publication that has been prepared below PUBLISHING, and completes it.

        `publication` has `moves` (pairs of paths), `shards` (what it makes superfluous) and `manifest`.
        """
        self._fence.check()
        self.store.put(f"{PUBLISHING}/{run_id}/{COMMIT}", partial(write_json, publication))
        self.complete(run_id)

    def complete(self, run_id: str) -> None:
        """Carries out a decided publication; each step may have been done before a crash."""
        publication = json.loads(self.store.read(f"{PUBLISHING}/{run_id}/{COMMIT}"))
        for source, target in publication["moves"]:
            self.store.move(source, target)
        self.store.put(f"_runs/{run_id}.json", partial(write_json, publication["manifest"]))
        for shard in publication["shards"]:
            self.store.delete(shard)
        self.store.delete(f"{PUBLISHING}/{run_id}")

    def _all_staged(self) -> Iterator[tuple[str, str]]:
        for entry in self.store.files(STAGING):
            table = entry.path.split("/")[1]
            if table != ".publishing" and entry.path.endswith(".parquet"):
                yield table, entry.path


def published_files(store: Store) -> Iterator[PublishedFile]:
    """All published files of an output, of every run that reached its manifest."""
    entries = [entry.path for entry in store.files() if not entry.path.startswith(".")]
    committed = {path.removeprefix("_runs/").removesuffix(".json") for path in entries if path.startswith("_runs/")}
    for path in entries:
        folder, _, name = path.rpartition("/")
        if not (name.startswith("_manifest") and name.endswith(".json")):
            continue
        content = json.loads(store.read(path))
        if content.get("run_id") not in committed:
            continue
        for file in content["files"]:
            yield PublishedFile(
                content["table"], content["staged_as"], content["run_id"], content["format"], f"{folder}/{file['name']}"
            )


def read_keys(store: Store, path: str, sink_name: str) -> Iterator[Key]:
    """The keys of a file's rows."""
    with store.open(path) as opened:
        rows = sink_of(sink_name).read(opened, KEY_SCHEMA)
    return (Key(*values) for values in zip(*(column.to_pylist() for column in rows.columns), strict=True))


def count_rows(store: Store, path: str, sink_name: str) -> int:
    """How many rows a file holds, by its own account."""
    with store.open(path) as opened:
        if sink_name == "parquet":
            return int(pq.read_metadata(opened).num_rows)
        return sum(1 for _ in opened)


def sink_of(name: str) -> Sink:
    """The sink of that name."""
    sink: Sink = load_plugin(sinks.__name__, name, "SINK")
    return sink


def write_json(content: Mapping[str, Any], file: BinaryIO) -> None:
    """JSON for people: indented, UTF-8."""
    file.write(json.dumps(content, indent=2, ensure_ascii=False, default=str).encode())


def must_add_up(holds: bool, place: str, what: str) -> None:
    """Raises OutputError if a count is not what it must be; nothing has been published then."""
    if not holds:
        raise OutputError(
            f"{place}: {what}; nothing was published", "keep the folder as it is and report this as a bug"
        )


def _write_shard(rows: pa.Table, file: BinaryIO) -> None:
    pq.write_table(rows, file, compression="zstd")
