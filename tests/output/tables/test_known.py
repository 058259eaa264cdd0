"""known: what an output knows of its tables, and runs that would make readers see half of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from helpers.tables import JOB, job_table, make_former, publish_run, rows_of

from qwen_batch.errors import OutputError, QwenBatchError, UsageError
from qwen_batch.output.format import FORMATS
from qwen_batch.output.layout import FAILURES, Table, open_output, published_files, run_manifests
from qwen_batch.output.record_table import FAILURE_TABLE
from qwen_batch.output.tables.former import tidy
from qwen_batch.output.tables.known import check_run, known_table, prefer, schema_of
from qwen_batch.output.tables.rows import read_published
from qwen_batch.storage.places import Store

NAMED = pa.struct([("name", pa.string())])
WHOLE = job_table(("total", pa.int64()), ("day", pa.date32()))
FRACTION = job_table(("total", pa.float64()), shape="beef")
A = {"total": 3, "day": date(2024, 2, 29)}


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "s3":
        return open_output(f"{request.getfixturevalue('s3_bucket')}/out")
    return open_output(str(tmp_path / "out"))


@pytest.fixture(params=["parquet", "jsonl"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def other(form: str) -> str:
    return "jsonl" if form == "parquet" else "parquet"


def contents(store: Store) -> dict[str, bytes]:
    return {entry.path: store.read(entry.path) for entry in store.files()}


def refused(store: Store, form: str, *tables: Table) -> QwenBatchError:
    before = contents(store)
    with pytest.raises(QwenBatchError) as caught:
        check_run(store, form, [*tables, FAILURE_TABLE])
    assert contents(store) == before, "nothing may be written"
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize("former", [False, True])
def test_a_run_in_another_format_was_accepted_and_readers_saw_half_of_the_rows(
    store: Store, form: str, former: bool
) -> None:
    publish_run(store, WHOLE, rows_of(WHOLE, a=A), "r1", form)
    if former:
        make_former(store)
    check_run(store, form, [WHOLE, FAILURE_TABLE])
    error = refused(store, other(form), WHOLE)
    assert isinstance(error, UsageError)
    assert f"are in {form}, this run's would be in {other(form)}" in error.message
    assert f"--format {form}" in error.remedy
    refused(store, other(form), Table("another job", "x", WHOLE.schema))  # its failures would lie beside


def test_an_output_that_has_both_formats_is_refused_in_either(store: Store, form: str) -> None:
    publish_run(store, WHOLE, rows_of(WHOLE, a=A), "r1", form)
    publish_run(store, WHOLE, rows_of(WHOLE, b=A), "r2", other(form))
    make_former(store)
    for chosen in (form, other(form)):
        error = refused(store, chosen, WHOLE)
        assert isinstance(error, OutputError)
        assert "it has tables in jsonl and in parquet" in error.message
    assert sorted(read_published(store, JOB)["document"].to_pylist()) == ["a.pdf", "b.pdf"]


CHANGES = {
    "text to struct": ((pa.string(), "x"), NAMED, "result.payment"),
    "struct to text": ((NAMED, {"name": "x"}), pa.string(), "result.payment"),
    "in a struct": ((NAMED, {"name": "x"}), pa.struct([("name", pa.list_(pa.string()))]), "result.payment.name"),
}


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize("change", CHANGES)
def test_a_field_whose_type_has_nothing_in_common_with_what_it_was_is_refused(
    store: Store, form: str, former: bool, change: str
) -> None:
    (kind, value), now, path = CHANGES[change]
    first = job_table(("payment", kind))
    publish_run(store, first, rows_of(first, a={"payment": value}), "r1", form)
    if former:
        make_former(store)
    error = refused(store, form, job_table(("payment", now), shape="beef"))
    assert f"invoice: {path} is " in error.message
    assert error.message.index("in runs before") < error.message.index("in this one")
    assert "another name" in error.remedy


def test_whole_numbers_widen_to_fractions_and_stay_so(store: Store, form: str) -> None:
    publish_run(store, WHOLE, rows_of(WHOLE, a=A), "r1", form)
    for number, table in enumerate([FRACTION, WHOLE], 2):
        check_run(store, form, [table, FAILURE_TABLE])
        publish_run(store, table, rows_of(table, **{f"d{number}": {"total": number}}), f"r{number}", form)
    rows = read_published(store, JOB)
    assert rows.schema.field("result").type == pa.struct([("total", pa.float64()), ("day", pa.date32())])
    assert [row["total"] for row in rows["result"].to_pylist()] == [3.0, 2.0, 3.0]


def test_every_new_file_has_the_columns_of_all_runs(store: Store) -> None:
    publish_run(store, WHOLE, rows_of(WHOLE, a=A), "r1")
    publish_run(store, FRACTION, rows_of(FRACTION, b={"total": 0.5}), "r2")
    known = known_table(store, JOB)
    (newest,) = (file for file in published_files(store) if (file.table, file.run_id) == (JOB, "r2"))
    with store.open(newest.path) as opened:
        assert FORMATS.load("parquet").schema(opened) == schema_of(known)


def test_the_file_says_format_columns_and_how_often_they_changed(store: Store, form: str) -> None:
    for run_id, table, version in (("r1", WHOLE, 1), ("r2", WHOLE, 1), ("r3", FRACTION, 2), ("r4", WHOLE, 2)):
        publish_run(store, table, rows_of(table, **{run_id: {"total": 1}}), run_id, form)
        known = known_table(store, JOB)
        assert (known.format, known.staged_as, known.schema_version, known.guessed) == (form, JOB, version, False)
        assert run_manifests(store)[-1].tables[JOB].schema_version == version
    (result,) = (column for column in known.columns if column.name == "result")
    assert result.arrow == {"struct": {"total": "double", "day": "date32[day]"}}
    assert result.duckdb == 'STRUCT("total" DOUBLE, "day" DATE)'


def test_the_present_settings_are_kept_by_the_next_publication(store: Store) -> None:
    publish_run(store, WHOLE, rows_of(WHOLE, a=A), "r1")
    prefer(store, {JOB: "f00d"})
    publish_run(store, WHOLE, rows_of(WHOLE, b=A), "r2")
    assert known_table(store, JOB).job_fingerprint == "f00d"
    assert known_table(store, FAILURES).job_fingerprint is None


def test_what_json_lines_of_the_version_before_look_like_gives_way_to_the_job_s_types(store: Store) -> None:
    publish_run(store, WHOLE, rows_of(WHOLE, a=A), "r1", "jsonl")
    make_former(store)
    tidy(store)
    assert known_table(store, JOB).guessed
    check_run(store, "jsonl", [WHOLE, FAILURE_TABLE])
    publish_run(store, WHOLE, rows_of(WHOLE, b=A), "r2", "jsonl")
    assert not known_table(store, JOB).guessed
    assert read_published(store, JOB)["result"].to_pylist() == [A, A]
