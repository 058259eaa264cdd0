"""Every path of an output, and which files of it count. No other module knows one; the lock's is storage's own.

    <output>/.staging/<table>/<shape>/*.parquet        rows that are done but not published
    <output>/.staging/.publishing/<run_id>/            a publication on its way; decided by its _commit.json
    <output>/<table>/run=<run_id>/part-*.parquet       published rows, and nothing else
    <output>/_runs/<run_id>.json                       the run and its files: a run without it does not count
    <output>/_log/<run_id>.json                        every run's record of itself, whether it counts or not
    <output>/_plan.json                                what `qwen-batch plan` foretold last
    <output>/_tables/<table>.json                      the table over all runs: format, columns, present settings
    <output>/_views/<table>.sql                        DuckDB's views of the table
    <output>/_sources.parquet                          every file that was ever seen
    <output>/_corrections/<run_id>.json                what people decided, applied by this run
    <output>/markdown/<name>.md                        documents as Markdown, if asked for
    <output>/_report/                                  pages for people, made anew by `qwen-batch report`

Earlier versions had more in a table's folder: files of JSON and SQL, and of rows outside of a run's folder. These rows
stay where they are; `tables.former` takes the others away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import pyarrow as pa

from qwen_batch.output.manifest import FormerManifest, Move, RunFile, RunManifest, RunTable
from qwen_batch.storage.local import TEMPORARY_SUFFIX
from qwen_batch.storage.outputs import OutputNames
from qwen_batch.storage.places import Store, open_store

FAILURES = "failures"
SKIPPED = "skipped"
SOURCES = "_sources.parquet"
SHARD_FORMAT = "parquet"
"""Rows are staged in the project's own format, whatever they are published in."""
_STAGING = ".staging"
_PUBLISHING = f"{_STAGING}/.publishing"
_COMMIT = "_commit.json"
_RUNS = "_runs"
_TABLES = "_tables"
_VIEWS = "_views"
_FORMER_MANIFEST = "_manifest"
_LOG = "_log"
_PLAN = "_plan.json"
_MARKDOWN = "markdown"
_REPORT = "_report"
_CORRECTIONS = "_corrections"
CORRECTED = "corrected"
"""The shape of staged rows that `apply` makes; another `apply` makes them anew, so that they count for nothing."""
_RUN_ID = r"\d{8}T\d{6}Z-[0-9a-f]{6}"
_RECORDS = rf"{re.escape(SOURCES)}|(?:{_RUNS}|{_LOG})/{_RUN_ID}\.json"
OUTPUT_NAMES = OutputNames(
    mark=re.compile(
        rf"{_RECORDS}|{re.escape(_PUBLISHING)}/{_RUN_ID}/.+"
        rf"|{re.escape(_STAGING)}/[^/]+/[^/]+/{_RUN_ID}-\d{{6}}\.{SHARD_FORMAT}"
    ),
    own=re.compile(
        rf"""
        (?: {_RECORDS} | {_CORRECTIONS}/{_RUN_ID}\.json | {re.escape(_PLAN)} | _tables/[^/]+\.json | _views/[^/]+\.sql )
        (?:\.tmp)?
        | {re.escape(_STAGING)}/.+
        | [^/]+/run={_RUN_ID}/.+ | [^/]+/part-{_RUN_ID}-\d+\.\w+
        | [^/]+/_(?:manifest|latest)[^/]*\.(?:json|sql) | [^/]+/latest\.sql
        | {_MARKDOWN}/[^/]+\.[0-9a-f]{{8}}\.md | {_REPORT}(?:\.new|\.old)?/.+
        """,
        re.VERBOSE,
    ),
    places=(SOURCES, _RUNS, _LOG, _STAGING),
)
"""How an output is known among documents, and what in it is none: names of this version and of those before."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the output: `shape` tells apart staged rows that may not be mixed.

    `split` makes of the staged rows the published tables by name, for rows that hold others (a document its pages):
    staged together they are whole or not there. Without it the rows are published as they are. `optional` is a table
    that a run without rows for it does not publish.
    """

    name: str
    shape: str
    schema: pa.Schema
    split: Callable[[pa.Table], Mapping[str, pa.Table]] | None = None
    optional: bool = False

    def published(self, rows: pa.Table) -> Mapping[str, pa.Table]:
        """Staged rows as those of the published tables."""
        return self.split(rows) if self.split else {self.name: rows}


@dataclass(frozen=True, slots=True)
class TablePart:
    """Where a run's files of one table lie."""

    table: str
    run_id: str

    @property
    def folder(self) -> str:
        """The folder where readers look."""
        return f"{self.table}/run={self.run_id}"

    @property
    def prepared(self) -> str:
        """The folder where the files wait until they are moved."""
        return f"{_PUBLISHING}/{self.run_id}/{self.folder}"

    @property
    def move(self) -> Move:
        """What shows the files."""
        return Move(self.prepared, self.folder)

    def file(self, number: int, extension: str) -> str:
        """The name of a file of rows in the folder."""
        return f"part-{number:05d}.{extension}"

    def pattern(self, extension: str) -> str:
        """What matches the run's files of rows."""
        return f"{self.folder}/*.{extension}"


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
        """What matches the files of its table that lie as this one does, of every run.

        In an output of an earlier version some lie in the table's folder itself.
        """
        flat = self.path.rpartition("/")[0] == self.table
        return f"{self.table}/{'' if flat else 'run=*/'}part-*.{extension}"


@dataclass(frozen=True, slots=True)
class FoundManifest:
    """A file that an earlier version wrote beside rows, and what it says."""

    path: str
    content: FormerManifest


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


def corrections_path(run_id: str) -> str:
    """What people decided, as a run applied it."""
    return f"{_CORRECTIONS}/{run_id}.json"


def corrections_paths(store: Store) -> list[str]:
    """All such files, oldest run first."""
    return [entry.path for entry in store.files(_CORRECTIONS) if entry.path.endswith(".json")]


def corrections_move(run_id: str) -> Move:
    """What shows such a file."""
    return Move(f"{publication_folder(run_id)}/{corrections_path(run_id)}", corrections_path(run_id))


def corrected_shards(store: Store) -> list[str]:
    """The staged rows that an `apply` has left."""
    return [shard.path for shard in all_shards(store) if shard.path.split("/")[2] == CORRECTED]


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


def plan_path() -> str:
    """What the last plan foretold."""
    return _PLAN


def log_paths(store: Store) -> list[str]:
    """The records of all runs, oldest first."""
    return [entry.path for entry in store.files(_LOG) if entry.path.endswith(".json")]


def run_manifests(store: Store) -> tuple[RunManifest, ...]:
    """What every published run says of itself, oldest first. Raises OutputError for a file that is none."""
    paths = [entry.path for entry in store.files(_RUNS)]
    runs = [RunManifest.from_json(store.read(path), store.uri(path)) for path in paths]
    return tuple(sorted(runs, key=lambda run: run.published_at or run.finished))


def published_files(store: Store) -> Iterator[PublishedFile]:
    """All published files of an output, of every run that reached its manifest, oldest first."""
    return files_of_runs(runs_with_tables(store))


def files_of_runs(runs: Iterable[RunManifest]) -> Iterator[PublishedFile]:
    """The files that manifests name."""
    for run in runs:
        for name, table in run.tables.items():
            for file in table.files:
                yield PublishedFile(name, table.staged_as, run.run_id, table.format, file.path)


def runs_with_tables(store: Store) -> tuple[RunManifest, ...]:
    """The same as `run_manifests`, but runs of earlier versions have their tables too."""
    runs = run_manifests(store)
    if all(run.tables for run in runs):
        return runs
    former = former_manifests(store)
    runs = run_manifests(store)  # once more: a run that tidies writes these anew, and then deletes the former
    return tuple(run if run.tables else _with_tables(run, former) for run in runs)


def former_manifests(store: Store) -> tuple[FoundManifest, ...]:
    """What earlier versions wrote beside rows, of runs that count and of others."""
    found = []
    for path in (entry.path for entry in store.files() if not entry.path.startswith(".")):
        if "/" in path and path.rpartition("/")[2].startswith(_FORMER_MANIFEST) and path.endswith(".json"):
            with suppress(FileNotFoundError):  # a run tidies meanwhile
                found.append(FoundManifest(path, FormerManifest.from_json(store.read(path), store.uri(path))))
    return tuple(found)


def with_former_tables(store: Store, run: RunManifest) -> RunManifest:
    """The manifest of an earlier version's run with its tables, as the files beside the rows have them."""
    return _with_tables(run, former_manifests(store))


def _with_tables(run: RunManifest, found: Iterable[FoundManifest]) -> RunManifest:
    tables = {}
    for path, content in ((one.path, one.content) for one in found if one.content.run_id == run.run_id):
        folder = path.rpartition("/")[0]
        tables[content.table] = RunTable(
            staged_as=content.staged_as,
            format=content.format,
            schema_version=1,
            rows=content.rows,
            files=tuple(RunFile(path=f"{folder}/{file.name}", rows=file.rows) for file in content.files),
        )
    return run.model_copy(update={"tables": tables})


def known_tables(store: Store) -> list[str]:
    """The tables of which the output says what they are."""
    paths = [entry.path for entry in store.files(_TABLES)]
    return [path.removeprefix(f"{_TABLES}/").removesuffix(".json") for path in paths]


def known_path(table: str) -> str:
    """What a table is, over all runs."""
    return f"{_TABLES}/{table}.json"


def view_path(table: str) -> str:
    """DuckDB's views of a table, or those of `all`."""
    return f"{_VIEWS}/{table}.sql"


def former_views(table: str) -> tuple[str, ...]:
    """Where earlier versions had a view."""
    return (f"{table}/latest.sql", f"{table}/_latest.sql")


def former_settings(table: str) -> tuple[str, ...]:
    """Where earlier versions noted a table's present settings."""
    return (f"{table}/_latest.json",)


def markdown_path(name: str) -> str:
    """A document's text as a file."""
    return f"{_MARKDOWN}/{name}.md"


def markdown_folder() -> str:
    """Where such files lie."""
    return _MARKDOWN


def report_folder() -> str:
    """Where the report lies. While it is made, its name has `.new` behind it, and the one before `.old`."""
    return _REPORT


def _shards(table: Table) -> str:
    return f"{_STAGING}/{table.name}/{table.shape}"
