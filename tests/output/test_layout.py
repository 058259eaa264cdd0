"""layout: every path of an output, and no other module that has one in its text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from helpers.places import ROOT

from qwen_batch.output.layout import (
    Shard,
    Table,
    TablePart,
    Unfinished,
    all_shards,
    commit_path,
    former_settings,
    former_views,
    is_output,
    known_path,
    markdown_folder,
    markdown_path,
    open_output,
    published_files,
    run_manifests,
    run_path,
    shard_path,
    shards_of,
    unfinished_publications,
    unfinished_writes,
    view_path,
)
from qwen_batch.output.manifest import FormerFile, FormerManifest, Move, RunFile, RunManifest, RunTable
from qwen_batch.plugins import plugin_names

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PACKAGE = ROOT / "qwen_batch"
LAYOUT = PACKAGE / "output" / "layout.py"
PATHS = re.compile(
    r"\.staging|\.publishing|_commit\b|_runs\b|_tables/|_views/|_sources\.|_manifest\b|run=|\bpart-|latest\.(?:sql|json)|markdown/\w"
)
"""What only a path of an output has."""
FORMATS = frozenset(plugin_names("qwen_batch.output.formats"))
NAMES_A_FORMAT = {LAYOUT: {"parquet"}, PACKAGE / "config.py": {"parquet"}}
"""Where a format may be named: what shards are staged in, and what a table is published in by default."""


def texts(path: Path) -> Iterator[str]:
    """The strings of a module that its code uses: neither docstrings nor what a command says in its help."""
    tree = ast.parse(path.read_text("utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    said |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "help"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


MODULES = sorted(PACKAGE.rglob("*.py"))


def test_no_other_module_has_a_path_of_an_output() -> None:
    found = {str(path): text for path in MODULES if path != LAYOUT for text in texts(path) if PATHS.search(text)}
    assert found == {}


def test_the_pattern_knows_the_paths_of_the_layout() -> None:
    table, part = Table("t", "s", pa.schema([])), TablePart("t", "r")
    paths = [shard_path(table, "r", 1), commit_path("r"), run_path("r"), view_path("t"), known_path("t")]
    paths += [*former_views("t"), *former_settings("t"), markdown_path("x"), part.file(0, "x"), part.folder]
    assert [path for path in paths if not PATHS.search(path)] == []


def test_a_format_is_named_nowhere_but_in_its_module() -> None:
    named = {
        path: {text for text in texts(path) if text in FORMATS}
        for path in MODULES
        if path.parent != PACKAGE / "output" / "formats"
    }
    assert {path: names for path, names in named.items() if names} == NAMES_A_FORMAT


def test_only_rows_lie_in_a_table_s_folder() -> None:
    part = TablePart("t", "r")
    assert (part.folder, part.file(2, "x"), part.pattern("x")) == ("t/run=r", "part-00002.x", "t/run=r/*.x")
    assert Path(f"{part.folder}/{part.file(2, 'x')}").match(part.pattern("x"))
    assert not any(path.startswith("t/") for path in (view_path("t"), known_path("t"), run_path("r")))


def test_a_part_is_shown_by_one_move() -> None:
    part = TablePart("t", "r")
    assert part.move == Move(part.prepared, "t/run=r")


def run_of(run_id: str, **tables: RunTable) -> RunManifest:
    return RunManifest(run_id=run_id, started=NOW, finished=NOW, tables=tables)


def test_a_file_matches_those_of_its_table_in_every_run(tmp_path: Path) -> None:
    store = open_output(str(tmp_path))
    for run in ("r1", "r2"):
        path = f"{TablePart('t', run).folder}/part-00000.x"
        store.put(path, lambda file: file.write(b"x"))
        assert list(published_files(store)) == [], "no run has its manifest"
        file = RunFile(path=path, rows=0)
        about = RunTable(staged_as="t", format="x", schema_version=1, rows=0, files=(file,))
        store.put(run_path(run), run_of(run, t=about).write)
        (found, *_) = published_files(store)
        store.delete(run_path(run))
        assert found.path == path
    assert len(list(tmp_path.glob(found.alike("x")))) == 2


@pytest.mark.parametrize("flat", [False, True])
def test_a_run_of_an_earlier_version_has_the_files_that_it_named_beside_its_rows(tmp_path: Path, flat: bool) -> None:
    store = open_output(str(tmp_path))
    folder = "t" if flat else "t/run=r"
    listed = FormerFile(name="part-r-00000.x" if flat else "part-00000.x", rows=2)
    former = FormerManifest(run_id="r", table="t", staged_as="u", format="x", files=(listed,), rows=2)
    store.put(f"{folder}/_manifest{'-r' if flat else ''}.json", former.write)
    assert list(published_files(store)) == [], "the run has no manifest"
    store.put(run_path("r"), run_of("r").write)
    (found,) = published_files(store)
    assert (found.table, found.staged_as, found.run_id, found.format) == ("t", "u", "r", "x")
    assert found.path == f"{folder}/{listed.name}"
    assert Path(found.path).match(found.alike("x"))


def test_what_lies_in_staging_is_told_apart(tmp_path: Path) -> None:
    store = open_output(str(tmp_path))
    assert not is_output(store)
    table = Table("t", "s", pa.schema([]))
    paths = [shard_path(table, "r", 1), shard_path(Table("u", "s", table.schema), "r", 2), commit_path("r")]
    paths += [f"{TablePart('t', 'q').prepared}/part-0.parquet", f"{shard_path(table, 'r', 3)}.tmp"]
    for path in paths:
        store.put(path, lambda file: file.write(b"{}"))
    assert is_output(store)
    assert shards_of(store, table) == [paths[0]]
    assert list(all_shards(store)) == [Shard("t", paths[0]), Shard("u", paths[1])]
    assert unfinished_publications(store) == (Unfinished("q", decided=False), Unfinished("r", decided=True))
    assert unfinished_writes(store) == [paths[-1]]
    assert run_manifests(store) == ()
    assert markdown_path("x").startswith(f"{markdown_folder()}/")
