"""The tests themselves: folders that mirror the package, one place for helpers, one place that knows the root."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from helpers.places import ROOT

TESTS = ROOT / "tests"
ELSEWHERE = {"benchmarks", "deploy", "docs"}
"""Folders of tests that mirror a folder beside the package."""
OF_THE_WHOLE = {"test_tree.py", "test_tests.py"}
"""Tests of no module."""
ROOT_BY_COUNTING = re.compile(r"__file__\)?(\.resolve\(\))?\)?\.parent(s\[|\.parent)")


def modules() -> Iterator[Path]:
    yield from sorted(TESTS.rglob("test_*.py"))


def names_in(folder: Path) -> set[str]:
    """Modules and packages of a folder, and the folder itself."""
    modules = {file.stem for file in folder.glob("*.py")}
    return {folder.name} | modules | {file.parent.name for file in folder.glob("*/__init__.py")}


def test_a_test_module_begins_with_the_name_of_what_it_mirrors() -> None:
    """`tests/a/test_b_more.py` is about `qwen_batch/a/b.py` or `b/`; `test_a_more.py` about `a` as a whole."""
    strange = []
    for file in modules():
        place = file.relative_to(TESTS)
        if place.parts[0] in ELSEWHERE | OF_THE_WHOLE:
            continue
        words = file.stem.split("_")[1:]
        beginnings = {"_".join(words[:count]) for count in range(1, len(words) + 1)}
        if not beginnings & names_in(ROOT / "qwen_batch" / place.parent):
            strange.append(str(place))
    assert strange == []


def test_only_one_module_looks_for_the_root() -> None:
    counting = [file for file in TESTS.rglob("*.py") if ROOT_BY_COUNTING.search(file.read_text("utf-8"))]
    assert counting == []
    assert "__file__" in (TESTS / "helpers" / "places.py").read_text("utf-8")


def test_what_tests_share_comes_from_helpers_alone() -> None:
    """No test imports another test, conftest or a helper by a second path."""
    wrong = [
        f"{file.relative_to(TESTS)}: {module}"
        for file in modules()
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        for module in imported(node)
        if module.split(".")[0] in {"tests", "conftest"} or module.split(".")[0].startswith("test_")
    ]
    assert wrong == []


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module] if node.module and not node.level else ["tests"]
    return []
