"""storage.parquet: columns by a schema or by name, and a process that has read a file ends as it should."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from helpers.places import ROOT

from qwen_batch.storage.parquet import count_parquet, read_parquet, read_parquet_schema, write_parquet

TABLE = pa.table({"a": [1, 2], "b": ["x", None]})
READS_AND_ENDS = """
import sys
from qwen_batch.storage.parquet import count_parquet, read_parquet, read_parquet_schema
for read in (lambda file: len(read_parquet(file)), count_parquet, lambda file: len(read_parquet_schema(file))):
    with open(sys.argv[1], "rb") as file:
        print(read(file))
"""
THREADED = {"parquet", "dataset", "csv", "json", "feather", "orc", "ipc"}
"""What of pyarrow reads a file with threads of its own."""


def stored() -> io.BytesIO:
    file = io.BytesIO()
    write_parquet(TABLE, file)
    file.seek(0)
    return file


def test_all_named_or_a_schema_s_columns() -> None:
    assert read_parquet(stored()).equals(TABLE)
    assert read_parquet(stored(), columns=["b"]).equals(TABLE.select(["b"]))
    wider = pa.schema([("a", pa.int64()), ("c", pa.string())])
    assert read_parquet(stored(), wider).to_pylist() == [{"a": 1, "c": None}, {"a": 2, "c": None}]


def test_the_footer_says_columns_and_number_of_rows() -> None:
    assert read_parquet_schema(stored()) == TABLE.schema
    assert count_parquet(stored()) == len(TABLE)


def pyarrow_readers(module: Path) -> set[str]:
    """What a module takes of pyarrow that opens files."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{name}" for name in names]
        elif (
            isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in {"pa", "pyarrow"}
        ):
            names = [f"pyarrow.{node.attr}"]
        found |= {name for name in names if name.startswith("pyarrow.") and name.split(".")[1] in THREADED}
    return found


def test_only_one_module_gives_files_to_pyarrow_to_read() -> None:
    """Any other would end with 134 some day."""
    modules = [file for folder in ("qwen_batch", "benchmarks") for file in (ROOT / folder).rglob("*.py")]
    readers = {str(file.relative_to(ROOT)): found for file in modules if (found := pyarrow_readers(file))}
    assert readers == {"qwen_batch/storage/parquet.py": {"pyarrow.parquet"}}


@pytest.mark.subprocess
def test_a_process_that_has_read_a_file_is_not_aborted_as_it_ends(tmp_path: Path) -> None:
    """Read by pyarrow's own threads, a third of such processes ended with 134."""
    path = tmp_path / "a.parquet"
    path.write_bytes(stored().getvalue())
    programs = [
        subprocess.Popen([sys.executable, "-c", READS_AND_ENDS, str(path)], stdout=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    assert [(program.communicate()[0], program.returncode) for program in programs] == [("2\n2\n2\n", 0)] * len(
        programs
    )


def test_the_rows_of_a_file_are_counted_also_where_it_has_none_of_the_columns() -> None:
    schema = pa.schema([("c", pa.string())])
    assert read_parquet(stored(), schema).to_pylist() == [{"c": None}, {"c": None}]


def test_a_narrower_type_of_the_file_is_widened() -> None:
    file = io.BytesIO()
    write_parquet(pa.table({"a": pa.array([1, None], pa.int32())}), file)
    assert read_parquet(file, pa.schema([("a", pa.float64())])).to_pylist() == [{"a": 1.0}, {"a": None}]


def test_no_thread_of_pyarrow_is_started_for_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """`pq.read_table` scans a dataset: on a busy machine a process still ended with 134, though told to use none."""
    monkeypatch.setattr("pyarrow.parquet.core.ParquetDataset", None)
    before = len(list(Path("/proc/self/task").iterdir()))
    read_parquet(stored(), TABLE.schema)
    assert len(list(Path("/proc/self/task").iterdir())) == before
