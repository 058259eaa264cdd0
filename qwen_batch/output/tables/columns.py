"""The columns of a table over time: types joined, and rows of an earlier file put to them.

A column or field that only some files have is null in the others. Whole numbers and fractions join to fractions. Other
types that differ have nothing in common. Knows Arrow, nothing of files or outputs.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from qwen_batch.value_paths import EACH, key_path


class NoCommonType(Exception):  # noqa: N818  a value between functions of this package, never the user's
    """A column or field has two types that nothing joins: its path, and both."""

    def __init__(self, path: str, one: pa.DataType, other: pa.DataType) -> None:
        super().__init__(f"{path} is {one} and {other}")
        self.path = path
        self.one = one
        self.other = other


def joined(schemas: Iterable[pa.Schema], *, untyped: bool = False) -> pa.Schema:
    """All columns of the schemas, in the order in which they first come. Raises NoCommonType.

    `untyped` says that all but the first are guessed from JSON: a text there may be a day or a time, a number any.
    """
    found: dict[str, pa.DataType] = {}
    for schema in schemas:
        for field in schema:
            known = found.get(field.name)
            found[field.name] = field.type if known is None else _join(field.name, known, field.type, untyped)
    return pa.schema(list(found.items()))


def with_columns(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The rows with exactly these columns and fields, null where they have none. Raises NoCommonType."""
    names = set(rows.schema.names)
    columns = [
        _put(field.name, rows[field.name], field.type) if field.name in names else pa.nulls(len(rows), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _join(path: str, one: pa.DataType, other: pa.DataType, untyped: bool) -> pa.DataType:
    if one.equals(other) or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if pa.types.is_struct(one) and pa.types.is_struct(other):
        fields = {field.name: field.type for field in one}
        for field in other:
            inner, known = key_path(path, field.name), fields.get(field.name)
            fields[field.name] = field.type if known is None else _join(inner, known, field.type, untyped)
        return pa.struct(list(fields.items()))
    if pa.types.is_list(one) and pa.types.is_list(other):
        return pa.list_(_join(path + EACH, one.value_type, other.value_type, untyped))
    if untyped and ((pa.types.is_string(other) and pa.types.is_temporal(one)) or _holds(one, other)):
        return one
    if _is_number(one) and _is_number(other):
        return _wider(one, other)
    raise NoCommonType(path, one, other)


def _is_number(one: pa.DataType) -> bool:
    return bool(pa.types.is_integer(one) or pa.types.is_floating(one))


def _holds(one: pa.DataType, guessed: pa.DataType) -> bool:
    fractions = pa.types.is_floating(guessed) and not pa.types.is_floating(one)
    return _is_number(one) and _is_number(guessed) and not fractions


def _wider(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    if pa.types.is_floating(one) != pa.types.is_floating(other):
        return pa.float64()
    return max(one, other, key=lambda number: number.bit_width)


def _put(path: str, column: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    if column.type.equals(wanted):
        return column
    return pa.chunked_array([_put_array(path, chunk, wanted) for chunk in column.chunks], type=wanted)


def _put_array(path: str, array: pa.Array, wanted: pa.DataType) -> pa.Array:
    present = array.type
    if present.equals(wanted):
        return array
    if pa.types.is_null(present):
        return pa.nulls(len(array), wanted)
    if pa.types.is_struct(present) and pa.types.is_struct(wanted):
        fields = [_field(path, array, field) for field in wanted]
        return pa.StructArray.from_arrays(fields, fields=list(wanted), mask=array.is_null())
    if pa.types.is_list(present) and pa.types.is_list(wanted):
        values = _put_array(path + EACH, array.flatten(), wanted.value_type)
        ends = pc.cumulative_sum(pc.fill_null(pc.list_value_length(array), 0))
        starts = pa.concat_arrays([pa.array([0], pa.int32()), ends.cast(pa.int32())])
        return pa.ListArray.from_arrays(starts, values, type=wanted, mask=array.is_null())
    if _is_number(present) and _is_number(wanted):
        return array.cast(wanted, safe=pa.types.is_integer(wanted))
    raise NoCommonType(path, present, wanted)


def _field(path: str, array: pa.StructArray, field: pa.Field) -> pa.Array:
    place = array.type.get_field_index(field.name)
    if place < 0:
        return pa.nulls(len(array), field.type)
    return _put_array(key_path(path, field.name), pc.struct_field(array, place), field.type)
