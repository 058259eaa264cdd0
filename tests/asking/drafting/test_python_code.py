"""python_code: code is read by a process of its own: compiled, typed, with docstrings, and never run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from qwen_batch.asking.drafting import python_code
from qwen_batch.asking.drafting.python_code import MAX_ERRORS, check_mypy, python_problems
from qwen_batch.errors import ToolMissingError

GOOD = '''"""Fees."""


def fee(weight: float) -> int:
    """Whole euro for a weight."""
    return round(weight * 3)
'''

pytestmark = pytest.mark.subprocess


def test_typed_code_with_docstrings_has_no_problem() -> None:
    assert python_problems(GOOD) == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (GOOD.replace("-> int:", "-> int"), "line 4: expected ':'"),
        (GOOD.replace(": float", ""), "Function is missing a type annotation"),
        (GOOD.replace("-> int", "-> str"), 'got "int", expected "str"'),
        (GOOD.replace('    """Whole euro for a weight."""\n', ""), "line 4: fee has no docstring"),
        (f"import numpy\n{GOOD}", "numpy"),
        ("x = 1\n", "it defines no function and no class"),
        ("x = " + "(" * 5000 + ")" * 5000, ""),
        ("\x00", "null bytes"),
    ],
)
def test_what_is_wrong_with_code_is_told(code: str, words: str) -> None:
    problems = python_problems(code)
    assert problems
    assert any(words in one for one in problems), problems


def test_code_is_never_run(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    code = f'"""Runs."""\nfrom pathlib import Path\n\nPath({str(trace)!r}).write_text("x")\n{GOOD}'
    assert python_problems(code) == []
    assert not trace.exists()


def test_only_the_first_errors_are_told() -> None:
    code = "".join(f"def f{number}(x):\n    return x\n" for number in range(20))
    assert len(python_problems(code)) == MAX_ERRORS


def test_code_that_takes_too_long_to_check_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(python_code, "CHILD", slow)
    monkeypatch.setattr(python_code, "TIMEOUT_S", 0.2)
    assert python_problems(GOOD) == ["checking it took longer than 0.2 s; make it simpler"]


def test_a_check_that_dies_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dead = tmp_path / "dead.py"
    dead.write_text("raise SystemExit('no memory')\n")
    monkeypatch.setattr(python_code, "CHILD", dead)
    assert python_problems(GOOD) == ["checking it ended with 1: no memory; make it simpler"]


def test_without_mypy_the_run_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    check_mypy()
    monkeypatch.setitem(sys.modules, "mypy", None)
    with pytest.raises(ToolMissingError, match="mypy is not installed"):
        check_mypy()
