"""workbooks: the questions of one workbook of each family, with the slots of the gold, have the numbers of pandas."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.workbooks.__main__ import machine
from benchmarks.workbooks.families import FAMILIES, workbooks
from benchmarks.workbooks.made import write_workbook
from benchmarks.workbooks.score import workbook_score
from qwen_batch.outcomes import Record

NUMBER = "7"
"""The workbooks of the test: each has a wrong total behind a formula, and some have hidden rows."""


def test_there_are_sixty_with_five_questions_at_least_and_twelve_wrong_totals() -> None:
    books = list(workbooks())
    assert len(books) == 60
    assert min(len(book.questions) for book in books) >= 5
    assert Counter(book.name.rpartition("_")[0] for book in books if book.wrong) == dict.fromkeys(FAMILIES, 2)


@pytest.mark.subprocess
def test_slots_of_the_gold_have_the_numbers_of_pandas_and_wrong_totals_are_told(tmp_path: Path) -> None:
    books = [book for book in workbooks() if book.name.endswith(f"_{NUMBER}")]
    made = [(book, write_workbook(book, tmp_path)) for book in books]
    with machine(books, tmp_path, made[0][1].path, Namespace(model=None, overrides=())) as ready:
        for book, planted, outcome in ready.ask(made):
            (record,) = outcome.records
            assert isinstance(record, Record)
            score = workbook_score(book, planted.path, planted.wrong, record.result, record.warnings)
            assert (score.right, score.equal) == (score.asked, score.numbers), book.name
            assert (score.reported, score.false_alarms) == (True, 0), book.name
