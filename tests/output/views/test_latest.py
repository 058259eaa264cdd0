"""latest: one row per source, whatever the history, the same in DuckDB and in Python."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers.runs import extract, request_for, run
from helpers.views import both

from qwen_batch import latest_rows
from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.output.layout import open_output
from qwen_batch.output.views.files import write_views

pytestmark = pytest.mark.subprocess

JOB = "contract_summary"
FORMATS = ("parquet", "jsonl")


def states(output: Path) -> dict[str, tuple[str, str]]:
    """Content and state by file name."""
    rows = both(output, f"{JOB}_latest_all", "document", "doc_id", "source_state", "run_id")
    assert len({name for name, *_ in rows}) == len(rows)
    present = both(output, f"{JOB}_latest", "document", "doc_id", "source_state", "run_id")
    assert present == [row for row in rows if row[2] != "deleted"]
    return {name: (doc_id, state) for name, doc_id, state, _ in rows}


@pytest.fixture(params=FORMATS)
def config(request: pytest.FixtureRequest) -> Config:
    return load_config(None, ("engine.kind=null", f"sink.format={request.param}"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("Contract A.")
    (folder / "b.txt").write_text("Contract B.")
    return folder


def test_a_file_that_was_changed_and_changed_back_shows_the_answer_to_its_present_content(
    folder: Path, tmp_path: Path, config: Config, jobs_dir: Path
) -> None:
    seen = []
    for text in ("Contract A.", "Contract A, changed.", "Contract A."):
        (folder / "a.txt").write_text(text)
        run(request_for(folder, tmp_path / "out", config, jobs_dir))
        seen.append(states(tmp_path / "out")["a.txt"])
    assert seen[0] == seen[2]
    assert seen[0] != seen[1]
    assert {state for _, state in seen} == {"present"}


def test_deleted_renamed_and_broken_files(folder: Path, tmp_path: Path, config: Config, jobs_dir: Path) -> None:
    out = tmp_path / "out"
    run(request_for(folder, out, config, jobs_dir))
    first = states(out)
    (folder / "a.txt").write_text("")  # its new content fails
    (folder / "b.txt").rename(folder / "c.txt")
    run(request_for(folder, out, config, jobs_dir))
    assert states(out) == {
        "a.txt": (first["a.txt"][0], "changed"),
        "b.txt": (first["b.txt"][0], "deleted"),
        "c.txt": (first["b.txt"][0], "present"),
    }


def test_the_newest_rows_held_those_of_deleted_files(
    folder: Path, tmp_path: Path, config: Config, jobs_dir: Path
) -> None:
    out = tmp_path / "out"
    run(request_for(folder, out, config, jobs_dir))
    (folder / "b.txt").unlink()
    run(request_for(folder, out, config, jobs_dir))
    assert latest_rows(out, JOB)["document"].to_pylist() == ["a.txt"]
    assert latest_rows(out, JOB, deleted=True)["document"].to_pylist() == ["a.txt", "b.txt"]
    assert [row[0] for row in both(out, f"{JOB}_flat", "document")] == ["a.txt"]


def test_settings_that_are_back_bring_their_rows_back(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    out = tmp_path / "out"
    other = load_config(None, ("engine.kind=null", "clean.headers=false"))
    for config in (null_config, other, null_config):
        run(request_for(folder, out, config, jobs_dir))
        fingerprint = request_for(folder, out, config, jobs_dir).products[0].fingerprint
        assert set(both(out, f"{JOB}_latest", "job_fingerprint")) == {(fingerprint,)}


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


def test_a_run_that_comes_after_the_view_was_written_is_in_it(
    folder: Path, tmp_path: Path, config: Config, jobs_dir: Path
) -> None:
    out = tmp_path / "out"
    run(request_for(folder, out, config, jobs_dir))
    kept = (out / "_views" / "all.sql").read_text()
    (folder / "c.txt").write_text("Contract C.")
    run(request_for(folder, out, config, jobs_dir))
    (out / "_views" / "all.sql").write_text(kept)
    assert set(states(out)) == {"a.txt", "b.txt", "c.txt"}


def test_pages_are_those_of_the_latest_documents(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    config = load_config(None)
    extract(folder, out, config)
    (folder / "a.txt").write_text("One page.\fAnd another one.")
    extract(folder, out, config)
    expected = [("a.txt", 1), ("a.txt", 2), ("b.txt", 1)]
    assert both(out, "pages_latest", "document", "page") == expected
    (folder / "b.txt").unlink()
    extract(folder, out, config)
    assert both(out, "pages_latest", "document", "page") == expected[:2]
    assert both(out, "pages_latest_all", "document", "page") == expected
    assert both(out, "documents_latest", "document", "source_state") == [("a.txt", "present")]


def test_another_path_to_a_file_is_named_beside_it(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    out = tmp_path / "out"
    run(request_for(folder, out, null_config, jobs_dir))
    assert both(out, f"{JOB}_latest", "document", "same_as") == [("a.txt", []), ("b.txt", [])]
    index = pq.read_table(out / "_sources.parquet").select(["source_uri", "doc_id", "state"])
    link = index.slice(0, 1).set_column(0, "source_uri", [["/link/to/a.txt"]])
    index = pa.concat_tables([index, link])
    real = [index["source_uri"][0].as_py(), index["source_uri"][1].as_py(), index["source_uri"][0].as_py()]
    pq.write_table(index.append_column("real_uri", [real]), out / "_sources.parquet")
    write_views(open_output(str(out)))
    assert both(out, f"{JOB}_latest", "document", "same_as") == [("a.txt", ["/link/to/a.txt"]), ("b.txt", [])]


def test_the_same_file_by_another_path_was_there_twice(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    out = tmp_path / "out"
    (folder / "b.txt").write_text("Contract A.")
    run(request_for(folder, out, null_config, jobs_dir))
    index = pq.read_table(out / "_sources.parquet").select(["source_uri", "doc_id", "state"]).sort_by("source_uri")
    index = index.set_column(2, "state", [["present", "alias"]])  # as if b.txt had become a link to a.txt
    a, b = index["source_uri"].to_pylist()
    pq.write_table(index.append_column("real_uri", [[a, a]]), out / "_sources.parquet")
    write_views(open_output(str(out)))
    assert both(out, f"{JOB}_latest", "document", "same_as") == [("a.txt", [b])]
    assert both(out, f"{JOB}_latest_all", "document", "source_state") == [("a.txt", "present"), ("b.txt", "alias")]
