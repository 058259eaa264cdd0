"""Column types as text: Arrow's in a form that JSON holds and people read, and DuckDB's for its SQL.

A scalar is its Arrow name, a list {"list": type}, a struct {"struct": {field: type}} in the order of its fields.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

SCALARS = {
    pa.null(): "VARCHAR",
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP WITH TIME ZONE",
}
"""The scalar types that a table can have, with those of DuckDB; a column without a type is null everywhere."""
_BY_NAME = {str(scalar): scalar for scalar in SCALARS}


def arrow_to_json(one: pa.DataType) -> Any:
    """A type as its JSON form."""
    if pa.types.is_struct(one):
        return {"struct": {field.name: arrow_to_json(field.type) for field in one}}
    return {"list": arrow_to_json(one.value_type)} if pa.types.is_list(one) else str(one)


def json_to_arrow(form: Any) -> pa.DataType:
    """The type of a JSON form. Raises ValueError for one that is none."""
    match form:
        case {"struct": dict(fields)}:
            return pa.struct([(name, json_to_arrow(one)) for name, one in fields.items()])
        case {"list": one}:
            return pa.list_(json_to_arrow(one))
        case str() if form in _BY_NAME:
            return _BY_NAME[form]
    raise ValueError(f"no type of a column: {form!r}")


def duckdb_type(one: pa.DataType) -> str:
    """A type as DuckDB's SQL has it."""
    if pa.types.is_struct(one):
        fields = ", ".join(f'"{_doubled(field.name)}" {duckdb_type(field.type)}' for field in one)
        return f"STRUCT({fields})"
    return f"{duckdb_type(one.value_type)}[]" if pa.types.is_list(one) else SCALARS[one]


def _doubled(name: str) -> str:
    return name.replace('"', '""')
