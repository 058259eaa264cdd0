"""The tree itself: eleven packages along the flow, few arrows among them, none back; and who may import what is large.

Counted from the source with ast, so that an import inside of a function counts like any other.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest
from helpers.places import ROOT

PACKAGE = "qwen_batch"
PACKAGES = {"job", "storage", "reading", "engine", "asking", "evidence", "output", "run", "evaluate", "report", "cli"}
MAX_ARROWS = 24
MAX_MODULES = 15
PLUGIN_FOLDERS = {"cli", "reading/readers", "reading/ocr/engines", "engine/kinds", "output/formats", "output/catalogs"}
"""One file for one thing: a command, a format, an engine. As many as there are."""
OWNERS = {
    "ray": "run/on_ray/",
    "vllm": "engine/kinds/vllm/",
    "openai": "engine/kinds/http",
    "httpx2": "engine/kinds/http",
    "click": "cli/",
    "pytesseract": "reading/ocr/engines/tesseract",
    "pdfplumber": "reading/readers/pdf/tables",
    "pypdfium2": "reading/readers/pdf/pdfium",
    "lxml": "reading/parts/xml",
    "python_calamine": "reading/readers/spreadsheet/xls",
    "xlrd": "reading/readers/spreadsheet/xls",
    "xlsxwriter": "output/export/xlsx",
    "transformers": "engine/model/gguf_tokenizer",
}
"""A large package and the beginning of the only files that may import it."""


def sources(package: Path) -> dict[str, Path]:
    """The modules of a package by their full names."""
    return {module_name(package, file): file for file in sorted(package.rglob("*.py"))}


def module_name(package: Path, file: Path) -> str:
    return ".".join((package.name, *file.relative_to(package).with_suffix("").parts)).removesuffix(".__init__")


@cache
def imported_names(name: str, file: Path) -> frozenset[str]:
    return frozenset(_imported_names(name, file))


def _imported_names(name: str, file: Path) -> Iterator[str]:
    """Full names of all that a module imports, wherever it does: modules, and what it takes from them."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = name.split(".") if file.name == "__init__.py" else name.split(".")[:-1]
            above = parts[: len(parts) - node.level + 1] if node.level else []
            module = ".".join((*above, *filter(None, [node.module])))
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and is_import_module(node.func) and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)


def is_import_module(function: ast.expr) -> bool:
    name = getattr(function, "attr", None) or getattr(function, "id", None)
    return name in {"import_module", "__import__"}


def arrows(package: Path) -> dict[str, set[str]]:
    """For each module of a package the modules of the package that it imports."""
    modules = sources(package)
    return {
        name: {target for full in imported_names(name, file) if (target := nearest(full, modules)) not in {None, name}}
        for name, file in modules.items()
    }


def nearest(full: str, modules: Mapping[str, Path]) -> str | None:
    """The module that an imported name is or stands in; None if it is not one of these."""
    while full and full not in modules:
        full = full.rpartition(".")[0]
    return full or None


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.fixture(scope="module")
def modules() -> dict[str, Path]:
    return sources(ROOT / PACKAGE)


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    return arrows(ROOT / PACKAGE)


def room(module: str) -> str:
    """The package or module of the first level that a module belongs to."""
    return module.split(".")[1] if "." in module else ""


def room_arrows(graph: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    pairs = {(room(source), room(target)) for source, targets in graph.items() for target in targets}
    return {(source, target) for source, target in pairs if source != target and source and target}


def levels() -> dict[str, int]:
    """The line in the layers contract on which a package stands, counted from the bottom."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (contract,) = (one for one in contracts if one["type"] == "layers")
    return {name.strip(): level for level, line in enumerate(reversed(contract["layers"])) for name in line.split("|")}


def test_the_package_is_eleven_packages() -> None:
    assert {folder.parent.name for folder in (ROOT / PACKAGE).glob("*/__init__.py")} == PACKAGES


def test_few_arrows_run_among_the_packages(graph: dict[str, set[str]]) -> None:
    among = sorted(f"{source} -> {target}" for source, target in room_arrows(graph) if {source, target} <= PACKAGES)
    assert len(among) <= MAX_ARROWS, among


def test_no_arrow_runs_back_or_to_a_sibling(graph: dict[str, set[str]]) -> None:
    level = levels()
    assert [pair for pair in sorted(room_arrows(graph)) if level[pair[0]] <= level[pair[1]]] == []


def test_no_modules_import_each_other_in_a_circle(graph: dict[str, set[str]]) -> None:
    assert circle(graph) == []


def test_no_folder_has_more_modules_than_one_can_look_over() -> None:
    package = ROOT / PACKAGE
    folders = {file.parent for file in package.rglob("*.py")}
    counts = {
        str(folder.relative_to(package)): sum(file.name != "__init__.py" for file in folder.glob("*.py"))
        for folder in folders
    }
    assert {name: count for name, count in counts.items() if count > MAX_MODULES and name not in PLUGIN_FOLDERS} == {}


def test_every_module_says_what_it_is_in_words_of_its_own(modules: dict[str, Path]) -> None:
    said = {name: ast.get_docstring(ast.parse(file.read_text("utf-8"))) for name, file in modules.items()}
    assert [name for name, words in said.items() if not words] == []
    ordered = sorted((words, name) for name, words in said.items())
    assert [(one, two) for (words, one), (same, two) in pairwise(ordered) if words == same] == []


@pytest.mark.parametrize("package", OWNERS)
def test_a_large_package_is_imported_in_one_place_alone(package: str, modules: dict[str, Path]) -> None:
    importers = {
        file.relative_to(ROOT / PACKAGE).as_posix()
        for name, file in modules.items()
        if any(full.split(".")[0] == package for full in imported_names(name, file))
    }
    assert importers, f"nothing imports {package}: its line in OWNERS can go"
    assert [file for file in sorted(importers) if not file.startswith(OWNERS[package])] == []


def test_imports_are_seen_wherever_they_stand(tmp_path: Path) -> None:
    package = tmp_path / "house"
    files = {
        "__init__.py": "",
        "a.py": "def later():\n    from house.low import deep\n",
        "b.py": "from . import a\nfrom .low.deep import thing\nimport importlib\nimportlib.import_module('ray.data')\n",
        "low/__init__.py": "",
        "low/deep.py": "from ..b import name\n",
    }
    for name, text in files.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    graph = arrows(package)
    assert graph["house.a"] == {"house.low.deep"}
    assert graph["house.b"] == {"house.a", "house.low.deep"}
    assert graph["house.low.deep"] == {"house.b"}
    assert {"house.b", "house.low.deep"} <= set(circle(graph))
    assert "ray.data" in imported_names("house.b", package / "b.py")
    assert room_arrows(graph) == {("a", "low"), ("b", "a"), ("b", "low"), ("low", "b")}
