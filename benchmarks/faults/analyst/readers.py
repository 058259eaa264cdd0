"""The readers of docs/tables.md, each with its own means of counting, and what they must have found.

DuckDB reads the files through the views' SQL, and by the documented pattern; pandas, polars and pyarrow take what the
functions give. A reader gives the rows of a view as plain values, and figures that it has counted itself.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.faults.analyst.book import Book, Settled
from benchmarks.faults.analyst.leases import JOBS, LEASE, SECOND_PAGE
from qwen_batch import latest_rows, read_evidence, read_failures, read_rows
from qwen_batch.storage.places import is_s3

Rows = Counter[str]
Figures = dict[str, dict[str, float]]
KEYS = ("document", "source_uri")
STATED = (*KEYS, "source_state", "same_as", "result")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "all": (*KEYS, "result"),
    "latest": STATED,
    "latest_all": STATED,
    "evidence": (*KEYS, "field", "path", "value", "quote", "page"),
}
FAILED = (*KEYS, "job", "code")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader found: rows by view, and its own figures by view."""

    rows: dict[str, Rows]
    figures: Figures


def views(book: Book) -> dict[str, tuple[str, ...]]:
    """Each view with the columns that are compared."""
    found = {f"{job}_{view}": columns for job in JOBS for view, columns in COLUMNS.items()}
    for job in JOBS:
        found[f"{job}_flat"] = (*KEYS, "source_state", *flat_columns(book, job))
    return found | {"failures_latest": FAILED, "failures_all": FAILED}


def flat_columns(book: Book, job: str) -> list[str]:
    """Of each field that the job ever had its value, and where it stands."""
    plain = {"months"}
    return [name for field in book.ever[job] for name in (field, *(() if field in plain else (f"{field}__page",)))]


def expected(book: Book, uris: Mapping[str, str], names: Mapping[str, str]) -> Seen:
    """What every reader must find, by the book; `uris` and `names` are those of the documents."""
    rows: dict[str, Rows] = {}

    def keys(source: str) -> dict[str, Any]:
        return {"document": names.get(source, source), "source_uri": uris[source]}

    def stored(row: Settled) -> dict[str, Any]:
        return keys(row.asked.source) | {"result": book.result(row)}

    def stated(row: Settled) -> dict[str, Any]:
        ways = [uris[link] for link in book.known[row.asked.source].same_as]
        return stored(row) | {"source_state": book.state(row), "same_as": ways}

    for job in JOBS:
        latest = book.latest(job).values()
        rows[f"{job}_all"] = plain_rows(map(stored, (row for row in book.rows if row.asked.job == job)))
        rows[f"{job}_latest"] = plain_rows(map(stated, latest))
        rows[f"{job}_latest_all"] = plain_rows(map(stated, book.latest(job, deleted=True).values()))
        rows[f"{job}_flat"] = plain_rows(
            keys(row.asked.source) | {"source_state": book.state(row)} | _flat(book.result(row)) for row in latest
        )
        rows[f"{job}_evidence"] = plain_rows(
            keys(source) | dict(zip(COLUMNS["evidence"][2:], rest, strict=True)) for source, *rest in book.evidence(job)
        )
    for view, failures in (("failures_latest", book.standing()), ("failures_all", book.failures)):
        rows[view] = plain_rows(keys(one.asked.source) | {"job": one.asked.job, "code": one.code} for one in failures)
    return Seen(rows, _figures_of_book(book))


def _flat(result: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field, value in result.items():
        page = SECOND_PAGE if field in {"law", "note"} else 1
        if isinstance(value, list):
            found[field] = [{"name": one["name"], "role": one["role"]} for one in value]
            found[f"{field}__page"] = [page for _ in value]
        elif field == "months":
            found[field] = value
        else:
            found[field] = value and next(value[leaf] for leaf in ("date", "place", "text") if leaf in value)
            found[f"{field}__page"] = page if value else None
            if field == "parties":
                found[field] = found[f"{field}__page"] = None
    return found


def _figures_of_book(book: Book) -> Figures:
    results = [book.result(row) for row in book.latest(LEASE).values()]
    fields = Counter(field for _, field, *_ in book.evidence(LEASE))
    return {
        "flat": {
            "rows": len(results),
            "law": sum(result["law"] is not None for result in results),
            "months": sum(result["months"] or 0 for result in results),
        },
        "evidence": dict(fields),
        "failures": dict(Counter(str(one.code) for one in book.standing())),
    }


def readers(output: str, form: str) -> dict[str, Callable[[Book], Seen]]:
    """Each way to read this output that docs/tables.md names; a function is called once for all that take its rows."""
    tables = cache(partial(function_of, output))
    found: dict[str, Callable[[Book], Seen]] = {
        "pyarrow": lambda book: _by_functions(tables, book, pa.Table.to_pylist, _figures_of_pyarrow),
        "pandas": lambda book: _by_functions(tables, book, _pandas_rows, _figures_of_pandas),
        "polars": lambda book: _by_functions(tables, book, lambda rows: _polars(rows).to_dicts(), _figures_of_polars),
    }
    if not is_s3(output):  # there DuckDB wants httpfs, which is fetched
        found["DuckDB"] = lambda book: _by_views(output, book)
        if form == "parquet":
            found["DuckDB, pattern"] = lambda book: _by_pattern(output, book)
    return found


def function_of(output: str, view: str) -> pa.Table:
    """A view by the function that docs/tables.md names beside it."""
    for job in JOBS:
        if view == f"{job}_evidence":
            return read_evidence(output, job)
        if view == f"{job}_latest_all":
            return latest_rows(output, job, deleted=True)
        if view == f"{job}_latest":
            return latest_rows(output, job)
        if view in {f"{job}_flat", f"{job}_all"}:
            return read_rows(output, job, view.removeprefix(f"{job}_"))  # type: ignore[arg-type]
    return read_failures(output, view.removeprefix("failures_"))  # type: ignore[arg-type]


def _by_functions(
    tables: Callable[[str], pa.Table],
    book: Book,
    to_rows: Callable[[pa.Table], list[dict[str, Any]]],
    figures: Callable[..., Figures],
) -> Seen:
    rows = {view: plain_rows(to_rows(tables(view).select(list(columns)))) for view, columns in views(book).items()}
    return Seen(rows, figures(tables(f"{LEASE}_flat"), tables(f"{LEASE}_evidence"), tables("failures_latest")))


def _pandas_rows(rows: pa.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.to_pandas().to_dict("records")
    return found


def _polars(rows: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(rows)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101
    return frame


def _figures_of_pyarrow(flat: pa.Table, evidence: pa.Table, failures: pa.Table) -> Figures:
    def counts(column: pa.ChunkedArray) -> dict[str, float]:
        return {one["values"]: one["counts"] for one in pc.value_counts(column).to_pylist()}

    months = pc.sum(flat["months"]).as_py() or 0
    figures = {"rows": len(flat), "law": pc.count(flat["law"]).as_py(), "months": months}
    return {"flat": figures, "evidence": counts(evidence["field"]), "failures": counts(failures["code"])}


def _figures_of_pandas(flat: pa.Table, evidence: pa.Table, failures: pa.Table) -> Figures:
    frame = flat.to_pandas()
    figures = {"rows": len(frame), "law": int(frame["law"].count()), "months": float(frame["months"].sum())}
    return {
        "flat": figures,
        "evidence": evidence.to_pandas()["field"].value_counts().to_dict(),
        "failures": failures.to_pandas()["code"].value_counts().to_dict(),
    }


def _figures_of_polars(flat: pa.Table, evidence: pa.Table, failures: pa.Table) -> Figures:
    def counts(table: pa.Table, column: str) -> dict[str, float]:
        return dict(_polars(table).group_by(column).len().rows())

    frame = _polars(flat)
    figures = {"rows": frame.height, "law": frame["law"].count(), "months": frame["months"].sum()}
    return {"flat": figures, "evidence": counts(evidence, "field"), "failures": counts(failures, "code")}


def _by_views(output: str, book: Book) -> Seen:
    with duckdb.connect() as database:
        database.execute((Path(output) / "_views" / "all.sql").read_text())
        rows = {}
        for view, columns in views(book).items():
            found = database.sql(f'select {", ".join(columns)} from "{view}"')  # noqa: S608  our own names
            rows[view] = plain_rows(dict(zip(columns, row, strict=True)) for row in found.fetchall())
        figures = _figures_of_duckdb(database, f"{LEASE}_flat", f"{LEASE}_evidence", "failures_latest")
    for job in (*JOBS, "failures"):  # each table's own file has the same views
        with duckdb.connect() as database:
            database.execute((Path(output) / "_views" / f"{job}.sql").read_text())
            (count,) = database.sql(f'select count(*) from "{job}_latest"').fetchall()[0]  # noqa: S608
            if count != rows[f"{job}_latest"].total():
                rows[f"{job}_latest"] = Counter({f"{job}.sql: {count} rows": 1})
    return Seen(rows, figures)


def _figures_of_duckdb(database: duckdb.DuckDBPyConnection, flat: str, evidence: str, failures: str) -> Figures:
    def pairs(query: str) -> dict[str, float]:
        return dict(database.sql(query).fetchall())

    query = f"select count(*), count(law), coalesce(sum(months), 0) from {flat}"  # noqa: S608
    rows, law, months = database.sql(query).fetchall()[0]
    return {
        "flat": {"rows": rows, "law": law, "months": months},
        "evidence": pairs(f"select field, count(*) from {evidence} group by field"),  # noqa: S608
        "failures": pairs(f"select code, count(*) from {failures} group by code"),  # noqa: S608
    }


def _by_pattern(output: str, book: Book) -> Seen:
    """Every row of every run that counts, by the pattern of docs/tables.md."""
    rows = {}
    for job in JOBS:
        columns = COLUMNS["all"]
        found = duckdb.sql(
            f"select {', '.join(columns)} from read_parquet('{output}/{job}/**/*.parquet', union_by_name = true) "  # noqa: S608
            f"join (select run_id from read_json('{output}/_runs/*.json')) using (run_id)"
        ).fetchall()
        rows[f"{job}_all"] = plain_rows(
            dict(zip(columns, row, strict=True)) | {"result": _with_all(row[-1], book.ever[job])} for row in found
        )
    return Seen(rows, {})


def _with_all(result: dict[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """The pattern has no field that no file has yet."""
    return {field: result.get(field) for field in fields}


def plain_rows(rows: Iterable[Mapping[str, Any]]) -> Rows:
    """Rows as text that does not depend on who read them, in no order."""
    return Counter(json.dumps(plain(dict(row)), sort_keys=True, ensure_ascii=False) for row in rows)


def plain(value: Any) -> Any:
    """A value as JSON has it: whole numbers as fractions, what is missing as null."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, int | float | np.number):
        return None if math.isnan(value) else float(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else value
