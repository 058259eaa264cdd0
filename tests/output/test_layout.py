"""layout: every path of an output, and no other module that has one in its text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from helpers.places import ROOT

from qwen_batch.output.layout import (
    MOVED_LAST,
    Shard,
    Table,
    TablePart,
    Unfinished,
    all_shards,
    commit_path,
    files_of_run,
    former_view_path,
    is_output,
    markdown_folder,
    markdown_path,
    open_output,
    preferred_path,
    published_files,
    run_manifests,
    run_path,
    shard_path,
    shards_of,
    unfinished_publications,
    unfinished_writes,
    view_path,
)
from qwen_batch.output.manifest import Move, TableManifest, WrittenFile
from qwen_batch.plugins import plugin_names

PACKAGE = ROOT / "qwen_batch"
LAYOUT = PACKAGE / "output" / "layout.py"
PATHS = re.compile(
    r"\.staging|\.publishing|_commit\b|_runs\b|_sources\.|_manifest\b|run=|\bpart-|latest\.(?:sql|json)|markdown/\w"
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
    table, part = Table("t", "s", pa.schema([])), TablePart("t", "r", flat=True)
    paths = [shard_path(table, "r", 1), commit_path("r"), run_path("r"), view_path("t"), preferred_path("t")]
    paths += [former_view_path("t"), markdown_path("x"), part.manifest, part.file(0, "x"), TablePart("t", "r").folder]
    assert [path for path in paths if not PATHS.search(path)] == []


def test_a_format_is_named_nowhere_but_in_its_module() -> None:
    named = {
        path: {text for text in texts(path) if text in FORMATS}
        for path in MODULES
        if path.parent != PACKAGE / "output" / "formats"
    }
    assert {path: names for path, names in named.items() if names} == NAMES_A_FORMAT


def test_what_is_no_data_in_a_table_s_folder_is_left_out_by_readers_of_the_whole_folder() -> None:
    manifests = [TablePart("t", "r", flat).manifest for flat in (False, True)]
    for path in (view_path("t"), preferred_path("t"), *manifests):
        assert path.rpartition("/")[2].startswith("_")
    assert all(name.startswith(MOVED_LAST) for name in manifests)


@pytest.mark.parametrize(
    ("flat", "folder", "name", "pattern"),
    [(False, "t/run=r", "part-00002.x", "t/run=r/*.x"), (True, "t", "part-r-00002.x", "t/part-r-*.x")],
)
def test_a_run_s_part_of_a_table_lies_in_its_own_folder_or_flat(
    flat: bool, folder: str, name: str, pattern: str
) -> None:
    part = TablePart("t", "r", flat)
    assert (part.folder, part.file(2, "x"), part.pattern("x")) == (folder, name, pattern)
    assert Path(f"{folder}/{name}").match(pattern)
    assert not Path(f"{folder}/{part.manifest}").match(pattern)


def test_a_part_is_shown_by_one_move_or_file_by_file_with_the_manifest_last() -> None:
    part = TablePart("t", "r")
    assert part.moves(["a.x"]) == (Move(part.prepared, "t/run=r"),)
    flat = TablePart("t", "r", flat=True)
    assert [move.target for move in flat.moves(["b.x", "a.x"])] == ["t/b.x", "t/a.x", "t/_manifest-r.json"]


def test_a_file_matches_those_of_its_table_in_every_run(tmp_path: Path) -> None:
    store = open_output(str(tmp_path))
    for flat, table in ((False, "deep"), (True, "flat")):
        for run in ("r1", "r2"):
            part = TablePart(table, run, flat)
            listed = WrittenFile(name=part.file(0, "x"), rows=0)
            manifest = TableManifest(run_id=run, table=table, staged_as=table, format="x", files=(listed,), rows=0)
            for name, write in ((listed.name, lambda file: file.write(b"x")), (part.manifest, manifest.write)):
                store.put(f"{part.folder}/{name}", write)
        (first, _) = (file for run in ("r1", "r2") for file in files_of_run(store, run) if file.table == table)
        assert len(list(tmp_path.glob(first.alike("x")))) == 2
    assert list(published_files(store)) == [], "no run has its manifest"


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
