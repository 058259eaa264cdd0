"""failure_codes: every code that the package gives stands in the table, and the table has no other."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from typing import get_args

import pytest
from helpers.places import ROOT

from qwen_batch.failure_codes import FAILURE_CODES, FailureCode

PACKAGE = ROOT / "qwen_batch"
TABLE = PACKAGE / "failure_codes.py"
GIVES_A_CODE = {"Failure": 2, "Unreadable": 0, "Refusal": 0, "Invalid": 0, "Rejected": 0, "Crash": 0, "_unusable": 1}
"""Which argument of these calls is a code; elsewhere it comes from one of them."""


def codes_given() -> Iterator[str]:
    """The codes that are written out in calls, and constants that are declared to be one."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.AnnAssign) and isinstance(node.annotation, ast.Name) and node.value:
                given = node.value if node.annotation.id == "FailureCode" else None
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GIVES_A_CODE:
                place = GIVES_A_CODE[node.func.id]
                named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
                given = (named + node.args[place : place + 1])[0]
            else:
                continue
            if isinstance(given, ast.Constant):
                yield str(given.value)


def test_the_type_and_the_table_have_the_same_codes_in_order() -> None:
    codes = list(get_args(FailureCode))
    assert codes == sorted(codes) == list(FAILURE_CODES)


def test_every_code_that_is_given_is_in_the_table_and_no_code_there_is_never_given() -> None:
    assert set(codes_given()) == set(FAILURE_CODES)


@pytest.mark.parametrize("code", FAILURE_CODES)
def test_meaning_and_remedy_are_a_sentence_each(code: FailureCode) -> None:
    facts = FAILURE_CODES[code]
    for sentence in (facts.meaning, facts.remedy):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert sentence.count(". ") == 0
        assert "|" not in sentence


@pytest.mark.subprocess
def test_the_page_of_failures_is_up_to_date() -> None:
    page = subprocess.run([sys.executable, ROOT / "docs/failures.py"], capture_output=True, text=True, check=True)
    assert (ROOT / "docs/failures.md").read_text() == page.stdout, "run docs/failures.py again"
