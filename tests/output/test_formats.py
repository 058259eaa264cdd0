"""formats: one contract for every format, and JSONL rows that equal the Parquet rows."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from qwen_batch.output.format import Sink
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


@pytest.fixture(params=NAMES)
def sink(request: pytest.FixtureRequest) -> Sink:
    return load_plugin("qwen_batch.output.formats", request.param, "SINK")


def table(rows: list[dict[str, Any]] = ROWS, schema: pa.Schema = SCHEMA) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=schema)


def written(sink: Sink, rows: pa.Table) -> io.BytesIO:
    file = io.BytesIO()
    sink.write(rows, file)
    file.seek(0)
    return file


def test_parquet_and_jsonl_are_there() -> None:
    assert {"parquet", "jsonl"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_sink_is_called_like_its_file_and_has_an_extension(name: str) -> None:
    sink = load_plugin("qwen_batch.output.formats", name, "SINK")
    assert isinstance(sink, Sink)
    assert sink.name == name
    assert sink.extension.isalnum()


def test_rows_come_back_as_they_went_in(sink: Sink) -> None:
    back = sink.read(written(sink, table()), SCHEMA)
    assert back.schema.equals(SCHEMA)
    assert back.equals(table())


def test_an_empty_table_comes_back_empty_with_its_schema(sink: Sink) -> None:
    back = sink.read(written(sink, table([])), SCHEMA)
    assert back.num_rows == 0
    assert back.schema.equals(SCHEMA)


def test_some_columns_can_be_read_alone_in_another_order(sink: Sink) -> None:
    wanted = pa.schema([SCHEMA.field("size"), SCHEMA.field("doc_id")])
    back = sink.read(written(sink, table()), wanted)
    assert back.equals(table().select(["size", "doc_id"]))


def test_a_slice_writes_its_own_rows_only(sink: Sink) -> None:
    back = sink.read(written(sink, table().slice(1, 1)), SCHEMA)
    assert back.column("doc_id").to_pylist() == ["nothing else"]


def test_many_rows_in_several_pieces_keep_their_order(sink: Sink) -> None:
    schema = pa.schema([("doc_id", pa.string())])
    pieces = [table([{"doc_id": f"{piece}-{row}"} for row in range(1500)], schema) for piece in range(2)]
    rows = pa.concat_tables(pieces)
    assert sink.read(written(sink, rows), schema).column("doc_id").to_pylist() == rows.column("doc_id").to_pylist()


def test_writing_leaves_the_file_open_for_the_ledger_to_sync(sink: Sink) -> None:
    file = io.BytesIO()
    sink.write(table(), file)
    assert not file.closed


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def test_jsonl_rows_equal_parquet_rows() -> None:
    rows = table(
        [
            {
                "doc_id": "合同",
                "at": dt.datetime(2026, 3, 1, 12, 30, 0, 5, tzinfo=dt.UTC),
                "result": {"day": dt.date(2024, 2, 29), "days": [dt.date(1, 1, 1), None]},
                "score": 0.1,
            },
            dict.fromkeys(DATED.names),
        ],
        DATED,
    )
    jsonl, parquet = (load_plugin("qwen_batch.output.formats", name, "SINK") for name in ("jsonl", "parquet"))
    lines = [json.loads(line) for line in written(jsonl, rows)]
    assert lines == as_json(parquet.read(written(parquet, rows), DATED).to_pylist())
    assert lines[0]["result"]["day"] == "2024-02-29"
    assert lines[0]["at"] == "2026-03-01T12:30:00.000005+00:00"


def test_jsonl_has_a_line_a_row_with_every_column_in_order() -> None:
    text = written(load_plugin("qwen_batch.output.formats", "jsonl", "SINK"), table()).getvalue()
    lines = text.split(b"\n")
    assert lines.pop() == b""
    assert len(lines) == len(ROWS)
    assert all(list(json.loads(line)) == SCHEMA.names for line in lines)
    assert "合同".encode() in lines[0]


def test_jsonl_refuses_a_type_without_a_json_form() -> None:
    rows = table([{"price": Decimal("1.50")}], pa.schema([("price", pa.decimal128(8, 2))]))
    with pytest.raises(TypeError, match="Decimal has no JSON form"):
        written(load_plugin("qwen_batch.output.formats", "jsonl", "SINK"), rows)
