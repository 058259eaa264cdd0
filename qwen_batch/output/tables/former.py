"""Outputs of earlier versions: their files of JSON and SQL leave the tables' folders, their rows stay where they are.

What such a file says is written to its present place first. So a crash at any point leaves an output that reads right,
and the next run goes on with it.
"""

from __future__ import annotations

from qwen_batch.errors import OutputError
from qwen_batch.output.layout import (
    PublishedFile,
    files_of_runs,
    former_manifests,
    former_settings,
    former_views,
    known_path,
    run_manifests,
    run_path,
    runs_with_tables,
    view_path,
)
from qwen_batch.output.manifest import Preferred
from qwen_batch.output.tables.known import known_table, put_known, table_of_files
from qwen_batch.storage.places import Store


def tidy(store: Store) -> None:
    """Brings an output to the present layout. To be called under its lock, when nothing is half published."""
    whole = {run.run_id for run in run_manifests(store) if run.tables}
    runs = runs_with_tables(store)
    for run in runs:
        if run.run_id not in whole:
            store.put(run_path(run.run_id), run.write)
    files: dict[str, list[PublishedFile]] = {}
    for file in files_of_runs(runs):
        files.setdefault(file.table, []).append(file)
    for table, mine in files.items():
        if not store.exists(known_path(table)):
            _learn(store, mine)
        _move_views_and_settings(store, table)
    counted = {run.run_id for run in runs}
    for manifest in former_manifests(store):
        if manifest.content.run_id in counted:
            store.delete(manifest.path)


def _learn(store: Store, files: list[PublishedFile]) -> None:
    """Writes what the files say of their table; nothing if they do not go together."""
    try:
        put_known(store, table_of_files(store, files))
    except OutputError:
        return


def _move_views_and_settings(store: Store, table: str) -> None:
    for path in former_settings(table):
        if store.exists(path) and _noted(store, table, path):
            store.delete(path)
    for path in former_views(table):
        if store.exists(path):
            store.move(path, view_path(table))


def _noted(store: Store, table: str, path: str) -> bool:
    known = known_table(store, table)
    if known and known.job_fingerprint is None:
        preferred = Preferred.from_json(store.read(path), store.uri(path))
        put_known(store, known.model_copy(update={"job_fingerprint": preferred.job_fingerprint}))
    return known is not None
