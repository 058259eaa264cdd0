"""catalogs: one contract for every catalog: a run counts when it was told, however often and after whatever crash."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest
from helpers.stores import Crash, CrashingStore

from qwen_batch.errors import ConfigError
from qwen_batch.output.catalog import CATALOGS, Catalog
from qwen_batch.output.format import FORMATS
from qwen_batch.output.layout import TablePart, open_output, published_files, run_manifests
from qwen_batch.output.manifest import Publication, RunFile, RunManifest, RunTable
from qwen_batch.storage.places import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RUNS = ("r1", "r2")
MAX_STEPS = 100


@pytest.fixture(params=CATALOGS.names())
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return CATALOGS.load(request.param)


def shown(store: Store, run_id: str) -> Publication:
    """A publication whose files have been moved to where readers look."""
    tables = {}
    for table in ("合同", "failures"):
        part, form = TablePart(table, run_id), FORMATS.load("parquet")
        path = f"{part.folder}/{part.file(0, form.extension)}"
        store.put(path, partial(form.write, pa.table({"run_id": [run_id] * 2, "number": [1, 2]})))
        file = RunFile(path=path, rows=2)
        tables[table] = RunTable(staged_as=table, format=form.name, schema_version=1, rows=2, files=(file,))
    rows = {name: table.rows for name, table in tables.items()}
    manifest = RunManifest(run_id=run_id, started=NOW, finished=NOW, rows=rows, tables=tables)
    return Publication(moves=(), shards=(), manifest=manifest)


def contents(store: Store) -> dict[str, bytes]:
    return {entry.path: store.read(entry.path) for entry in store.files()}


def test_a_catalog_is_called_like_its_file(catalog: Catalog) -> None:
    assert catalog.name in CATALOGS.names()
    assert CATALOGS.load(catalog.name) is catalog


def test_a_run_counts_when_the_catalog_was_told(catalog: Catalog, tmp_path: Path) -> None:
    store = open_output(str(tmp_path))
    for number, run_id in enumerate(RUNS, 1):
        publication = shown(store, run_id)
        assert {file.run_id for file in published_files(store)} == set(RUNS[: number - 1])
        catalog.publish(store, publication)
        assert {file.run_id for file in published_files(store)} == set(RUNS[:number])
        assert run_manifests(store)[-1] == publication.manifest


def test_told_twice_is_told_once(catalog: Catalog, tmp_path: Path) -> None:
    store = open_output(str(tmp_path))
    publication = shown(store, "r1")
    catalog.publish(store, publication)
    before = contents(store)
    catalog.publish(store, publication)
    assert contents(store) == before


def test_a_crash_at_any_step_and_again_gives_the_same(catalog: Catalog, tmp_path: Path) -> None:
    undisturbed = open_output(str(tmp_path / "undisturbed"))
    catalog.publish(undisturbed, shown(undisturbed, "r1"))
    for steps in range(MAX_STEPS):
        store = open_output(str(tmp_path / f"{steps}"))
        publication = shown(store, "r1")
        try:
            catalog.publish(CrashingStore(store, steps), publication)
        except Crash:
            catalog.publish(store, publication)
            assert contents(store).keys() == contents(undisturbed).keys()
            assert run_manifests(store) == (publication.manifest,)
        else:
            assert steps >= 1
            return
    pytest.fail(f"not through after {MAX_STEPS} steps")


def test_an_unknown_catalog_is_named_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"there is no 'magic'; known: .*plain"):
        CATALOGS.load("magic")
