"""An output's views as its readers have them: by DuckDB over the SQL files, and by the package's functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from qwen_batch import read_evidence, read_failures, read_rows

Row = tuple[Any, ...]


def connected(output: Path, name: str = "all") -> duckdb.DuckDBPyConnection:
    """A database with the views of one table, or with all."""
    connection = duckdb.connect()
    connection.execute((output / "_views" / f"{name}.sql").read_text())
    return connection


def by_python(output: Path | str, view: str) -> pa.Table:
    """The same view by the function that has it: `<table>_<view>`, as the view is called in SQL."""
    table, _, last = view.rpartition("_")
    if view.endswith("_latest_all"):
        table, last = view.removesuffix("_latest_all"), "latest_all"
    if table == "failures":
        return read_failures(output, last)
    return read_evidence(output, table) if last == "evidence" else read_rows(output, table, last)


def both(output: Path, view: str, *columns: str) -> list[Row]:
    """The columns of a view, as SQL and Python agree on them, in order; without times, which want a time zone."""
    wanted = ", ".join(f'"{name}"' for name in columns)
    with connected(output) as connection:
        found = connection.sql(f"select {wanted} from {view} order by all").fetchall()
        connection.register("python", by_python(output, view))
        assert connection.sql(f"select {wanted} from python order by all").fetchall() == found
    return found
