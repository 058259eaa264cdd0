"""columns: types that differ over time are joined deeply, and rows of an earlier file are put to them."""

from __future__ import annotations

import pyarrow as pa
import pytest

from qwen_batch.output.tables.columns import NoCommonType, joined, with_columns

PARTY = pa.struct([("name", pa.string())])
OLD = pa.schema([("result", pa.struct([("total", pa.int64()), ("parties", pa.list_(PARTY))]))])
NEW_PARTY = pa.struct([("role", pa.string()), ("name", pa.string())])
NEW = pa.schema(
    [
        ("model", pa.string()),
        ("result", pa.struct([("parties", pa.list_(NEW_PARTY)), ("total", pa.float64()), ("day", pa.date32())])),
    ]
)
ROWS = [
    {"result": {"total": 3, "parties": [{"name": "甲"}, None]}},
    {"result": None},
    {"result": {"total": None, "parties": None}},
    {"result": {"total": 2**40, "parties": []}},
]


def test_fields_gained_and_lost_stand_in_the_union_in_the_order_in_which_they_came() -> None:
    union = joined([OLD, NEW])
    party = pa.struct([("name", pa.string()), ("role", pa.string())])
    assert union.names == ["result", "model"]
    assert union.field("result").type == pa.struct(
        [("total", pa.float64()), ("parties", pa.list_(party)), ("day", pa.date32())]
    )


@pytest.mark.parametrize("piece", [slice(0, 4), slice(1, 3), slice(3, 4), slice(0, 0)])
def test_rows_of_an_earlier_file_are_null_where_it_had_no_field(piece: slice) -> None:
    rows = pa.concat_tables([pa.Table.from_pylist(ROWS[:2], OLD), pa.Table.from_pylist(ROWS[2:], OLD)])
    rows = rows.slice(piece.start, piece.stop - piece.start)
    union = joined([OLD, NEW])
    found = with_columns(rows, union)
    found.validate(full=True)
    assert found.schema.equals(union)
    assert found.equals(pa.Table.from_pylist(ROWS[piece], union))


def test_a_field_that_a_schema_has_not_is_left_out() -> None:
    narrow = pa.schema([("result", pa.struct([("total", pa.int64())]))])
    assert with_columns(pa.Table.from_pylist(ROWS[:1], OLD), narrow).to_pylist() == [{"result": {"total": 3}}]


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        (pa.int64(), pa.float64(), pa.float64()),
        (pa.float32(), pa.int16(), pa.float64()),
        (pa.int16(), pa.int32(), pa.int32()),
        (pa.null(), pa.list_(PARTY), pa.list_(PARTY)),
        (pa.list_(pa.null()), pa.list_(pa.string()), pa.list_(pa.string())),
    ],
)
def test_numbers_widen_and_what_has_no_type_takes_any(
    one: pa.DataType, other: pa.DataType, common: pa.DataType
) -> None:
    for pair in ((one, other), (other, one)):
        assert joined([pa.schema([("a", kind)]) for kind in pair]).field("a").type == common


@pytest.mark.parametrize(
    ("one", "other", "path"),
    [
        (pa.string(), PARTY, "a"),
        (pa.string(), pa.date32(), "a"),
        (pa.bool_(), pa.int64(), "a"),
        (pa.list_(PARTY), PARTY, "a"),
        (pa.list_(PARTY), pa.list_(pa.struct([("name", pa.int64())])), "a[].name"),
    ],
)
def test_types_without_a_common_one_are_named_with_their_path(one: pa.DataType, other: pa.DataType, path: str) -> None:
    for pair in ((one, other), (other, one)):
        with pytest.raises(NoCommonType) as caught:
            joined([pa.schema([("a", kind)]) for kind in pair])
        assert caught.value.path == path
    with pytest.raises(NoCommonType):
        with_columns(pa.table({"a": pa.nulls(1, one)}), pa.schema([("a", other)]))


def test_what_json_looks_like_gives_way_to_what_a_job_declares() -> None:
    declared = pa.schema([("day", pa.date32()), ("score", pa.float32()), ("pages", pa.int32()), ("note", pa.string())])
    guessed = pa.schema([("pages", pa.int64()), ("score", pa.float64()), ("day", pa.string()), ("note", pa.null())])
    assert joined([declared, guessed], untyped=True) == declared
    with pytest.raises(NoCommonType):
        joined([declared, pa.schema([("note", PARTY)])], untyped=True)
