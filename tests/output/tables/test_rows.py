"""rows: a table whose job changed reads as one, typed, in Parquet and JSONL, in a folder and on S3."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from helpers.stores import Crash, CrashingStore
from helpers.tables import JOB, SINCE, Open, job_table, make_former, publish_run, rows_of

from qwen_batch.errors import OutputError
from qwen_batch.output.layout import FAILURES, open_output
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.record_table import FAILURE_SCHEMA, FAILURE_TABLE
from qwen_batch.output.tables.rows import read_published
from qwen_batch.storage.places import Store

NAMED = pa.struct([("name", pa.string())])
FIRST = job_table(("total", pa.int64()), ("day", pa.date32()), ("parties", pa.list_(NAMED)))
GAINED = job_table(
    ("day", pa.date32()),
    ("amount", pa.float64()),
    ("total", pa.float64()),
    ("parties", pa.list_(pa.struct([("name", pa.string()), ("role", pa.string())]))),
    shape="beef",
)
A = {"total": 3, "day": date(2024, 2, 29), "parties": [{"name": "甲"}]}
B = {"day": None, "amount": 1.5, "total": 2.5, "parties": [{"name": "B", "role": "buyer"}]}

MAX_STEPS = 60


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "s3":
        return open_output(f"{request.getfixturevalue('s3_bucket')}/out")
    return open_output(str(tmp_path / "out"))


@pytest.fixture(params=["parquet", "jsonl"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def results(store: Store) -> dict[str, object]:
    rows = read_published(store, JOB)
    rows.validate(full=True)
    return dict(zip(rows["document"].to_pylist(), rows["result"].to_pylist(), strict=True))


def test_a_job_that_gained_a_field_gave_null_for_its_new_rows_or_an_error(store: Store, form: str) -> None:
    publish_run(store, FIRST, rows_of(FIRST, a=A), "r1", form)
    publish_run(store, GAINED, rows_of(GAINED, b=B), "r2", form)
    assert results(store) == {
        "a.pdf": {"total": 3.0, "day": A["day"], "parties": [{"name": "甲", "role": None}], "amount": None},
        "b.pdf": {"total": 2.5, "day": None, "parties": B["parties"], "amount": 1.5},
    }


def test_a_job_that_is_as_it_was_keeps_the_fields_that_it_had_in_between(store: Store, form: str) -> None:
    for number, (table, result) in enumerate([(FIRST, A), (GAINED, B), (FIRST, A)], 1):
        publish_run(store, table, rows_of(table, **{f"d{number}": result}), f"r{number}", form)
    found = results(store)
    assert found["d1.pdf"] == found["d3.pdf"]
    assert found["d2.pdf"]["amount"] == 1.5


def test_an_empty_table_and_a_column_of_nulls_had_no_types_in_json_lines(store: Store, form: str) -> None:
    nothing = dict.fromkeys(A)
    publish_run(store, FIRST, rows_of(FIRST, a=nothing), "r1", form)
    rows = read_published(store, JOB)
    assert rows.schema.field("result").type == FIRST.schema.field("result").type
    assert rows["result"].to_pylist() == [nothing]
    failures = read_published(store, FAILURES)
    assert (len(failures), failures.schema) == (0, FAILURE_SCHEMA)


@pytest.mark.parametrize("flat", [False, True])
def test_rows_of_the_version_before_read_as_they_were(store: Store, form: str, flat: bool) -> None:
    publish_run(store, FIRST, rows_of(FIRST, a=A), "r1", form)
    before = read_published(store, JOB)
    make_former(store, flat=flat)
    found = read_published(store, JOB)
    assert found["document"].to_pylist() == ["a.pdf"]
    assert [moment.isoformat() for moment in found["published_at"].to_pylist()] == ["2026-01-01T00:00:00+00:00"]
    same = ["doc_id", "source_uri", "run_id", "processed_at"]
    assert found.select(same).equals(before.select(same))
    (result,) = found["result"].to_pylist()
    assert result == A | ({"day": "2024-02-29"} if form == "jsonl" else {}), "JSON Lines had no types"


def test_files_of_the_version_before_that_nothing_joins_are_named_with_a_remedy(store: Store) -> None:
    for run_id, kind, value in (("r1", pa.string(), "x"), ("r2", NAMED, {"name": "x"})):
        table = job_table(("payment", kind), shape=run_id)
        other = open_output(f"{store.root}-{run_id}")
        publish_run(other, table, rows_of(table, a={"payment": value}), run_id)
        make_former(other)
        for entry in other.files():
            content = other.read(entry.path)
            store.put(entry.path, lambda file, content=content: file.write(content))
    with pytest.raises(OutputError, match=r"invoice: result\.payment is string in some files and struct.* in others"):
        read_published(store, JOB)


def test_an_unknown_table_is_named(store: Store) -> None:
    with pytest.raises(OutputError, match="no published table 'nothing'"):
        read_published(store, "nothing")


def test_a_crash_at_any_step_of_a_publication_that_adds_a_field_leaves_a_table_that_reads(
    tmp_path: Path, form: str
) -> None:
    for steps in range(MAX_STEPS):
        real = open_output(str(tmp_path / f"{steps}"))
        publish_run(real, FIRST, rows_of(FIRST, a=A), "r1", form)
        Ledger(real, Open()).stage(GAINED, rows_of(GAINED, b=B), "r2")
        done = False
        try:
            publish_run(CrashingStore(real, steps), GAINED, GAINED.schema.empty_table(), "r2", form)
            done = True
        except Crash:
            assert set(results(real)) in ({"a.pdf"}, {"a.pdf", "b.pdf"})
        Ledger(real, Open()).recover()
        if "b.pdf" not in results(real):
            publish_run(real, GAINED, GAINED.schema.empty_table(), "r3", form)
        assert results(real)["a.pdf"] == {**A, "total": 3.0, "parties": [{"name": "甲", "role": None}], "amount": None}
        assert results(real)["b.pdf"] == B
        if done:
            assert steps > 8
            return
    pytest.fail(f"not through after {MAX_STEPS} steps")


def test_failures_that_the_version_before_had_staged_are_published_with_the_columns_of_now(store: Store) -> None:
    former = FAILURE_SCHEMA
    for name in SINCE:
        former = former.remove(former.get_field_index(name))
    row = dict.fromkeys(former.names) | {"doc_id": "d", "source_uri": "/in/c.pdf", "job": JOB, "job_fingerprint": "f-l"}
    ledger = Ledger(store, Open())
    ledger.stage(FAILURE_TABLE, pa.Table.from_pylist([row], schema=former), "killed")
    publish_run(store, FIRST, rows_of(FIRST, a=A), "r1")
    (found,) = read_published(store, FAILURES).to_pylist()
    (answer,) = read_published(store, JOB).to_pylist()
    assert (found["document"], found["run_id"]) == ("c.pdf", "r1")
    assert found["published_at"] == answer["published_at"]
