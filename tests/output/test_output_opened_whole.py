"""A table's folder, opened whole and by the documented pattern, in pandas, pyarrow, polars and DuckDB."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from helpers.runs import extract, request_for, run
from pyarrow.fs import FileSelector, FileSystem, LocalFileSystem, S3FileSystem

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


@pytest.fixture(params=["local", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path) if request.param == "local" else request.getfixturevalue("s3_bucket")


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_run_and_extract_left_two_layouts_in_one_folder_and_other_files_beside_the_rows(
    place: str, form: str, folder: Path, jobs_dir: Path
) -> None:
    out = f"{place}/both"
    config = load_config(None, ("engine.kind=null", f"sink.format={form}"))
    summaries = [run(request_for(folder, out, config, jobs_dir, *JOBS)), extract(folder, out, config)]
    files, base = filesystem_of(out)
    for table in (*JOBS, "failures", "documents", "pages"):
        names = [
            one.path for one in files.get_file_info(FileSelector(f"{base}/{table}", recursive=True)) if one.is_file
        ]
        assert names
        assert all(re.fullmatch(rf".*/{table}/run=[^/]+/part-\d{{5}}\.{form}", name) for name in names), names
        whole = ds.dataset(f"{base}/{table}", filesystem=files, format="json" if form == "jsonl" else form)
        assert len(whole.to_table()) == sum(summary.rows.get(table, 0) for summary in summaries)


def filesystem_of(out: str) -> tuple[FileSystem, str]:
    """As an analyst opens it: pyarrow's own, with nothing of ours in between."""
    if not out.startswith("s3://"):
        return LocalFileSystem(), out
    scheme, _, host = os.environ["AWS_ENDPOINT_URL"].partition("://")
    return S3FileSystem(scheme=scheme, endpoint_override=host), out.removeprefix("s3://")
