"""formats: one contract for every format, and JSONL rows that equal the Parquet rows."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from qwen_batch.output.format import FileFormat
from qwen_batch.output.tables.type_text import duckdb_type
from qwen_batch.plugins import load_plugin, plugin_names

NAMES = plugin_names("qwen_batch.output.formats")
SCHEMA = pa.schema(
    [
        ("doc_id", pa.string()),
        ("pages", pa.int32()),
        ("size", pa.int64()),
        ("score", pa.float32()),
        ("scanned", pa.bool_()),
        ("warnings", pa.list_(pa.string())),
        ("party", pa.struct([("name", pa.string()), ("age", pa.int64())])),
        ("boxes", pa.list_(pa.struct([("x0", pa.float32())]))),
    ]
)
ROWS: list[dict[str, Any]] = [
    {
        "doc_id": "合同 “A”\n\u2028\t\\",
        "pages": 3,
        "size": 2**40,
        "score": 0.1,
        "scanned": True,
        "warnings": ["a", "b"],
        "party": {"name": "Acme", "age": None},
        "boxes": [{"x0": 0.5}],
    },
    {**dict.fromkeys(SCHEMA.names), "doc_id": "nothing else"},
    {**dict.fromkeys(SCHEMA.names), "doc_id": "", "warnings": [], "boxes": [], "party": {"name": None, "age": 2}},
]
DATED = pa.schema(
    [
        ("doc_id", pa.string()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("result", pa.struct([("day", pa.date32()), ("days", pa.list_(pa.date32()))])),
        ("score", pa.float32()),
    ]
)


DATED_ROWS: list[dict[str, Any]] = [
    {
        "doc_id": "合同",
        "at": dt.datetime(2026, 3, 1, 12, 30, 0, 5, tzinfo=dt.UTC),
        "result": {"day": dt.date(2024, 2, 29), "days": [dt.date(1, 1, 1), None]},
        "score": 0.1,
    },
    dict.fromkeys(DATED.names),
]


@pytest.fixture(params=NAMES)
def form(request: pytest.FixtureRequest) -> FileFormat:
    return load_plugin("qwen_batch.output.formats", request.param, "FORMAT")


def table(rows: list[dict[str, Any]] = ROWS, schema: pa.Schema = SCHEMA) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=schema)


def written(form: FileFormat, rows: pa.Table) -> io.BytesIO:
    file = io.BytesIO()
    form.write(rows, file)
    file.seek(0)
    return file


def test_parquet_and_jsonl_are_there() -> None:
    assert {"parquet", "jsonl"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_sink_is_called_like_its_file_and_has_an_extension(name: str) -> None:
    form = load_plugin("qwen_batch.output.formats", name, "FORMAT")
    assert isinstance(form, FileFormat)
    assert form.name == name
    assert re.fullmatch(r"[a-z0-9]+(\.[a-z0-9]+)*", form.extension)


def test_rows_come_back_as_they_went_in(form: FileFormat) -> None:
    back = form.read(written(form, table()), SCHEMA)
    assert back.schema.equals(SCHEMA)
    assert back.equals(table())


def test_an_empty_table_comes_back_empty_with_its_schema(form: FileFormat) -> None:
    back = form.read(written(form, table([])), SCHEMA)
    assert back.num_rows == 0
    assert back.schema.equals(SCHEMA)


def test_some_columns_can_be_read_alone_in_another_order(form: FileFormat) -> None:
    wanted = pa.schema([SCHEMA.field("size"), SCHEMA.field("doc_id")])
    back = form.read(written(form, table()), wanted)
    assert back.equals(table().select(["size", "doc_id"]))


def test_the_file_says_how_many_rows_it_holds(form: FileFormat) -> None:
    for rows in (table(), table([]), table().slice(1)):
        assert form.count(written(form, rows)) == len(rows)


def test_a_column_of_nothing_but_nulls_keeps_the_type_that_is_asked_for(form: FileFormat) -> None:
    rows = table([dict.fromkeys(SCHEMA.names)] * 3)
    back = form.read(written(form, rows), SCHEMA)
    assert back.equals(rows)


def test_days_times_and_numbers_come_back_to_the_last_bit(form: FileFormat) -> None:
    back = form.read(written(form, table(DATED_ROWS, DATED)), DATED)
    assert back.equals(table(DATED_ROWS, DATED))


def test_a_column_that_a_file_lacks_is_null(form: FileFormat) -> None:
    newer = DATED.append(pa.field("later", pa.list_(pa.string())))
    back = form.read(written(form, table(DATED_ROWS, DATED)), newer)
    assert back["later"].null_count == len(DATED_ROWS)
    assert back.drop_columns(["later"]).equals(table(DATED_ROWS, DATED))


def test_a_field_that_a_file_lacks_is_null_and_one_that_is_not_asked_for_is_left_out(form: FileFormat) -> None:
    party = pa.struct([("role", pa.string()), ("age", pa.float64())])
    wanted = pa.schema([("party", party), ("boxes", pa.list_(pa.struct([("x0", pa.float32()), ("x1", pa.float32())])))])
    back = form.read(written(form, table()), wanted)
    assert back.schema.equals(wanted)
    assert back["party"].to_pylist() == [{"role": None, "age": None}, None, {"role": None, "age": 2.0}]
    assert back["boxes"].to_pylist() == [[{"x0": 0.5, "x1": None}], None, []]


def test_fractions_that_are_whole_read_as_the_whole_numbers_that_are_asked_for(form: FileFormat) -> None:
    rows = table([{"total": 3.0}, {"total": None}], pa.schema([("total", pa.float64())]))
    back = form.read(written(form, rows), pa.schema([("total", pa.int64())]))
    assert back["total"].to_pylist() == [3, None]


def test_a_file_says_its_columns(form: FileFormat) -> None:
    found = form.schema(written(form, table(DATED_ROWS, DATED)))
    assert found.names == DATED.names
    assert found.equals(DATED) or not form.keeps_types


def test_without_a_schema_all_columns_are_read_with_their_types_if_the_file_keeps_them(form: FileFormat) -> None:
    back = form.read(written(form, table(DATED_ROWS, DATED)), None)
    assert back.column_names == DATED.names
    assert back.num_rows == len(DATED_ROWS)
    assert back.schema.equals(DATED) or not form.keeps_types


def test_duckdb_reads_files_by_a_pattern(form: FileFormat, tmp_path: Path) -> None:
    folder = tmp_path / "it's 合同"
    folder.mkdir()
    for number, rows in enumerate((table(), table().slice(1))):
        (folder / f"part-{number}.{form.extension}").write_bytes(written(form, rows).getvalue())
    pattern = str(folder / f"part-*.{form.extension}").replace("'", "''")
    columns = ", ".join(f"{field.name}: '{duckdb_type(field.type)}'" for field in SCHEMA)
    scan = form.duckdb_scan.format(f"'{pattern}'", columns=f"{{{columns}}}")
    found = duckdb.sql(f"select doc_id, party.name, len(boxes) from {scan}").fetchall()
    assert len(found) == 2 * len(ROWS) - 1
    assert (ROWS[0]["doc_id"], "Acme", 1) in found


def test_a_slice_writes_its_own_rows_only(form: FileFormat) -> None:
    back = form.read(written(form, table().slice(1, 1)), SCHEMA)
    assert back.column("doc_id").to_pylist() == ["nothing else"]


def test_many_rows_in_several_pieces_keep_their_order(form: FileFormat) -> None:
    schema = pa.schema([("doc_id", pa.string())])
    pieces = [table([{"doc_id": f"{piece}-{row}"} for row in range(1500)], schema) for piece in range(2)]
    rows = pa.concat_tables(pieces)
    assert form.read(written(form, rows), schema).column("doc_id").to_pylist() == rows.column("doc_id").to_pylist()


def test_writing_leaves_the_file_open_for_the_ledger_to_sync(form: FileFormat) -> None:
    file = io.BytesIO()
    form.write(table(), file)
    assert not file.closed


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def test_jsonl_rows_equal_parquet_rows() -> None:
    rows = table(DATED_ROWS, DATED)
    jsonl, parquet = (load_plugin("qwen_batch.output.formats", name, "FORMAT") for name in ("jsonl", "parquet"))
    lines = [json.loads(line) for line in written(jsonl, rows)]
    assert lines == as_json(parquet.read(written(parquet, rows), DATED).to_pylist())
    assert lines[0]["result"]["day"] == "2024-02-29"
    assert lines[0]["at"] == "2026-03-01T12:30:00.000005+00:00"


def test_jsonl_has_a_line_a_row_with_every_column_in_order() -> None:
    text = written(load_plugin("qwen_batch.output.formats", "jsonl", "FORMAT"), table()).getvalue()
    lines = text.split(b"\n")
    assert lines.pop() == b""
    assert len(lines) == len(ROWS)
    assert all(list(json.loads(line)) == SCHEMA.names for line in lines)
    assert "合同".encode() in lines[0]


def test_jsonl_refuses_a_type_without_a_json_form() -> None:
    rows = table([{"price": Decimal("1.50")}], pa.schema([("price", pa.decimal128(8, 2))]))
    with pytest.raises(TypeError, match="Decimal has no JSON form"):
        written(load_plugin("qwen_batch.output.formats", "jsonl", "FORMAT"), rows)
