"""Python that a model wrote: read, compiled and checked by mypy in a process of its own. It is never imported or run.

mypy reads code and runs none of it; only the standard library is known to it. It comes with the extra `code`.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from qwen_batch.errors import JobError

MYPY_TIMEOUT_S = 120
MAX_ERRORS = 6
"""So many errors are named to the model: the first ones cause the rest."""
FILE = "answer.py"
MYPY_OPTIONS = (
    "--strict",
    "--no-site-packages",
    "--no-error-summary",
    "--hide-error-context",
    "--no-color-output",
    "--config-file=",
    "--show-error-codes",
    "--python-version=3.11",
)


def check_mypy(job: str) -> None:
    """Raises JobError where code could not be checked: mypy is not installed."""
    if find_spec("mypy") is None:
        raise JobError(
            f"job {job}: its code is checked by mypy, which is not installed", "pip install 'qwen-batch[code]'"
        )


def python_problems(code: str) -> list[str]:
    """What is wrong with code, the first thing first; empty where it compiles, is typed and has its docstrings."""
    try:
        tree = ast.parse(code)
        compile(tree, FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f"line {error.lineno}: " if isinstance(error, SyntaxError) else ""
        return [f"{line}{getattr(error, 'msg', None) or error}"]
    return [*_without_docstrings(tree), *_mypy_errors(code)][:MAX_ERRORS]


def _without_docstrings(tree: ast.Module) -> Iterator[str]:
    defined = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    if not defined:
        yield "it defines no function and no class"
    for node in defined:
        if not node.name.startswith("_") and not ast.get_docstring(node):
            yield f"line {node.lineno}: {node.name} has no docstring"


def _mypy_errors(code: str) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="qwen-batch-code-") as folder:
        (Path(folder) / FILE).write_text(code, "utf-8")
        command = [sys.executable, "-I", "-m", "mypy", *MYPY_OPTIONS, f"--cache-dir={_cache().name}", FILE]
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=MYPY_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            return [f"checking its types took longer than {MYPY_TIMEOUT_S} s; make it simpler"]
    if done.returncode and not done.stdout.strip():
        return [f"its types could not be checked: {done.stderr.strip()[-200:]}"]
    lines = [line.removeprefix(f"{FILE}:") for line in done.stdout.splitlines() if ": error: " in line]
    return [f"line {line.replace(': error: ', ': ')}" for line in lines]


@lru_cache(maxsize=1)
def _cache() -> tempfile.TemporaryDirectory[str]:
    """What mypy knows of the standard library, kept as long as this process: it takes seconds to find out."""
    return tempfile.TemporaryDirectory(prefix="qwen-batch-mypy-")
