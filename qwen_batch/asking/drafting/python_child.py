"""The process that reads code which a model wrote: `python -I python_child.py FILE CACHE` prints its problems as JSON.

It parses, compiles and hands the file to mypy, which reads it too. Nothing is imported from it and nothing of it runs.
Started by `python_code`, with limits of its own on memory and time; imports nothing of this package.
"""

from __future__ import annotations

import ast
import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

MEMORY_BYTES = 3 << 30
CPU_S = 100
MYPY_OPTIONS = (
    "--strict",
    "--no-site-packages",
    "--no-error-summary",
    "--hide-error-context",
    "--no-color-output",
    "--config-file=",
)


def main() -> None:
    """Reads the file under its limits and prints a list of problems."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    file, cache = Path(sys.argv[1]), sys.argv[2]
    sys.stdout.write(json.dumps(problems_of(file, cache)))


def problems_of(file: Path, cache: str) -> list[str]:
    """What is wrong with a file, the first thing first."""
    try:
        tree = ast.parse(file.read_text("utf-8"))
        compile(tree, file.name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f"line {error.lineno}: " if isinstance(error, SyntaxError) else ""
        return [f"{line}{getattr(error, 'msg', None) or error or type(error).__name__}"]
    return [*_without_docstrings(tree), *_mypy_errors(file, cache)]


def _without_docstrings(tree: ast.Module) -> Iterator[str]:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    defined = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    if not defined:
        yield "it defines no function and no class"
    for node in defined:
        if not node.name.startswith("_") and not ast.get_docstring(node):
            yield f"line {node.lineno}: {node.name} has no docstring"


def _mypy_errors(file: Path, cache: str) -> Iterator[str]:
    from mypy import api

    said, complaint, status = api.run([*MYPY_OPTIONS, f"--cache-dir={cache}", file.name])
    errors = [line.partition(": error: ") for line in said.splitlines() if ": error: " in line]
    for where, _, words in errors:
        yield f"line {where.removeprefix(file.name).strip(':')}: {words}"
    if status and not errors:
        yield f"its types could not be checked: {(complaint or said).strip()[-200:]}"


if __name__ == "__main__":
    main()
