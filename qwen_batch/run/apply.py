"""What people decided, committed: the rows that it is about, as a run of their own.

Nothing is asked of a model. A row is staged as the newest answer has it, and publishing puts the decisions onto it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from qwen_batch.config import Config
from qwen_batch.errors import UsageError, WrongOutputError
from qwen_batch.output.corrections.choosing import Chosen, JobRows, NotTaken, choose
from qwen_batch.output.corrections.file import Corrections, json_to_corrections
from qwen_batch.output.corrections.kept import Kept, QuestionOf, digest_of, read_kept, standing
from qwen_batch.output.corrections.onto_row import decided_row
from qwen_batch.output.corrections.orphans import orphaned
from qwen_batch.output.corrections.values import find_place, item_at, plain, value_at
from qwen_batch.output.format import FORMATS
from qwen_batch.output.layout import CORRECTED, Table, is_output, open_output, published_files, run_manifests
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.manifest import RunManifest
from qwen_batch.output.publishing import PublishAs, publish
from qwen_batch.output.record_table import JOB_COLUMNS
from qwen_batch.output.tables.columns import joined, with_columns
from qwen_batch.output.tables.former import tidy
from qwen_batch.output.tables.known import check_run, known_table
from qwen_batch.output.views.files import write_views
from qwen_batch.output.views.reading import latest_rows, read_sources
from qwen_batch.packages import __version__
from qwen_batch.run.progress import Counts
from qwen_batch.run.recording import RunLog, new_run_id
from qwen_batch.run.request import RunSummary
from qwen_batch.storage.lock import hold
from qwen_batch.storage.places import Store

LEAST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Applied:
    """What an `apply` did: new decisions, and rows by job that have them. `known` were applied before.

    `orphaned` are those of the file, and those that the output keeps already.
    """

    run_id: str
    decisions: int
    rows: Mapping[str, int]
    known: int
    refused: tuple[NotTaken, ...]
    orphaned: tuple[NotTaken, ...]


def read_corrections(path: Path) -> Corrections:
    """The decisions in a file. Raises UsageError that names the file and the key."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "give the path of a corrections.json") from None
    return json_to_corrections(content, str(path))


def apply_corrections(place: str, path: Path, *, break_lock: bool = False, log: RunLog | None = None) -> Applied:
    """Commits the file's decisions to the output at a place, once. Raises UsageError, WrongOutputError, LockedError."""
    file = read_corrections(path)
    store = open_output(place)
    if not is_output(store):
        raise WrongOutputError(f"{store.root}: no output of qwen-batch", "give the --output of a run")
    started = log.started if log else datetime.now(UTC)
    run_id = log.run_id if log else new_run_id(started)
    with hold(store, run_id, break_lock=break_lock) as lease:
        if log:
            log.running()
        ledger = Ledger(store, lease)
        ledger.recover()
        tidy(store)
        tables = {one.job: _latest(store, one.job) for one in file.corrections if _is_published(store, one.job)}
        kept = read_kept(store)
        jobs = {job: _job_rows(store, job, rows) for job, rows in tables.items()}
        chosen = choose(file, str(path), jobs, kept)
        decisions = _with_items(chosen, jobs, kept)
        rows = _commit(ledger, RunManifest(run_id=run_id, started=started, finished=started), tables, decisions, kept)
        write_views(store)
        lost = {*chosen.orphaned, *orphaned(store, read_sources(store))}
        if log:
            log.summed_up(_summary(run_id, started, rows))
    by_place = sorted(lost, key=lambda one: (one.source_uri, one.job, one.path))
    return Applied(run_id, len(decisions), rows, chosen.known, chosen.refused, tuple(by_place))


def _is_published(store: Store, job: str) -> bool:
    return any(file.table == job for file in published_files(store))


def _latest(store: Store, job: str) -> pa.Table:
    """The newest rows of a job, with the columns that rows have in this version."""
    rows = latest_rows(store.root, job, deleted=True)
    if "result" not in rows.schema.names:
        raise UsageError(f"{store.root}: {job!r} is no job with answers", "correct the key `job` of the file")
    return with_columns(rows, joined([rows.schema, JOB_COLUMNS]))


def _job_rows(store: Store, job: str, rows: pa.Table) -> JobRows:
    known = known_table(store, job)
    kind = rows.schema.field("result").type
    return JobRows(kind, known.fields if known else (), tuple(rows.to_pylist()))


def _with_items(chosen: Chosen, jobs: Mapping[str, JobRows], kept: tuple[Kept, ...]) -> list[Kept]:
    """The new decisions; those of a path in a list with the item as their rows will have it."""
    all_standing = standing([*kept, *chosen.new])
    decisions = []
    for one in chosen.new:
        item = None
        if "[" in one.path and one.value is not None:
            answers = jobs[one.job]
            row = answers.of_content(one.doc_id)[0]
            result = decided_row(row, answers.kind, all_standing[QuestionOf(one.doc_id, one.job)])["result"]
            at = find_place(result, one.path, [one.value])
            item = plain(value_at(result, item_at(at))) if at else None
        decisions.append(one.model_copy(update={"item": item}) if item is not None else one)
    return decisions


def _commit(
    ledger: Ledger,
    manifest: RunManifest,
    tables: Mapping[str, pa.Table],
    decisions: list[Kept],
    kept: tuple[Kept, ...],
) -> dict[str, int]:
    """Publishes the rows that new decisions are about; gives their number by job."""
    if not decisions:
        return {}
    asked = {QuestionOf(one.doc_id, one.job) for one in decisions}
    all_standing = standing([*kept, *decisions])
    digests = {question: digest_of(all_standing[question]) for question in asked}
    staged = []
    for job, rows in tables.items():
        found = [
            _as_decided(row, digests[question])
            for row in rows.to_pylist()
            if (question := QuestionOf(row["doc_id"], job)) in asked and row["source_state"] == "present"
        ]
        if found:
            names = [name for name in rows.schema.names if name not in {"source_state", "same_as"}]
            schema = pa.schema([rows.schema.field(name) for name in names])
            table = Table(job, CORRECTED, schema)
            staged.append(table)
            ledger.stage(table, pa.Table.from_pylist(found, schema=schema), manifest.run_id)
    how = _as_before(ledger.store, staged)
    manifest = manifest.model_copy(
        update={"finished": datetime.now(UTC), "versions": {"qwen_batch": __version__}, "documents": len(asked)}
    )
    return publish(ledger, staged, manifest, how, decisions)


def _as_decided(row: Mapping[str, Any], digest: str) -> dict[str, Any]:
    """The row that is staged: newer than the answer that it is made of, and told apart from it by its fingerprint."""
    moment = max(datetime.now(UTC), row["processed_at"] + LEAST)
    fingerprint = (row["job_fingerprint"] or "").partition("-")[0]
    return {**row, "job_fingerprint": f"{fingerprint}-{digest}", "processed_at": moment}


def _as_before(store: Store, tables: list[Table]) -> PublishAs:
    """The format and the catalog that the output has."""
    form = next(file.format for file in published_files(store) if file.table == tables[0].name)
    check_run(store, form, tables)
    catalogs = (run.config.get("sink", {}).get("catalog") for run in reversed(run_manifests(store)))
    catalog = next((name for name in catalogs if name), "plain")
    return PublishAs(FORMATS.load(form), Config().sink.rows_per_file, catalog)


def _summary(run_id: str, started: datetime, rows: Mapping[str, int]) -> RunSummary:
    documents = sum(rows.values())
    return RunSummary(
        run_id=run_id,
        documents=documents,
        done_before=0,
        failed_before=0,
        rows=dict(Counter(rows)),
        failure_codes={},
        counts=Counts(documents, done=documents),
        seconds=(datetime.now(UTC) - started).total_seconds(),
    )
