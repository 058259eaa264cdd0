"""latest: one row per source, whatever the history, the same in DuckDB and in pyarrow."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from helpers.runs import extract, request_for, run

from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.errors import OutputError
from qwen_batch.output.latest import latest_rows
from qwen_batch.output.layout import view_path

pytestmark = pytest.mark.subprocess

JOB = "contract_summary"


def by_sql(output: Path, table: str, columns: str) -> list[tuple[object, ...]]:
    connection = duckdb.connect()
    if table == "pages":
        connection.execute((output / view_path("documents")).read_text())
    connection.execute((output / view_path(table)).read_text())
    return connection.sql(f"select {columns} from {table}_latest order by all").fetchall()


def states(output: Path) -> dict[str, tuple[str, str]]:
    """Content and state by file name, as DuckDB and pyarrow both give them."""
    rows = [
        (row["source_uri"], row["doc_id"], row["source_state"], row["run_id"])
        for row in latest_rows(output, JOB).to_pylist()
    ]
    assert sorted(rows) == by_sql(output, JOB, "source_uri, doc_id, source_state, run_id")
    assert len({uri for uri, *_ in rows}) == len(rows)
    return {Path(uri).name: (doc_id, state) for uri, doc_id, state, _ in rows}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("Contract A.")
    (folder / "b.txt").write_text("Contract B.")
    return folder


def test_a_file_that_was_changed_and_changed_back_shows_the_answer_to_its_present_content(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    seen = []
    for text in ("Contract A.", "Contract A, changed.", "Contract A."):
        (folder / "a.txt").write_text(text)
        run(request_for(folder, tmp_path / "out", null_config, jobs_dir))
        seen.append(states(tmp_path / "out")["a.txt"])
    assert seen[0] == seen[2]
    assert seen[0] != seen[1]
    assert {state for _, state in seen} == {"present"}


def test_deleted_renamed_and_broken_files(folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path) -> None:
    out = tmp_path / "out"
    run(request_for(folder, out, null_config, jobs_dir))
    first = states(out)
    (folder / "a.txt").write_text("")  # its new content fails
    (folder / "b.txt").rename(folder / "c.txt")
    run(request_for(folder, out, null_config, jobs_dir))
    assert states(out) == {
        "a.txt": (first["a.txt"][0], "changed"),
        "b.txt": (first["b.txt"][0], "deleted"),
        "c.txt": (first["b.txt"][0], "present"),
    }


def test_settings_that_are_back_bring_their_rows_back(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    out = tmp_path / "out"
    other = load_config(None, ("engine.kind=null", "clean.headers=false"))
    for config in (null_config, other, null_config):
        run(request_for(folder, out, config, jobs_dir))
        fingerprint = request_for(folder, out, config, jobs_dir).products[0].fingerprint
        assert set(latest_rows(out, JOB)["job_fingerprint"].to_pylist()) == {fingerprint}
        assert set(by_sql(out, JOB, "job_fingerprint")) == {(fingerprint,)}


def test_rows_of_a_run_without_its_manifest_do_not_count(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    out = tmp_path / "out"
    run(request_for(folder, out, null_config, jobs_dir))
    before = states(out)
    (part,) = (out / JOB).glob("run=*/*.parquet")
    stray = out / JOB / "run=stray" / "part-00000.parquet"
    stray.parent.mkdir()
    rows = pq.read_table(part)
    pq.write_table(rows.set_column(rows.schema.get_field_index("run_id"), "run_id", [["stray"] * len(rows)]), stray)
    assert states(out) == before


def test_pages_are_those_of_the_latest_documents(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    config = load_config(None)
    extract(folder, out, config)
    (folder / "a.txt").write_text("One page.\fAnd another one.")
    extract(folder, out, config)
    expected = [("a.txt", 1), ("a.txt", 2), ("b.txt", 1)]
    assert by_sql(out, "pages", "parse_filename(source_uri), page") == expected
    pages = latest_rows(out, "pages").to_pylist()
    assert sorted((Path(row["source_uri"]).name, row["page"]) for row in pages) == expected


def test_the_face_of_the_package_has_it_and_loads_it_when_it_is_asked_for() -> None:
    program = """
    import sys
    import qwen_batch
    assert "pyarrow" not in sys.modules and "pydantic" not in sys.modules
    from qwen_batch import latest_rows
    print(latest_rows.__module__)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == latest_rows.__module__


def test_an_unknown_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no published table 'nothing'"):
        latest_rows(tmp_path, "nothing")
