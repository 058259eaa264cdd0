"""The views for Python: pyarrow tables, of a local folder or S3, in Parquet and JSONL alike.

The same SQL as in an output's view files runs over Arrow tables, so that a view means one thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from qwen_batch.errors import UsageError
from qwen_batch.output.format import FORMATS, read_table
from qwen_batch.output.layout import (
    FAILURES,
    SKIPPED,
    SOURCES,
    PublishedFile,
    open_output,
    published_files,
    run_manifests,
)
from qwen_batch.output.record_table import FAILURE_SCHEMA
from qwen_batch.output.skip_table import SKIPPED_SCHEMA
from qwen_batch.output.tables.known import known_table
from qwen_batch.output.tables.rows import read_published
from qwen_batch.output.tables.stamps import UTC_TIME, stamped_late
from qwen_batch.output.views.of_table import views_of
from qwen_batch.output.views.sql import View, named
from qwen_batch.output.views.viewed import SOURCES_SCHEMA, ViewedTable
from qwen_batch.storage.parquet import read_parquet
from qwen_batch.storage.places import Store

ANSWERS_SCHEMA = pa.schema(
    [
        ("source_uri", pa.string()),
        ("doc_id", pa.string()),
        ("job", pa.string()),
        ("job_fingerprint", pa.string()),
        ("run_id", pa.string()),
        ("processed_at", UTC_TIME),
        ("published_at", UTC_TIME),
    ]
)
"""What tells which rows come first, and what they answer."""
ORDER = ("source_uri", "job", "page", "path", "published_at")
NEW_COLUMNS = ("flat", "evidence")
"""Views whose columns are their own."""
_INDEX = "index_of_sources"
_QUIET: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""Nothing is fetched: all that DuckDB reads here is in memory."""


def latest_rows(output: str | Path, table: str, *, deleted: bool = False) -> pa.Table:
    """One row a source whose file is there, with `deleted` one of every source (of `pages`: the pages of these rows).

    `source_state` is present, changed (the content that the file has now has no row), deleted, or alias (another path
    to a file whose row stands under its known path). `same_as` are other paths to the same file. Sorted by source_uri.
    All rows of the table go through memory. Raises OutputError if no such table is published.
    """
    return read_rows(output, table, "latest_all" if deleted else "latest")


def latest_records(output: str | Path, table: str) -> list[dict[str, Any]]:
    """The rows of `latest_all` as JSON has them: days and times in ISO 8601."""
    return rows_to_plain(latest_rows(output, table, deleted=True))


def rows_to_plain(rows: pa.Table) -> list[dict[str, Any]]:
    """Rows as JSON has them: days and times in ISO 8601."""
    return [to_plain(row) for row in rows.to_pylist()]


def to_plain(value: Any) -> Any:
    """A row or a value of one as JSON has it."""
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value  # a datetime is a date


def read_rows(
    output: str | Path, table: str, view: Literal["latest", "latest_all", "flat", "all"] = "latest"
) -> pa.Table:
    """A view of a table: one row a source (`latest`; with deleted files `latest_all`), or every row (`all`).

    `flat` is `latest` with a column for each fact of a job's answers. All rows of the table go through memory. Raises
    OutputError if no such table is published, UsageError for a view that it does not have.
    """
    return _view(open_output(str(output)), table, view)


def read_evidence(output: str | Path, job: str) -> pa.Table:
    """Of the rows of `latest` one row a value: its field, its path as SQL counts, quote, page and place, confidence.

    All rows of the table go through memory. Raises OutputError if no such table is published.
    """
    return _view(open_output(str(output)), job, "evidence")


def read_failures(output: str | Path, view: Literal["latest", "all"] = "latest") -> pa.Table:
    """The failures that still stand, one row a source and job; or `all` that ever were. No rows if none are published.

    Besides the failures the keys of all tables' rows go through memory.
    """
    store = open_output(str(output))
    files = list(published_files(store))
    if not any(file.table == FAILURES for file in files):
        failures = FAILURE_SCHEMA.empty_table()
    else:
        failures = read_published(store, FAILURES)
    if view == "all":
        return failures.sort_by([(name, "ascending") for name in ("source_uri", "job", "published_at")])
    answers = [file for file in files if file.table == file.staged_as != FAILURES]
    return standing_failures(failures, _answers(store, answers), read_sources(store))


def read_skipped(output: str | Path, view: Literal["latest", "all"] = "latest") -> pa.Table:
    """The documents that are not what a job is for, one row a source and job; or `all` that ever were skipped.

    No rows if none were. Besides these rows the keys of all tables' rows go through memory.
    """
    store = open_output(str(output))
    files = [file for file in published_files(store) if file.table == file.staged_as != FAILURES]
    if not any(file.table == SKIPPED for file in files):
        return SKIPPED_SCHEMA.empty_table()
    skips = read_published(store, SKIPPED)
    if view == "all":
        return skips.sort_by([(name, "ascending") for name in ("source_uri", "job", "published_at")])
    jobs = sorted({file.table for file in files} - {SKIPPED})
    answers = {job: _answers(store, [file for file in files if file.table == job]) for job in jobs}
    return standing_skips(store, skips, answers)


def standing_skips(store: Store, skips: pa.Table, answers: Mapping[str, pa.Table]) -> pa.Table:
    """Of these skips those that still stand among these rows (ANSWERS_SCHEMA) by table."""
    tables, relations = {SKIPPED: _viewed(SKIPPED, skips)}, {_rows_of(SKIPPED): skips, _INDEX: read_sources(store)}
    for name, rows in answers.items():
        known = known_table(store, name)
        tables[name] = _viewed(name, rows, fingerprint=known.job_fingerprint if known else None)
        relations[_rows_of(name)] = rows
    return _run(views_of(SKIPPED, tables, _all_of(_INDEX)), relations, skips.schema)


def standing_failures(failures: pa.Table, answers: pa.Table, index: pa.Table) -> pa.Table:
    """Of these failures those that still stand among these rows (ANSWERS_SCHEMA) and files (SOURCES_SCHEMA)."""
    tables = {name: _viewed(name, rows) for name, rows in ((FAILURES, failures), ("answers", answers))}
    relations = {_rows_of(FAILURES): failures, _rows_of("answers"): answers, _INDEX: index}
    return _run(views_of(FAILURES, tables, _all_of(_INDEX)), relations, failures.schema)


def _view(store: Store, name: str, view: str) -> pa.Table:
    """A view of a table by the last part of its name."""
    if name == SKIPPED and view in {"latest", "all"}:
        return read_skipped(store.root, "all" if view == "all" else "latest")
    rows = read_published(store, name)
    staged_as = next(file.staged_as for file in published_files(store) if file.table == name)
    known = known_table(store, name)
    table = _viewed(name, rows, staged_as, known.job_fingerprint if known else None)
    tables, relations = {name: table}, {_rows_of(name): rows, _INDEX: read_sources(store)}
    if staged_as != name:
        wholes = [file for file in published_files(store) if file.table == staged_as]
        relations[_rows_of(staged_as)] = whole = _answers(store, wholes)
        tables[staged_as] = _viewed(staged_as, whole, staged_as, table.fingerprint)
    if skips := [file for file in published_files(store) if file.table == SKIPPED]:
        relations[_rows_of(SKIPPED)] = skipped = _answers(store, skips)
        tables[SKIPPED] = _viewed(SKIPPED, skipped)
    views = views_of(name, tables, _all_of(_INDEX))
    wanted = f"{name}_{view}"
    there = [one.name.removeprefix(f"{name}_") for one in views if one.name.startswith(f"{name}_")]
    if view not in there:
        raise UsageError(f"{store.root}: table {name!r} has no view {view!r}", f"views of it: {', '.join(there)}")
    upto = [one.name for one in views].index(wanted)
    return _run(views[: upto + 1], relations, None if view in NEW_COLUMNS else rows.schema)


def _viewed(name: str, rows: pa.Table, staged_as: str = "", fingerprint: str | None = None) -> ViewedTable:
    return ViewedTable(name, staged_as or name, rows.schema, _all_of(_rows_of(name)), fingerprint)


def _rows_of(table: str) -> str:
    return f"rows_of_{table}"


def _all_of(relation: str) -> str:
    return f"SELECT * FROM {named(relation)}"


def read_sources(store: Store) -> pa.Table:
    """Every file that was ever seen (SOURCES_SCHEMA)."""
    try:
        with store.open(SOURCES) as file:
            return read_parquet(file, SOURCES_SCHEMA)
    except FileNotFoundError:
        return SOURCES_SCHEMA.empty_table()


def _answers(store: Store, files: Iterable[PublishedFile]) -> pa.Table:
    """The keys and times of these files' rows."""
    parts = [read_table(store, file.path, FORMATS.load(file.format), ANSWERS_SCHEMA) for file in files]
    moments = {run.run_id: run.published_at or run.finished for run in run_manifests(store)}
    return stamped_late(pa.concat_tables([ANSWERS_SCHEMA.empty_table(), *parts]), moments)


def _run(views: Sequence[View], relations: Mapping[str, pa.Table], schema: pa.Schema | None) -> pa.Table:
    """The rows of the last of these views, sorted; columns of the schema have its types."""
    import duckdb

    with duckdb.connect(config=_QUIET) as database:
        database.execute("SET TimeZone = 'UTC'")
        for name, rows in relations.items():
            database.register(name, rows)
        for view in views:
            database.execute(view.statement())
        found = database.sql(_all_of(views[-1].name))
        order = ", ".join(named(name) for name in ORDER if name in found.columns)
        table = found.order(order).to_arrow_table()
    before = {field.name: field.type for field in schema or ()}
    return table.cast(pa.schema([(field.name, before.get(field.name, field.type)) for field in table.schema]))
