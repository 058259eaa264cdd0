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
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, BinaryIO, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from qwen_batch.errors import OutputError
from qwen_batch.output.format import count_rows
from qwen_batch.output.keys import DoneKeys, Key, read_keys
from qwen_batch.output.layout import COMMIT, FAILURES, PUBLISHING, STAGING, Table, published_files
from qwen_batch.storage.places import Store


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
