"""What is done: staged shards, resuming, and publishing as one step, in a local folder or on S3.

One process writes: the driver of a run, under the output's lock. A row counts as done once its shard is staged. A
publication is prepared aside and decided by one file, `_commit.json`: before it nothing has happened, after
it a crash only means that the next run completes it.

Knows tables and keys, nothing of documents or jobs.
"""

from __future__ import annotations

from functools import partial
from typing import Protocol

import pyarrow as pa

from qwen_batch.errors import OutputError
from qwen_batch.output.catalog import CATALOGS
from qwen_batch.output.format import FORMATS, count_rows, read_table
from qwen_batch.output.keys import DoneKeys, Key, read_keys
from qwen_batch.output.layout import (
    FAILURES,
    SHARD_FORMAT,
    SKIPPED,
    Table,
    all_shards,
    commit_path,
    corrected_shards,
    publication_folder,
    published_files,
    shard_path,
    shards_of,
    unfinished_publications,
    unfinished_writes,
    with_former_tables,
)
from qwen_batch.output.manifest import Publication
from qwen_batch.output.tables.known import put_known
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
        self._staged = 0
        self._shards = FORMATS.load(SHARD_FORMAT)

    def recover(self) -> list[str]:
        """Completes the publications that were decided, drops those that were not; gives the completed runs' ids."""
        decided = [found.run_id for found in unfinished_publications(self.store) if found.decided]
        for run_id in decided:
            self.complete(run_id)
        self.store.delete(publication_folder())
        for path in unfinished_writes(self.store):
            self.store.delete(path)
        for path in corrected_shards(self.store):
            self.store.delete(path)
        return decided

    def done_keys(self) -> DoneKeys:
        """Keys of everything staged or published."""
        records: set[Key] = set()
        others: dict[str, set[Key]] = {FAILURES: set(), SKIPPED: set()}
        for shard in all_shards(self.store):
            others.get(shard.table, records).update(read_keys(self.store, shard.path, self._shards))
        for file in published_files(self.store):
            if file.table == file.staged_as:
                target = others.get(file.table, records)
                target.update(read_keys(self.store, file.path, FORMATS.load(file.format)))
        return DoneKeys(frozenset(records), frozenset(others[FAILURES]), frozenset(others[SKIPPED]))

    def stage(self, table: Table, rows: pa.Table, run_id: str) -> None:
        """Makes rows durable; after it they are done, whatever happens."""
        self._fence.check()
        self._staged += 1
        self._write(shard_path(table, run_id, self._staged), rows)

    def withdraw(self, table: Table, questions: frozenset[Key]) -> None:
        """Takes the staged rows of these questions back: they are asked again."""
        for path in self.staged(table):
            keep = [key.asked() not in questions for key in self.staged_keys(path)]
            if not any(keep):
                self.store.delete(path)
            elif not all(keep):
                self._write(path, self.read_staged(table, path).filter(pa.array(keep)))

    def staged(self, table: Table) -> list[str]:
        """The staged shards of a table, oldest run first."""
        return shards_of(self.store, table)

    def staged_keys(self, path: str) -> list[Key]:
        """The keys of a shard."""
        return list(read_keys(self.store, path, self._shards))

    def read_staged(self, table: Table, path: str) -> pa.Table:
        """The rows of a shard."""
        return read_table(self.store, path, self._shards, table.schema)

    def staged_rows(self, table: Table) -> int:
        """Number of staged rows of a table."""
        return sum(count_rows(self.store, path, self._shards) for path in self.staged(table))

    def commit(self, publication: Publication) -> None:
        """Decides a publication that has been prepared below its folder, and completes it."""
        self._fence.check()
        self.store.put(commit_path(publication.run_id), publication.write)
        self.complete(publication.run_id)

    def complete(self, run_id: str) -> None:
        """Carries out a decided publication; each step may have been done before a crash."""
        path = commit_path(run_id)
        publication = Publication.from_json(self.store.read(path), self.store.uri(path))
        catalog = CATALOGS.load(publication.catalog)
        for move in publication.moves:
            self.store.move(move.source, move.target)
        if not publication.manifest.tables:  # an earlier version decided it
            manifest = with_former_tables(self.store, publication.manifest)
            publication = publication.model_copy(update={"manifest": manifest})
        for known in publication.known:
            put_known(self.store, known)
        catalog.publish(self.store, publication)
        for shard in publication.shards:
            self.store.delete(shard)
        self.store.delete(publication_folder(run_id))

    def _write(self, path: str, rows: pa.Table) -> None:
        self.store.put(path, partial(self._shards.write, rows))


def must_add_up(holds: bool, place: str, what: str) -> None:
    """Raises OutputError if a count is not what it must be; nothing has been published then."""
    if not holds:
        raise OutputError(
            f"{place}: {what}; nothing was published", "keep the folder as it is and report this as a bug"
        )
