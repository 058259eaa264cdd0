"""What an output holds, for people and for retry: runs, staged rows, failures that nothing has resolved, sources.

Reads only and never takes the lock, so it may be asked while a run goes on: a shard that is published meanwhile is
found in its new place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import pyarrow as pa

from qwen_batch.errors import WrongOutputError
from qwen_batch.output.corrections.choosing import NotTaken
from qwen_batch.output.corrections.orphans import orphaned
from qwen_batch.output.format import FORMATS, count_rows, read_table
from qwen_batch.output.layout import (
    FAILURES,
    SHARD_FORMAT,
    SKIPPED,
    SOURCES,
    Unfinished,
    all_shards,
    is_output,
    open_output,
    published_files,
    run_manifests,
    unfinished_publications,
)
from qwen_batch.output.log.nights import Night, newest_nights, whole_runs
from qwen_batch.output.manifest import RunManifest
from qwen_batch.output.record_table import FAILURE_SCHEMA
from qwen_batch.output.tables.stamps import stamped_late
from qwen_batch.output.views.reading import ANSWERS_SCHEMA, read_sources, standing_failures, standing_skips
from qwen_batch.storage.lock import Holder, holder_of
from qwen_batch.storage.places import Store
from qwen_batch.storage.sources import KnownSource, read_index
from qwen_batch.storage.uris import is_group


@dataclass(frozen=True, slots=True)
class UnresolvedFailure:
    """A failure that still stands: the newest of its source and job."""

    source_uri: str
    doc_id: str
    job: str
    job_fingerprint: str
    stage: str
    code: str
    message: str
    retryable: bool
    attempts: int
    run_id: str
    processed_at: datetime


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A published run: `rows` by table, `left` documents not done because it had to stop; times in ISO 8601."""

    run_id: str
    started: str
    finished: str
    documents: int
    left: int
    rows: dict[str, int]
    failures: dict[str, int]


@dataclass(frozen=True, slots=True)
class OutputStatus:
    """The state of an output; `staged` has rows by table, `sources` their number by state.

    `nights` are the newest runs, newest first, also those that published nothing; `runs` all that did, oldest first.
    `unresolved` has no failure of a file that was deleted; `skipped` counts by job the documents that it is not for;
    `orphaned` are decisions of people whose document or field is not there any more.
    """

    output: str
    holder: Holder | None
    nights: tuple[Night, ...]
    runs: tuple[RunStatus, ...]
    staged: dict[str, int]
    publications: tuple[Unfinished, ...]
    unresolved: tuple[UnresolvedFailure, ...]
    sources: dict[str, int]
    skipped: dict[str, int] = field(default_factory=dict)
    orphaned: tuple[NotTaken, ...] = ()


class _Rows(NamedTuple):
    """Rows of a table, from one file."""

    table: str
    rows: pa.Table


def output_status(place: str) -> OutputStatus:
    """Everything about the output at a place. Raises WrongOutputError for a place that is none."""
    store = open_output(place)
    holder = holder_of(store)
    if holder is None and not is_output(store):
        raise WrongOutputError(f"{store.root}: no output of qwen-batch", "give the --output of a run")
    manifests = run_manifests(store)
    return OutputStatus(
        output=store.root,
        holder=holder,
        nights=newest_nights(store, holder, manifests),
        runs=tuple(_run_status(manifest) for manifest in whole_runs(manifests)),
        staged=_staged_rows(store),
        publications=unfinished_publications(store),
        unresolved=unresolved_failures(store),
        sources=_files_by_state(read_index(store, SOURCES).values()),
        skipped=standing_by_job(store),
        orphaned=orphaned(store, read_sources(store)),
    )


def _files_by_state(sources: Iterable[KnownSource]) -> dict[str, int]:
    """Files, not names: another path to a file is none, and a former name of a present file is not deleted.

    Nor is a group of documents a file.
    """
    known = [source for source in sources if not is_group(source.source_uri)]
    there = {source.real_uri for source in known if source.state == "present"}
    return dict(
        Counter(
            source.state
            for source in known
            if source.state != "alias" and not (source.state == "deleted" and source.real_uri in there)
        )
    )


def unresolved_failures(store: Store) -> tuple[UnresolvedFailure, ...]:
    """Failures that still stand, published or staged, by source and job: the rule is that of `failures_latest`."""
    failures, answers = [FAILURE_SCHEMA.empty_table()], [ANSWERS_SCHEMA.empty_table()]
    for table, rows in _all_rows(store):
        (failures if table == FAILURES else answers).append(rows)
    standing = standing_failures(pa.concat_tables(failures), pa.concat_tables(answers), read_sources(store))
    return tuple(UnresolvedFailure(**row) for row in standing.select(UnresolvedFailure.__slots__).to_pylist())


def standing_by_job(store: Store) -> dict[str, int]:
    """How many documents each job is not for, published or staged: the rule is that of `skipped_latest`."""
    parts: dict[str, list[pa.Table]] = {}
    for table, rows in _all_rows(store):
        if table != FAILURES:
            parts.setdefault(table, []).append(rows)
    skips = pa.concat_tables(parts.pop(SKIPPED, [ANSWERS_SCHEMA.empty_table()]))
    if not len(skips):
        return {}
    standing = standing_skips(store, skips, {table: pa.concat_tables(rows) for table, rows in parts.items()})
    return dict(Counter(standing["job"].to_pylist()))


def _all_rows(store: Store) -> Iterator[_Rows]:
    """Rows with their table's name: staged ones first, so that none is missed that is published meanwhile.

    Those count as published now: after all that are.
    """
    now = datetime.now(UTC)
    for shard in all_shards(store):
        try:
            rows = read_table(store, shard.path, FORMATS.load(SHARD_FORMAT), _schema_of(shard.table))
        except FileNotFoundError:
            continue
        yield _Rows(shard.table, stamped_late(rows, dict.fromkeys(rows["run_id"].to_pylist(), now)))
    moments = {run.run_id: run.published_at or run.finished for run in run_manifests(store)}
    for file in published_files(store):
        if file.table == file.staged_as:
            rows = read_table(store, file.path, FORMATS.load(file.format), _schema_of(file.table))
            yield _Rows(file.table, stamped_late(rows, moments))


def _schema_of(table: str) -> pa.Schema:
    return FAILURE_SCHEMA if table == FAILURES else ANSWERS_SCHEMA


def _staged_rows(store: Store) -> dict[str, int]:
    rows: Counter[str] = Counter()
    for shard in all_shards(store):
        try:
            rows[shard.table] += count_rows(store, shard.path, FORMATS.load(SHARD_FORMAT))
        except FileNotFoundError:
            continue
    return dict(rows)


def _run_status(manifest: RunManifest) -> RunStatus:
    return RunStatus(
        run_id=manifest.run_id,
        started=manifest.started.isoformat(),
        finished=manifest.finished.isoformat(),
        documents=manifest.documents,
        left=manifest.left,
        rows=manifest.rows,
        failures=manifest.failures_by_code,
    )
