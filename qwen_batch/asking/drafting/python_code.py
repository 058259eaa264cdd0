"""Python that a model wrote, read in a process of its own with limits on time and memory. It is never imported or run.

The process parses, compiles and checks it by mypy, which comes with the extra `code` and knows the standard library
alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from qwen_batch.errors import ToolMissingError

TIMEOUT_S = 120
MAX_ERRORS = 6
"""So many errors are named to the model: the first ones cause the rest."""
FILE = "answer.py"
CHILD = Path(__file__).with_name("python_child.py")


def check_mypy() -> None:
    """Raises ToolMissingError where code could not be checked."""
    if find_spec("mypy") is None:
        raise ToolMissingError(
            "mypy is not installed, which checks the code of a job", "pip install 'qwen-batch[code]'"
        )


def python_problems(code: str) -> list[str]:
    """What is wrong with code, the first thing first; empty where it compiles, is typed and has its docstrings."""
    with tempfile.TemporaryDirectory(prefix="qwen-batch-code-") as folder:
        (Path(folder) / FILE).write_text(code, "utf-8", errors="replace")
        command = [sys.executable, "-I", str(CHILD), FILE, _cache().name]
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired:
            return [f"checking it took longer than {TIMEOUT_S} s; make it simpler"]
    try:
        problems = json.loads(done.stdout)
    except ValueError:
        last = done.stderr.strip().rpartition("\n")[2]
        return [f"checking it ended with {done.returncode}{f': {last[-200:]}' if last else ''}; make it simpler"]
    return [str(one) for one in problems][:MAX_ERRORS]


@lru_cache(maxsize=1)
def _cache() -> tempfile.TemporaryDirectory[str]:
    """What mypy knows of the standard library, kept as long as this process: it takes seconds to find out."""
    return tempfile.TemporaryDirectory(prefix="qwen-batch-mypy-")
