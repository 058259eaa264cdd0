"""ledger and publishing: what is staged counts, a crash at any step changes nothing, sums are checked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers.stores import Crash, CrashingStore

from qwen_batch.errors import OutputError
from qwen_batch.output import publishing
from qwen_batch.output.format import FORMATS, FileFormat
from qwen_batch.output.formats import jsonl, parquet
from qwen_batch.output.keys import KEY_SCHEMA, Key
from qwen_batch.output.layout import FAILURES, Table, published_files
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.manifest import RunManifest
from qwen_batch.output.publishing import PublishAs, publish
from qwen_batch.storage.places import Store, open_store

SCHEMA = pa.schema([*KEY_SCHEMA, ("run_id", pa.string()), ("number", pa.int64())])
NUMBER = pa.schema([("number", pa.int64())])
JOBS = Table("invoice", "f00d", SCHEMA)
FAILED = Table(FAILURES, "all", SCHEMA)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
BIG = PublishAs(parquet.FORMAT, rows_per_file=1000)


class Open:
    """A fence that nobody has taken down."""

    def check(self) -> None:
        return


class Broken:
    """A fence that another run has taken down."""

    def check(self) -> None:
        raise OutputError("the lock is another's")


def manifest(run_id: str) -> RunManifest:
    return RunManifest(run_id=run_id, started=NOW, finished=NOW)


def rows(*numbers: int, table: Table = JOBS, shape: str = "f00d") -> pa.Table:
    items = [
        {
            "doc_id": f"d{number}",
            "source_uri": f"/in/{number}.pdf",
            "job": "invoice",
            "job_fingerprint": shape if table is JOBS else f"{shape}-l1m1t",
            "run_id": "draft",
            "number": number,
        }
        for number in numbers
    ]
    return pa.Table.from_pylist(items, schema=SCHEMA)


def key(number: int) -> Key:
    return Key(f"d{number}", f"/in/{number}.pdf", "invoice", "f00d")


def published(store: Store, table: str = "invoice") -> list[tuple[str, int]]:
    """Run and number of every row of a table's published files, checked against the manifests' counts."""
    found = []
    for file in published_files(store):
        if file.table == table:
            with store.open(file.path) as opened:
                part = FORMATS.load(file.format).read(opened, NUMBER)
            found += [(file.run_id, number) for number in part["number"].to_pylist()]
    return sorted(found)


def numbers(store: Store, table: str = "invoice") -> list[int]:
    return sorted(number for _, number in published(store, table))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "out"))


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return Ledger(store, Open())


@pytest.mark.parametrize("form", [parquet.FORMAT, jsonl.FORMAT], ids=lambda form: form.name)
def test_staged_rows_are_published_once_and_in_files_of_the_asked_size(ledger: Ledger, form: FileFormat) -> None:
    ledger.stage(JOBS, rows(1, 2), "r1")
    ledger.stage(JOBS, rows(3, 4), "r1")
    assert publish(ledger, [JOBS, FAILED], manifest("r1"), PublishAs(form, rows_per_file=3)) == {
        "invoice": 4,
        FAILURES: 0,
    }
    assert numbers(ledger.store) == [1, 2, 3, 4]
    parts = [file.path for file in published_files(ledger.store) if file.table == "invoice"]
    assert parts == [f"invoice/run=r1/part-0000{number}.{form.extension}" for number in (0, 1)]
    assert not ledger.store.files(".staging")
    assert json.loads(ledger.store.read("_runs/r1.json"))["rows"] == {"invoice": 4, FAILURES: 0}


def test_rows_that_take_much_memory_go_into_several_files(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "MAX_FILE_BYTES", rows(1).nbytes)
    for number in (3, 1, 2):
        ledger.stage(JOBS, rows(number), "r1")
    publish(ledger, [JOBS], manifest("r1"), BIG)
    assert len(list(published_files(ledger.store))) == 3
    assert numbers(ledger.store) == [1, 2, 3]


def test_rows_of_an_interrupted_run_get_the_id_of_the_run_that_publishes_them(ledger: Ledger) -> None:
    ledger.stage(JOBS, rows(1), "killed")
    publish(ledger, [JOBS], manifest("r2"), BIG)
    with ledger.store.open("invoice/run=r2/part-00000.parquet") as file:
        assert pq.read_table(file)["run_id"].to_pylist() == ["r2"]


def test_done_keys_come_from_staging_and_from_published_runs(ledger: Ledger) -> None:
    ledger.stage(JOBS, rows(1), "r1")
    ledger.stage(FAILED, rows(2, table=FAILED), "r1")
    publish(ledger, [JOBS, FAILED], manifest("r1"), BIG)
    ledger.stage(JOBS, rows(3), "r2")
    done = ledger.done_keys()
    assert done.records == {key(1), key(3)}
    assert done.failures == {key(2).failed_under("l1m1t")}


def test_a_crash_before_any_single_step_of_publishing_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    steps = 0
    finished = False
    while not finished:
        real = open_store(str(tmp_path / f"{steps}"))
        before = Ledger(real, Open())
        before.stage(JOBS, rows(1, 2), "r1")
        before.stage(JOBS, rows(3), "r1")
        before.stage(FAILED, rows(4, table=FAILED), "r1")
        crashing = Ledger(CrashingStore(real, steps), Open())
        try:
            publish(crashing, [JOBS, FAILED], manifest("r1"), PublishAs(parquet.FORMAT, rows_per_file=2))
            finished = True
        except Crash:
            assert numbers(real) in ([], [1, 2, 3])
        again = Ledger(real, Open())
        again.recover()
        if again.staged_rows(JOBS):
            publish(again, [JOBS, FAILED], manifest("r2"), BIG)
        assert numbers(real) == [1, 2, 3]
        assert numbers(real, FAILURES) == [4]
        assert {run for run, _ in published(real)} <= ({"r1"} if finished else {"r1", "r2"})
        assert not real.files(".staging")
        steps += 1
    assert steps > 8


def test_a_crash_while_a_crash_is_mended_changes_nothing_either(tmp_path: Path) -> None:
    for steps in range(8):
        real = open_store(str(tmp_path / f"{steps}"))
        Ledger(real, Open()).stage(JOBS, rows(1), "r1")
        committed = Ledger(CrashingStore(real, 2), Open())  # file, commit
        with pytest.raises(Crash):
            publish(committed, [JOBS], manifest("r1"), BIG)
        assert real.exists(".staging/.publishing/r1/_commit.json")
        try:
            Ledger(CrashingStore(real, steps), Open()).recover()
        except Crash:
            assert published(real) in ([], [("r1", 1)])
        Ledger(real, Open()).recover()
        assert published(real) == [("r1", 1)]
        assert not real.files(".staging")


def test_nothing_is_staged_or_decided_once_the_lock_is_another_s(store: Store) -> None:
    Ledger(store, Open()).stage(JOBS, rows(1), "r1")
    fenced_off = Ledger(store, Broken())
    with pytest.raises(OutputError, match="another's"):
        fenced_off.stage(JOBS, rows(2), "r1")
    with pytest.raises(OutputError, match="another's"):
        publish(fenced_off, [JOBS], manifest("r1"), BIG)
    assert numbers(store) == []
    assert not store.files("_runs")


def test_a_key_that_is_staged_twice_is_refused_with_its_name_and_nothing_is_published(ledger: Ledger) -> None:
    ledger.stage(JOBS, rows(1), "r1")
    ledger.stage(FAILED, rows(1, table=FAILED), "r1")
    with pytest.raises(OutputError, match=r"/in/1\.pdf is staged twice"):
        publish(ledger, [JOBS, FAILED], manifest("r1"), BIG)
    assert numbers(ledger.store) == []


def test_a_file_that_holds_fewer_rows_than_it_should_is_noticed_before_anything_is_published(ledger: Ledger) -> None:
    def forgetful(table: pa.Table, file: BinaryIO) -> None:
        parquet.FORMAT.write(table.slice(1), file)

    ledger.stage(JOBS, rows(1, 2), "r1")
    with pytest.raises(OutputError, match="holds 1 rows, not 2"):
        publish(ledger, [JOBS], manifest("r1"), PublishAs(replace(parquet.FORMAT, write=forgetful), 1000))
    assert numbers(ledger.store) == []
    assert ledger.staged_rows(JOBS) == 2


def test_withdrawn_questions_leave_staging_and_their_neighbours_stay(ledger: Ledger) -> None:
    ledger.stage(FAILED, rows(1, 2, table=FAILED), "r1")
    ledger.stage(FAILED, rows(3, table=FAILED), "r1")
    ledger.withdraw(FAILED, frozenset({key(1), key(3)}))
    assert ledger.done_keys().failures == {key(2).failed_under("l1m1t")}
    assert len(ledger.staged(FAILED)) == 1


def halves(staged: pa.Table) -> dict[str, pa.Table]:
    return {"invoice": staged, "numbers": staged.select(["source_uri", "run_id", "number"])}


def test_rows_that_hold_others_are_published_as_two_tables(ledger: Ledger) -> None:
    nested = Table("invoice", "f00d", SCHEMA, halves)
    ledger.stage(nested, rows(1, 2, 3, 4), "r1")
    how = PublishAs(parquet.FORMAT, rows_per_file=3)
    assert publish(ledger, [nested, FAILED], manifest("r1"), how) == {"invoice": 4, "numbers": 4, FAILURES: 0}
    for table in ("invoice", "numbers"):
        parts = [entry.path for entry in ledger.store.files(table) if entry.path.endswith(".parquet")]
        assert parts == [f"{table}/run=r1/part-0000{number}.parquet" for number in (0, 1)]
    assert ledger.done_keys().records == {key(number) for number in (1, 2, 3, 4)}
    assert {(file.table, file.run_id) for file in published_files(ledger.store)} == {
        ("invoice", "r1"),
        ("numbers", "r1"),
        (FAILURES, "r1"),
    }
