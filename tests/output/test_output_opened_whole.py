"""A table's folder, opened whole and by the documented pattern, in pandas, pyarrow, polars and DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from helpers.runs import extract, request_for, run

from qwen_batch.config import Config
from qwen_batch.config_file import load_config

pytestmark = pytest.mark.subprocess

JOBS = ("contract_summary", "report_outline")
Rows = list[tuple[str, str]]
KEY = ["source_uri", "run_id"]


def of_pandas(found: pd.DataFrame) -> Rows:
    return sorted(found[KEY].itertuples(index=False, name=None))


def of_polars(found: pl.DataFrame) -> Rows:
    return sorted(found.select(KEY).rows())


WHOLE: Mapping[str, Callable[[str], Rows]] = {
    "pandas": lambda folder: of_pandas(pd.read_parquet(folder)),
    "pyarrow": lambda folder: of_pandas(pq.read_table(folder).to_pandas()),
    "pyarrow dataset": lambda folder: of_pandas(ds.dataset(folder).to_table().to_pandas()),
    "polars": lambda folder: of_polars(pl.read_parquet(folder)),
    "DuckDB": lambda folder: sorted(duckdb.sql(f"select source_uri, run_id from read_parquet('{folder}')").fetchall()),
}
"""Where a table has folders run=<run id>, all but `pyarrow dataset` add a column `run` of these names."""
PATTERN: Mapping[str, Callable[[str], Rows]] = {
    "polars": lambda pattern: of_polars(pl.read_parquet(pattern)),
    "DuckDB": lambda pattern: sorted(duckdb.sql(f"select source_uri, run_id from '{pattern}'").fetchall()),
}
"""pandas and pyarrow have no patterns."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("in")
    (folder / "合同 a.txt").write_text("Contract A.\fIts second page.")
    (folder / "bad.txt").write_text("")
    return folder


@pytest.fixture
def out(folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path) -> Path:
    """Two jobs, two runs, rows and failures in each."""
    out = tmp_path / "out"
    run(request_for(folder, out, null_config, jobs_dir, *JOBS))
    more = tmp_path / "more"
    more.mkdir()
    (more / "b.txt").write_text("Contract B.")
    (more / "bad too.txt").write_bytes(b"%PDF-")
    run(request_for(more, out, null_config, jobs_dir, *JOBS))
    return out


@pytest.fixture
def text(folder: Path, tmp_path: Path) -> Path:
    """The same of an extraction."""
    out = tmp_path / "text"
    extract(folder, out, load_config(None))
    (folder / "c.txt").write_text("Contract C.")
    extract(folder, out, load_config(None))
    return out


def opened(table: Path, pattern: str) -> dict[str, Rows]:
    found = {f"{name}, whole": read(str(table)) for name, read in WHOLE.items()}
    return found | {f"{name}, {pattern}": read(str(table / pattern)) for name, read in PATTERN.items()}


def all_alike(found: dict[str, Rows]) -> Rows:
    first, *others = found.values()
    assert first
    assert all(rows == first for rows in others), found
    return first


def test_each_table_of_a_run_opens_whole_and_by_its_pattern(out: Path) -> None:
    for table in (*JOBS, "failures"):
        rows = all_alike(opened(out / table, "run=*/*.parquet"))
        assert len({run_id for _, run_id in rows}) == 2


def test_each_table_of_an_extraction_opens_whole_and_by_its_pattern(text: Path) -> None:
    for table in ("documents", "pages", "failures"):
        rows = all_alike(opened(text / table, "run=*/*.parquet"))
        assert len({run_id for _, run_id in rows}) == (1 if table == "failures" else 2)


def test_a_table_s_folder_holds_rows_and_nothing_else(out: Path, text: Path) -> None:
    for output in (out, text):
        tables = [path for path in output.iterdir() if path.is_dir() and not path.name.startswith(("_", "."))]
        assert tables
        for path in (path for table in tables for path in table.rglob("*")):
            assert path.is_dir() or path.suffix == ".parquet", path
