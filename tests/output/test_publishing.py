"""publishing: from staged shards to a decided publication: what it moves, what it makes superfluous, who is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers.stores import Crash, CrashingStore, names

from qwen_batch.errors import ConfigError
from qwen_batch.output.format import FORMATS
from qwen_batch.output.keys import KEY_SCHEMA
from qwen_batch.output.layout import (
    FAILURES,
    Table,
    TablePart,
    commit_path,
    open_output,
    published_files,
    run_manifests,
)
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.manifest import Publication, RunManifest
from qwen_batch.output.publishing import PublishAs, publish
from qwen_batch.storage.places import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMA = pa.schema([*KEY_SCHEMA, ("run_id", pa.string()), ("page", pa.int32())])
JOBS = Table("invoice", "f00d", SCHEMA)
FAILED = Table(FAILURES, "all", SCHEMA)
RUN = RunManifest(run_id="r1", started=NOW, finished=NOW, documents=3)
UNTIL_DECIDED = 3
"""A file for each table, then the commit."""


class Open:
    """A fence that nobody has taken down."""

    def check(self) -> None:
        return


def rows(*names: str) -> pa.Table:
    items = [{name: "x" for name in SCHEMA.names if name != "page"} | {"source_uri": name, "page": 1} for name in names]
    return pa.Table.from_pylist(items, schema=SCHEMA)


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "s3":
        return open_output(f"{request.getfixturevalue('s3_bucket')}/out")
    return open_output(str(tmp_path / "out"))


def staged(store: Store) -> Ledger:
    ledger = Ledger(store, Open())
    for letters in ("ca", "b"):
        ledger.stage(JOBS, rows(*letters), "killed")
    ledger.stage(FAILED, rows("d"), "killed")
    return ledger


@pytest.fixture
def decided(store: Store) -> Publication:
    """A publication of a run that died when it had decided it, and had shown nothing."""
    staged(store)
    dying = Ledger(CrashingStore(store, UNTIL_DECIDED), Open())
    with pytest.raises(Crash):
        publish(dying, [JOBS, FAILED], RUN, PublishAs(FORMATS.load("parquet"), 1000))
    return Publication.from_json(store.read(commit_path("r1")), "commit")


def test_what_is_decided_names_all_that_another_run_needs_to_complete_it(store: Store, decided: Publication) -> None:
    assert decided.manifest.rows == {"invoice": 3, FAILURES: 1}
    assert decided.manifest.published_at is not None
    assert [(name, table.rows) for name, table in decided.manifest.tables.items()] == [("invoice", 3), (FAILURES, 1)]
    assert [known.table for known in decided.known] == ["invoice", FAILURES]
    assert decided.catalog == "plain"
    assert len(decided.shards) == 3
    assert all(store.exists(path) for path in (*decided.shards, *(move.source for move in decided.moves)))
    assert not any(store.exists(move.target) for move in decided.moves)


def test_the_next_run_completes_it(store: Store, decided: Publication) -> None:
    assert Ledger(store, Open()).recover() == ["r1"]
    assert run_manifests(store) == (decided.manifest,)
    assert {file.table for file in published_files(store)} == {"invoice", FAILURES}
    assert not any(store.exists(path) for path in (*decided.shards, *(move.source for move in decided.moves)))


def test_the_next_run_does_not_complete_what_was_to_be_told_to_a_catalog_that_is_not_there(store: Store) -> None:
    ledger = staged(store)
    how = PublishAs(FORMATS.load("parquet"), 1000, catalog="magic")
    for attempt in (lambda: publish(ledger, [JOBS, FAILED], RUN, how), Ledger(store, Open()).recover):
        with pytest.raises(ConfigError, match="magic"):
            attempt()
        assert store.exists(commit_path("r1"))
        assert not store.files("invoice")


def test_rows_are_sorted_by_where_they_come_from_and_have_the_id_of_the_run_that_publishes_them(store: Store) -> None:
    publish(staged(store), [JOBS, FAILED], RUN, PublishAs(FORMATS.load("parquet"), 1000))
    (file,) = (file for file in published_files(store) if file.table == "invoice")
    with store.open(file.path) as opened:
        found = pq.read_table(opened)
    assert found["source_uri"].to_pylist() == ["a", "b", "c"]
    assert set(found["run_id"].to_pylist()) == {"r1"}


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_a_run_s_manifest_lists_its_tables_files_with_their_rows(store: Store, form: str) -> None:
    publish(staged(store), [JOBS, FAILED], RUN, PublishAs(FORMATS.load(form), 2))
    part = TablePart("invoice", "r1")
    (run,) = run_manifests(store)
    listed = run.tables["invoice"]
    files = [f"{part.folder}/{part.file(number, form)}" for number in (0, 1)]
    assert [(file.path, file.rows) for file in listed.files] == list(zip(files, (2, 1), strict=True))
    assert (listed.staged_as, listed.format, listed.rows, listed.schema_version) == ("invoice", form, 3, 1)
    assert names(store, "invoice") == files, "nothing but rows"


def test_a_table_without_rows_is_published_empty_with_its_schema(store: Store) -> None:
    ledger = Ledger(store, Open())
    ledger.stage(JOBS, rows("a"), "r1")
    assert publish(ledger, [JOBS, FAILED], RUN, PublishAs(FORMATS.load("parquet"), 2)) == {"invoice": 1, FAILURES: 0}
    (file,) = (file for file in published_files(store) if file.table == FAILURES)
    with store.open(file.path) as opened:
        assert pq.read_table(opened).schema.equals(SCHEMA)
