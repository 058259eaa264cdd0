"""What an output holds, for people and for retry: runs, staged rows, failures that nothing has resolved, sources.

Reads only and never takes the lock, so it may be asked while a run goes on: a shard that is published meanwhile is
found in its new place.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from qwen_batch.errors import OutputError
from qwen_batch.output.format import sink_of
from qwen_batch.output.keys import KEY_SCHEMA
from qwen_batch.output.layout import COMMIT, FAILURES, PUBLISHING, STAGING, published_files
from qwen_batch.output.record_table import FAILURE_SCHEMA, UTC_TIME
from qwen_batch.storage.lock import Holder, holder_of
from qwen_batch.storage.places import Store
from qwen_batch.storage.sources import INDEX, read_index

ROW_SCHEMA = KEY_SCHEMA.append(pa.field("processed_at", UTC_TIME))
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class UnresolvedFailure:
    """A failure after which no row came for the same source, content and job; its newest attempt."""

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
class Publication:
    """A publication not finished; if `decided`, the next run completes it, else the next run drops it."""

    run_id: str
    decided: bool


@dataclass(frozen=True, slots=True)
class OutputStatus:
    """The state of an output; `staged` has rows by table, `sources` their number by state."""

    output: str
    holder: Holder | None
    runs: tuple[RunStatus, ...]
    staged: dict[str, int]
    publications: tuple[Publication, ...]
    unresolved: tuple[UnresolvedFailure, ...]
    sources: dict[str, int]


def output_status(store: Store) -> OutputStatus:
    """Everything about an output. Raises OutputError for a place that is none."""
    holder = holder_of(store)
    paths = [entry.path for entry in store.files()]
    if holder is None and not any(path == INDEX or path.startswith((f"{STAGING}/", "_runs/")) for path in paths):
        raise OutputError(f"{store.root}: no output of qwen-batch", "give the --output of a run")
    return OutputStatus(
        output=store.root,
        holder=holder,
        runs=tuple(_run_status(store, path) for path in paths if path.startswith("_runs/")),
        staged=_staged_rows(store),
        publications=_publications(store),
        unresolved=unresolved_failures(store),
        sources=dict(Counter(source.state for source in read_index(store).values())),
    )


def unresolved_failures(store: Store) -> tuple[UnresolvedFailure, ...]:
    """Failures of all runs that still stand, by source and job; those of a file's former content do not."""
    failures: dict[tuple[str, str, str], UnresolvedFailure] = {}
    rows: dict[tuple[str, str, str], datetime] = {}
    for table, part in _all_rows(store):
        if table == FAILURES:
            for values in part.to_pylist():
                failure = UnresolvedFailure(**{name: values[name] for name in UnresolvedFailure.__slots__})
                key = _question(failure)
                if key not in failures or failures[key].processed_at < failure.processed_at:
                    failures[key] = failure
            continue
        for values in part.to_pylist():
            key = (values["source_uri"], values["doc_id"], values["job"])
            rows[key] = max(rows.get(key, LONG_AGO), values["processed_at"])
    known = read_index(store)
    return tuple(
        failures[key]
        for key in sorted(failures)
        if rows.get(key, LONG_AGO) < failures[key].processed_at
        and (key[0] not in known or known[key[0]].doc_id == key[1])
    )


def _question(failure: UnresolvedFailure) -> tuple[str, str, str]:
    return failure.source_uri, failure.doc_id, failure.job


def _all_rows(store: Store) -> Iterator[tuple[str, pa.Table]]:
    """Rows with their table's name: staged ones first, so that none is missed that is published meanwhile."""
    for table, path in _staged_paths(store):
        try:
            with store.open(path) as opened:
                yield table, pq.read_table(opened, columns=_schema_of(table).names)
        except FileNotFoundError:
            continue
    for file in published_files(store):
        if file.table == file.staged_as:
            with store.open(file.path) as opened:
                yield file.table, sink_of(file.format).read(opened, _schema_of(file.table))


def _schema_of(table: str) -> pa.Schema:
    return FAILURE_SCHEMA if table == FAILURES else ROW_SCHEMA


def _staged_paths(store: Store) -> Iterator[tuple[str, str]]:
    for entry in store.files(STAGING):
        if entry.path.endswith(".parquet") and not entry.path.startswith(f"{PUBLISHING}/"):
            yield entry.path.split("/")[1], entry.path


def _staged_rows(store: Store) -> dict[str, int]:
    rows: Counter[str] = Counter()
    for table, path in _staged_paths(store):
        try:
            with store.open(path) as opened:
                rows[table] += pq.read_metadata(opened).num_rows
        except FileNotFoundError:
            continue
    return dict(rows)


def _publications(store: Store) -> tuple[Publication, ...]:
    paths = {entry.path for entry in store.files(PUBLISHING)}
    run_ids = sorted({path.removeprefix(f"{PUBLISHING}/").split("/")[0] for path in paths})
    return tuple(Publication(run_id, f"{PUBLISHING}/{run_id}/{COMMIT}" in paths) for run_id in run_ids)


def _run_status(store: Store, path: str) -> RunStatus:
    content = json.loads(store.read(path))
    return RunStatus(
        run_id=content["run_id"],
        started=content["started"],
        finished=content["finished"],
        documents=content["documents"],
        left=content.get("left", 0),
        rows=content["rows"],
        failures=content["failures_by_code"],
    )
