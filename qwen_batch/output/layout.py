"""Every path of an output, and which files of it count. No other module knows one; the lock's is storage's own.

    <output>/.staging/<table>/<shape>/*.parquet        rows that are done but not published
    <output>/.staging/.publishing/<run_id>/            a publication on its way; decided by its _commit.json
    <output>/<table>/run=<run_id>/part-*.parquet       published rows, with _manifest.json
    <output>/<table>/part-<run_id>-*.parquet           the same in the flat layout, with _manifest-<run_id>.json
    <output>/<table>/_latest.sql, _latest.json         a view of one row a source, and the settings that it prefers
    <output>/_runs/<run_id>.json                       the run manifest: a run without one does not count
    <output>/_log/<run_id>.json                        every run's record of itself, whether it counts or not
    <output>/_sources.parquet                          every file that was ever seen
    <output>/markdown/<name>.md                        documents as Markdown, if asked for

What is no data in a table's folder begins with "_": pandas, pyarrow, DuckDB and Spark leave such files out when they
open the folder whole, and polars if it is told of that beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from qwen_batch.output.manifest import Move, RunManifest, TableManifest
from qwen_batch.storage.local import TEMPORARY_SUFFIX
from qwen_batch.storage.places import Store, open_store

FAILURES = "failures"
SOURCES = "_sources.parquet"
SHARD_FORMAT = "parquet"
"""Rows are staged in the project's own format, whatever they are published in."""
MOVED_LAST = "_manifest"
"""How files begin that are moved after their neighbours: a reader that waits for them sees a folder when it is whole.
"""
_STAGING = ".staging"
_PUBLISHING = f"{_STAGING}/.publishing"
_COMMIT = "_commit.json"
_RUNS = "_runs"
_LOG = "_log"
_MARKDOWN = "markdown"


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
class TablePart:
    """Where a run's files of one table lie: in a folder of their own, or `flat` in the table's folder."""

    table: str
    run_id: str
    flat: bool = False

    @property
    def folder(self) -> str:
        """The folder where readers look."""
        return self.table if self.flat else f"{self.table}/run={self.run_id}"

    @property
    def prepared(self) -> str:
        """The folder where the files wait until they are moved."""
        return f"{_PUBLISHING}/{self.run_id}/{self.folder}"

    @property
    def manifest(self) -> str:
        """The name of the manifest in the folder."""
        return f"_manifest-{self.run_id}.json" if self.flat else "_manifest.json"

    def file(self, number: int, extension: str) -> str:
        """The name of a file of rows in the folder."""
        return f"{self._prefix}{number:05d}.{extension}"

    def pattern(self, extension: str) -> str:
        """What matches the run's files of rows, and no others."""
        return f"{self.folder}/{f'{self._prefix}*' if self.flat else '*'}.{extension}"

    def moves(self, names: Iterable[str]) -> tuple[Move, ...]:
        """What shows these files: one move of their folder, or file by file with the manifest last."""
        if not self.flat:
            return (Move(self.prepared, self.folder),)
        return tuple(Move(f"{self.prepared}/{name}", f"{self.folder}/{name}") for name in (*names, self.manifest))

    @property
    def _prefix(self) -> str:
        return f"part-{self.run_id}-" if self.flat else "part-"


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

    def alike(self, extension: str) -> str:
        """What matches the files of its table that lie as this one does, of every run."""
        flat = self.path.rpartition("/")[0] == self.table
        return f"{self.table}/{'' if flat else 'run=*/'}part-*.{extension}"


@dataclass(frozen=True, slots=True)
class Shard:
    """A staged file of a table's rows."""

    table: str
    path: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A publication not finished; if `decided`, the next run completes it, else the next run drops it."""

    run_id: str
    decided: bool


def open_output(place: str) -> Store:
    """The output at a local path or an s3://bucket/prefix; nothing is made yet."""
    return open_store(place)


def is_output(store: Store) -> bool:
    """Whether a run has left anything here."""
    return any(store.exists(path) for path in (SOURCES, _LOG, _RUNS, _STAGING))


def shard_path(table: Table, run_id: str, number: int) -> str:
    """Where a shard of a run is staged."""
    return f"{_shards(table)}/{run_id}-{number:06d}.{SHARD_FORMAT}"


def shards_of(store: Store, table: Table) -> list[str]:
    """The staged shards of a table, oldest run first."""
    return [entry.path for entry in store.files(_shards(table)) if entry.path.endswith(f".{SHARD_FORMAT}")]


def all_shards(store: Store) -> Iterator[Shard]:
    """The staged shards of every table and shape."""
    for entry in store.files(_STAGING):
        if entry.path.endswith(f".{SHARD_FORMAT}") and not entry.path.startswith(f"{_PUBLISHING}/"):
            yield Shard(entry.path.split("/")[1], entry.path)


def unfinished_writes(store: Store) -> list[str]:
    """Staged files whose writing was cut off."""
    return [entry.path for entry in store.files(_STAGING) if entry.path.endswith(TEMPORARY_SUFFIX)]


def publication_folder(run_id: str = "") -> str:
    """Where a run's publication is prepared; without a run where all are."""
    return f"{_PUBLISHING}/{run_id}" if run_id else _PUBLISHING


def commit_path(run_id: str) -> str:
    """The file that decides a publication."""
    return f"{publication_folder(run_id)}/{_COMMIT}"


def unfinished_publications(store: Store) -> tuple[Unfinished, ...]:
    """Publications on their way, or left there by a crash."""
    paths = {entry.path for entry in store.files(_PUBLISHING)}
    run_ids = sorted({path.removeprefix(f"{_PUBLISHING}/").split("/")[0] for path in paths})
    return tuple(Unfinished(run_id, commit_path(run_id) in paths) for run_id in run_ids)


def run_path(run_id: str) -> str:
    """The file that makes a run count; with "*" what matches those of all runs."""
    return f"{_RUNS}/{run_id}.json"


def log_path(run_id: str) -> str:
    """A run's record of itself."""
    return f"{_LOG}/{run_id}.json"


def log_paths(store: Store) -> list[str]:
    """The records of all runs, oldest first."""
    return [entry.path for entry in store.files(_LOG) if entry.path.endswith(".json")]


def run_manifests(store: Store) -> tuple[RunManifest, ...]:
    """What every published run says of itself, oldest first. Raises OutputError for a file that is none."""
    paths = [entry.path for entry in store.files(_RUNS)]
    return tuple(RunManifest.from_json(store.read(path), store.uri(path)) for path in paths)


def published_files(store: Store) -> Iterator[PublishedFile]:
    """All published files of an output, of every run that reached its manifest."""
    paths = [entry.path for entry in store.files() if not entry.path.startswith(".")]
    committed = {path for path in paths if path.startswith(f"{_RUNS}/")}
    for file in _listed_files(store, paths):
        if run_path(file.run_id) in committed:
            yield file


def files_of_run(store: Store, run_id: str) -> Iterator[PublishedFile]:
    """A run's files where readers look, whether the run counts already or not."""
    paths = [entry.path for entry in store.files() if not entry.path.startswith(".")]
    return (file for file in _listed_files(store, paths) if file.run_id == run_id)


def _listed_files(store: Store, paths: Iterable[str]) -> Iterator[PublishedFile]:
    for path in paths:
        folder, _, name = path.rpartition("/")
        if not (folder and name.startswith(MOVED_LAST) and name.endswith(".json")):
            continue
        found = TableManifest.from_json(store.read(path), store.uri(path))
        for file in found.files:
            yield PublishedFile(found.table, found.staged_as, found.run_id, found.format, f"{folder}/{file.name}")


def view_path(table: str) -> str:
    """The DuckDB view of a table's newest rows."""
    return f"{table}/_latest.sql"


def former_view_path(table: str) -> str:
    """Where the view stood once: readers that open the folder whole take it for a file of rows."""
    return f"{table}/latest.sql"


def preferred_path(table: str) -> str:
    """Beside the view: which settings are the present ones."""
    return f"{table}/_latest.json"


def markdown_path(name: str) -> str:
    """A document's text as a file."""
    return f"{_MARKDOWN}/{name}.md"


def markdown_folder() -> str:
    """Where such files lie."""
    return _MARKDOWN


def _shards(table: Table) -> str:
    return f"{_STAGING}/{table.name}/{table.shape}"
