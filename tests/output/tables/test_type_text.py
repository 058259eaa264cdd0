"""type_text: a type comes back from its text, and DuckDB knows what its SQL says."""

from __future__ import annotations

import json

import duckdb
import pyarrow as pa
import pytest

from qwen_batch.output.record_table import FAILURE_SCHEMA, JOB_COLUMNS
from qwen_batch.output.tables.type_text import SCALARS, arrow_to_json, duckdb_type, json_to_arrow
from qwen_batch.output.text_table import DOCUMENTS_SCHEMA, PAGES_SCHEMA

ODD = pa.struct([('it\'s "odd"', pa.list_(pa.struct([("合同", pa.list_(pa.date32()))]))), ("struct", pa.string())])
TYPES = [*SCALARS, ODD, pa.list_(pa.list_(pa.null()))]
OF_OUR_TABLES = [field.type for one in (JOB_COLUMNS, FAILURE_SCHEMA, DOCUMENTS_SCHEMA, PAGES_SCHEMA) for field in one]


@pytest.mark.parametrize("one", [*TYPES, *dict.fromkeys(OF_OUR_TABLES)], ids=str)
def test_a_type_comes_back_from_json(one: pa.DataType) -> None:
    form = json.loads(json.dumps(arrow_to_json(one)))
    assert json_to_arrow(form) == one


@pytest.mark.parametrize("one", TYPES, ids=str)
def test_duckdb_makes_a_column_of_it(one: pa.DataType) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create table t (a {duckdb_type(one)})")
        (described,) = connection.execute("select column_type from (describe t)").fetchall()
        connection.register("rows", pa.table({"a": pa.nulls(1, one)}))
        connection.execute("insert into t select a from rows")
    assert described[0] == duckdb_type(one) or '"' in described[0] or "struct" in described[0].lower()


@pytest.mark.parametrize("form", ["strings", {"map": "string"}, 3, {"list": "no"}])
def test_what_is_no_type_is_said_to_be_none(form: object) -> None:
    with pytest.raises(ValueError, match="no type of a column"):
        json_to_arrow(form)
