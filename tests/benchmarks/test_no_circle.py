"""benchmarks/: no circle of imports, also none inside of functions; no theme knows another; what is patched exists."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name

import pytest
from helpers.places import ROOT

FOLDER = ROOT / "benchmarks"
LOADED_BY_PATH = FOLDER / "answers" / "jobs"
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(FOLDER.rglob("*.py"))
    if LOADED_BY_PATH not in path.parents
}
PATCHES = [*(ROOT / "tests" / "faults").glob("*.py"), *(FOLDER / "engine" / "patches").glob("*.py")]


def imported(name: str, tree: ast.AST) -> Iterator[str]:
    """The modules of benchmarks that one imports, wherever in it the import stands."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name}: a relative import"
            module = node.module or ""
            names = [full if (full := f"{module}.{alias.name}") in FILES else module for alias in node.names]
        yield from (one for one in names if one in FILES)


def arrows() -> dict[str, set[str]]:
    return {name: set(imported(name, ast.parse(path.read_text("utf-8")))) - {name} for name, path in FILES.items()}


def circle_in(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = arrows()
    assert sum(map(len, graph.values())) > len(FILES)  # the walk sees imports
    assert circle_in(graph) == []


def test_a_circle_would_be_seen() -> None:
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {"a"}})


def test_a_theme_imports_no_other_theme() -> None:
    themes = {path.parent.name for path in FOLDER.glob("*/__main__.py")}
    assert themes == {
        "answers",
        "drafts",
        "engine",
        "faults",
        "planning",
        "reading",
        "report",
        "rows",
        "scale",
        "timeline",
        "workbooks",
    }
    across = [
        f"{name} imports {other}"
        for name, others in arrows().items()
        for other in others
        if (own := name.split(".")[1:2]) != (its := other.split(".")[1:2]) and {*own, *its} <= themes
    ]
    assert not across


@pytest.mark.parametrize("name", FILES)
def test_every_module_can_be_imported(name: str) -> None:
    import_module(name)


@pytest.mark.parametrize("patch", PATCHES, ids=lambda path: path.stem)
def test_what_a_patch_changes_is_where_it_says(patch: Path) -> None:
    lines = [line for line in patch.read_text("utf-8").splitlines() if line.startswith("MODULE = ")]
    for line in lines:
        module = ast.literal_eval(line.removeprefix("MODULE = "))
        if module.startswith("qwen_batch."):
            assert importlib.util.find_spec(module), f"{patch.name}: there is no {module}"


@pytest.mark.parametrize(
    "name",
    [
        "qwen_batch.engine.kinds.vllm.VllmEngine.generate",
        "qwen_batch.engine.kinds.vllm._sampling_params",
        "qwen_batch.asking.answer.MAX_ATTEMPTS",
        "qwen_batch.reading.isolate.isolator.MAX_CALLS_PER_CHILD",
    ],
)
def test_what_a_benchmark_replaces_exists(name: str) -> None:
    assert resolve_name(name) is not None
