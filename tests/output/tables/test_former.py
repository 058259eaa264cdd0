"""former: an output of the version before is tidied without a row lost, whatever the process dies of."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest
from helpers.stores import Crash, CrashingStore, names
from helpers.tables import JOB, Open, job_table, make_former, publish_run, rows_of

from qwen_batch.output.format import FORMATS
from qwen_batch.output.layout import (
    FAILURES,
    commit_path,
    former_settings,
    known_path,
    open_output,
    publication_folder,
    published_files,
    run_manifests,
    run_path,
    shard_path,
    view_path,
)
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.manifest import Move, Publication
from qwen_batch.output.tables.former import tidy
from qwen_batch.output.tables.known import known_table
from qwen_batch.output.tables.rows import read_published
from qwen_batch.storage.places import Store

TABLE = job_table(("total", pa.int64()), ("day", pa.date32()))
A = {"total": 3, "day": date(2024, 2, 29)}
MAX_STEPS = 60


@pytest.fixture(params=["local", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(request.getfixturevalue("s3_bucket") if request.param == "s3" else tmp_path)


@pytest.fixture(params=["parquet", "jsonl"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def former(place: str, form: str, *, flat: bool) -> Store:
    store = open_output(place)
    for number in (1, 2):
        publish_run(store, TABLE, rows_of(TABLE, **{f"d{number}": A}), f"r{number}", form)
    make_former(store, flat=flat)
    return store


def in_tables(store: Store) -> list[str]:
    """All files in the folders of tables."""
    return [path for table in (JOB, FAILURES) for path in names(store, table)]


def rows(store: Store) -> list[dict[str, object]]:
    return [row for table in (JOB, FAILURES) for row in read_published(store, table).to_pylist()]


@pytest.mark.parametrize("flat", [False, True])
def test_files_of_json_and_sql_beside_the_rows_broke_readers_of_the_whole_folder(
    place: str, form: str, flat: bool
) -> None:
    store = former(f"{place}/out", form, flat=flat)
    before, files = rows(store), [file.path for file in published_files(store)]
    tidy(store)
    assert rows(store) == before
    assert in_tables(store) == sorted(files, key=lambda path: (path.startswith(FAILURES), path))
    assert {file.path for file in published_files(store)} == set(files), "nothing that is published moves"
    assert known_table(store, JOB).job_fingerprint == "f00d"
    assert store.read(view_path(JOB)) == b"-- a view"
    again = {entry.path: store.read(entry.path) for entry in store.files()}
    tidy(store)
    assert {entry.path: store.read(entry.path) for entry in store.files()} == again


@pytest.mark.parametrize("flat", [False, True])
def test_a_crash_at_any_step_of_tidying_loses_nothing_and_the_next_run_goes_on(
    tmp_path: Path, form: str, flat: bool
) -> None:
    for steps in range(MAX_STEPS):
        store = former(f"{tmp_path}/{steps}", form, flat=flat)
        before = rows(store)
        try:
            tidy(CrashingStore(store, steps))
        except Crash:
            assert rows(store) == before
            tidy(store)
            done = False
        else:
            done = True
        assert rows(store) == before
        assert all(path.endswith(form) for path in in_tables(store))
        assert known_table(store, JOB).job_fingerprint == "f00d"
        assert all(run.tables for run in run_manifests(store))
        if done:
            assert steps > 8
            return
    pytest.fail(f"not through after {MAX_STEPS} steps")


def test_tables_of_other_jobs_are_tidied_too_and_a_stray_run_is_left_alone(place: str) -> None:
    store = former(f"{place}/out", "parquet", flat=False)
    store.delete(run_path("r2"))
    tidy(store)
    assert [file.run_id for file in published_files(store) if file.table == JOB] == ["r1"]
    assert f"{JOB}/run=r2/_manifest.json" in names(store)


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("moved", [0, 1, 2])
def test_a_publication_that_the_version_before_had_decided_is_completed(
    place: str, form: str, flat: bool, moved: int
) -> None:
    """As a crash left it: some of its files, or folders, are where readers look, and the commit stands."""
    store = former(f"{place}/out", form, flat=flat)
    before = rows(store)
    (run,) = (run for run in run_manifests(store) if run.run_id == "r2")
    mine = [file.path for file in published_files(store) if file.run_id == "r2"]
    manifests = [path for path in names(store) if "_manifest" in path and "r2" in path]
    shown = [*mine, *manifests] if flat else sorted({path.rpartition("/")[0] for path in mine})
    moves = tuple(Move(f"{publication_folder('r2')}/{path}", path) for path in shown)
    for move in moves[moved:]:
        store.move(move.target, move.source)
    store.delete(run_path("r2"))
    shard = shard_path(TABLE, "r2", 1)
    store.put(shard, partial(FORMATS.load("parquet").write, rows_of(TABLE, d2=A)))
    publication = Publication(moves=moves, shards=(shard,), manifest=run)
    store.put(commit_path("r2"), publication.write)
    assert b"known" not in store.read(commit_path("r2"))
    assert {file.run_id for file in published_files(store)} == {"r1"}

    assert Ledger(store, Open()).recover() == ["r2"]
    assert rows(store) == before
    assert not names(store, ".staging")
    tidy(store)
    assert rows(store) == before
    assert all(path.endswith(form) for path in in_tables(store))


def test_a_table_whose_files_do_not_go_together_does_not_keep_other_jobs_from_running(tmp_path: Path) -> None:
    store = former(str(tmp_path / "out"), "parquet", flat=False)
    odd = job_table(("total", pa.struct([("name", pa.string())])), shape="beef")
    other = open_output(str(tmp_path / "other"))
    publish_run(other, odd, rows_of(odd, z={"total": None}), "r3")
    make_former(other)
    for path in names(other):
        content = other.read(path)
        store.put(path, lambda file, content=content: file.write(content))
    tidy(store)
    assert not store.exists(known_path(JOB))
    assert store.exists(known_path(FAILURES))
    assert all(store.exists(path) for path in former_settings(JOB)), "what it says has no other place yet"
