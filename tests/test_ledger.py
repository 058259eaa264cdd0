"""ledger: what is staged counts, what has no manifest does not, and one writer at a time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from qwen_batch.errors import OutputError
from qwen_batch.ledger import FAILURES, KEY_SCHEMA, Key, Ledger, Table, locked, published_files
from qwen_batch.sinks import jsonl, parquet

SCHEMA = pa.schema([*KEY_SCHEMA, ("run_id", pa.string()), ("number", pa.int64())])
JOBS = Table("invoice", "f00d", SCHEMA)
FAILED = Table(FAILURES, "all", SCHEMA)


def rows(*numbers: int, table: Table = JOBS) -> pa.Table:
    items = [
        {
            "doc_id": f"d{number}",
            "source_uri": f"/in/{number}.pdf",
            "job": "invoice",
            "job_fingerprint": table.shape,
            "run_id": "draft",
            "number": number,
        }
        for number in numbers
    ]
    return pa.Table.from_pylist(items, schema=SCHEMA)


def key(number: int, shape: str = "f00d") -> Key:
    return Key(f"d{number}", f"/in/{number}.pdf", "invoice", shape)


@pytest.fixture(params=[parquet.SINK, jsonl.SINK], ids=lambda sink: sink.name)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Ledger:
    return Ledger(tmp_path, request.param, rows_per_file=3)


def published_numbers(ledger: Ledger, table: str = "invoice") -> list[int]:
    numbers: list[int] = []
    for manifest in sorted(ledger.output.glob(f"{table}/run=*/_manifest.json")):
        for file in json.loads(manifest.read_text())["files"]:
            with (manifest.parent / file["name"]).open("rb") as opened:
                part = ledger.sink.read(opened, pa.schema([("number", pa.int64())]))
            assert len(part) == file["rows"]
            numbers += part["number"].to_pylist()
    return sorted(numbers)


def test_staged_rows_are_published_once_and_in_files_of_the_asked_size(ledger: Ledger) -> None:
    ledger.stage(JOBS, rows(1, 2), "r1")
    ledger.stage(JOBS, rows(3, 4), "r1")
    assert ledger.publish([JOBS, FAILED], "r1", {}) == {"invoice": 4, FAILURES: 0}
    assert published_numbers(ledger) == [1, 2, 3, 4]
    assert len(list(ledger.output.glob(f"invoice/run=r1/part-*.{ledger.sink.extension}"))) == 2
    assert not list(ledger.output.glob(".staging/*/*/*.parquet"))
    assert not list(ledger.output.rglob("*.tmp"))


def test_run_id_of_rows_from_an_interrupted_run_becomes_that_of_the_publishing_run(ledger: Ledger) -> None:
    ledger.stage(JOBS, rows(1), "killed")
    ledger.publish([JOBS], "r2", {})
    (file,) = ledger.output.glob("invoice/run=r2/part-*")
    with file.open("rb") as opened:
        assert ledger.sink.read(opened, pa.schema([("run_id", pa.string())])).to_pylist() == [{"run_id": "r2"}]


def test_done_keys_come_from_staging_and_from_published_runs(ledger: Ledger) -> None:
    ledger.stage(JOBS, rows(1), "r1")
    ledger.stage(FAILED, rows(2, table=FAILED), "r1")
    ledger.publish([JOBS, FAILED], "r1", {})
    ledger.stage(JOBS, rows(3), "r2")
    done = ledger.done_keys()
    assert done.records == {key(1), key(3)}
    assert done.failures == {key(2, "all")}


def test_a_run_without_its_manifest_is_taken_back_and_its_staged_rows_stay(ledger: Ledger) -> None:
    ledger.stage(JOBS, rows(1, 2), "r1")

    def crash(_run: str, _content: object) -> None:
        raise KeyboardInterrupt

    ledger._write_manifest = crash  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        ledger.publish([JOBS], "r1", {})
    assert published_numbers(ledger) == [1, 2]

    again = Ledger(ledger.output, ledger.sink, 3)
    again.recover()
    assert published_numbers(again) == []
    assert again.publish([JOBS], "r2", {}) == {"invoice": 2}
    assert published_numbers(again) == [1, 2]


def test_staged_rows_that_a_committed_run_holds_are_dropped_after_a_crash(ledger: Ledger) -> None:
    ledger.stage(JOBS, rows(1), "r1")
    (shard,) = ledger.output.glob(".staging/invoice/f00d/*.parquet")
    copy = shard.read_bytes()
    ledger.publish([JOBS], "r1", {})
    shard.write_bytes(copy)  # as if the process had died between the manifest and the clean-up
    ledger.recover()
    assert ledger.staged_rows(JOBS) == 0
    assert published_numbers(ledger) == [1]


def test_half_written_shards_do_not_count(ledger: Ledger) -> None:
    ledger.stage(JOBS, rows(1), "r1")
    half = ledger.output / ".staging/invoice/f00d/r1-000009.parquet.tmp"
    half.write_bytes(b"PAR1")
    ledger.recover()
    assert not half.exists()
    assert ledger.done_keys().records == {key(1)}


def test_a_second_run_is_refused_with_the_name_of_the_first(tmp_path: Path) -> None:
    with locked(tmp_path, "first-run"), pytest.raises(OutputError, match="first-run"), locked(tmp_path, "second"):
        pytest.fail("two runs hold one output")
    with locked(tmp_path, "third"):
        pass


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from qwen_batch.ledger import locked\n"
        "with locked(pathlib.Path(sys.argv[1]), 'killed'): os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert done.returncode == -9
    with locked(tmp_path, "next"):
        pass


def halves(staged: pa.Table) -> dict[str, pa.Table]:
    return {"invoice": staged, "numbers": staged.select(["source_uri", "run_id", "number"])}


def test_rows_that_hold_others_are_published_as_two_tables_in_the_flat_layout(tmp_path: Path) -> None:
    nested = Table("invoice", "f00d", SCHEMA, halves)
    flat = Ledger(tmp_path, parquet.SINK, rows_per_file=3, flat=True)
    flat.stage(nested, rows(1, 2, 3, 4), "r1")
    assert flat.publish([nested, FAILED], "r1", {}) == {"invoice": 4, "numbers": 4, FAILURES: 0}
    for table in ("invoice", "numbers"):
        parts = sorted(file.name for file in (tmp_path / table).glob("*.parquet"))
        assert parts == ["part-r1-00000.parquet", "part-r1-00001.parquet"]
    assert flat.done_keys().records == {key(number) for number in (1, 2, 3, 4)}
    assert {(file.table, file.run_id) for file in published_files(tmp_path)} == {
        ("invoice", "r1"),
        ("numbers", "r1"),
        (FAILURES, "r1"),
    }


def test_a_flat_publishing_that_did_not_reach_its_manifest_is_taken_back(tmp_path: Path) -> None:
    nested = Table("invoice", "f00d", SCHEMA, halves)
    flat = Ledger(tmp_path, parquet.SINK, rows_per_file=3, flat=True)
    for run_id, numbers in (("r1", (1, 2)), ("r2", (3,))):
        flat.stage(nested, rows(*numbers), run_id)
        flat.publish([nested], run_id, {})
    (tmp_path / "_runs" / "r2.json").unlink()
    assert {file.run_id for file in published_files(tmp_path)} == {"r1"}
    flat.recover()
    left = sorted(file.name for table in ("invoice", "numbers") for file in (tmp_path / table).iterdir())
    assert left == ["_manifest-r1.json", "_manifest-r1.json", "part-r1-00000.parquet", "part-r1-00000.parquet"]
