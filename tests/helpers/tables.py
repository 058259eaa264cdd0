"""Outputs as runs of this version and of the one before publish them, from rows alone, in a line or two."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pyarrow as pa

from qwen_batch.output.format import FORMATS, read_table
from qwen_batch.output.keys import KEY_SCHEMA
from qwen_batch.output.layout import (
    FAILURES,
    Table,
    former_settings,
    former_views,
    known_path,
    published_files,
    run_manifests,
    run_path,
)
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.manifest import FormerFile, FormerManifest, Preferred, RunManifest
from qwen_batch.output.publishing import PublishAs, publish
from qwen_batch.output.record_table import FAILURE_TABLE
from qwen_batch.output.tables.stamps import DOCUMENT, PUBLISHED_AT
from qwen_batch.storage.places import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
JOB = "invoice"
SINCE = frozenset({DOCUMENT[0], PUBLISHED_AT[0]})
"""Columns that the version before did not have."""


class Open:
    """A fence that nobody has taken down."""

    def check(self) -> None:
        return


def job_table(*fields: tuple[str, pa.DataType], shape: str = "f00d") -> Table:
    """The table of a job whose result has these fields."""
    columns = [*KEY_SCHEMA, DOCUMENT, ("run_id", pa.string()), ("processed_at", PUBLISHED_AT[1]), PUBLISHED_AT]
    return Table(JOB, shape, pa.schema([*columns, ("result", pa.struct(list(fields)))]))


def rows_of(table: Table, **results: dict[str, Any] | None) -> pa.Table:
    """A row for each file name, with its result."""
    rows = [
        {
            "doc_id": f"id of {name}",
            "source_uri": f"/in/{name}.pdf",
            "job": JOB,
            "job_fingerprint": table.shape,
            "processed_at": NOW,
            "result": result,
        }
        for name, result in results.items()
    ]
    return pa.Table.from_pylist(rows, schema=table.schema)


def run_manifest(run_id: str) -> RunManifest:
    return RunManifest(run_id=run_id, started=NOW, finished=NOW)


def publish_run(store: Store, table: Table, rows: pa.Table, run_id: str, form: str = "parquet") -> None:
    """Stages the rows, and publishes them with an empty table of failures."""
    ledger = Ledger(store, Open())
    if len(rows):
        ledger.stage(table, rows, run_id)
    publish(ledger, [table, FAILURE_TABLE], run_manifest(run_id), PublishAs(FORMATS.load(form), 1000))


def make_former(store: Store, *, flat: bool = False) -> None:
    """Makes of an output one of the version before: manifests, views and settings lie beside the rows."""
    files = list(published_files(store))
    runs = run_manifests(store)
    for run in runs:
        store.put(run_path(run.run_id), run.model_copy(update={"tables": {}, "published_at": None}).write)
        bare = json.loads(store.read(run_path(run.run_id)))
        content = json.dumps({key: value for key, value in bare.items() if key not in {"tables", "published_at"}})
        store.put(run_path(run.run_id), partial(_write, content.encode()))
    for file in files:
        form = FORMATS.load(file.format)
        rows = read_table(store, file.path, form)
        folder, _, name = file.path.rpartition("/")
        if flat:
            store.delete(file.path)
            folder, name = file.table, f"part-{file.run_id}-00000.{form.extension}"
        kept = rows.drop_columns([column for column in SINCE if column in rows.schema.names])
        store.put(f"{folder}/{name}", partial(form.write, kept))
        listed = FormerManifest(
            run_id=file.run_id,
            table=file.table,
            staged_as=file.staged_as,
            format=file.format,
            files=(FormerFile(name=name, rows=len(rows)),),
            rows=len(rows),
        )
        store.put(f"{folder}/_manifest{f'-{file.run_id}' if flat else ''}.json", listed.write)
    for table in {file.table for file in files}:
        store.delete(known_path(table))
        if table != FAILURES:
            settings = Preferred(staged_as=table, job_fingerprint="f00d")
            for path in former_settings(table):
                store.put(path, settings.write)
            store.put(former_views(table)[-1], partial(_write, b"-- a view"))


def _write(content: bytes, file: Any) -> None:
    file.write(content)
