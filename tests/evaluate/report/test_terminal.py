"""report.terminal: tables of plain text where the output is no terminal, as wide as they need to be."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from helpers.published import evidence

from qwen_batch.evaluate.compare import compare_scores
from qwen_batch.evaluate.evaluation import Evaluation
from qwen_batch.evaluate.gold import GoldEvidence, make_gold
from qwen_batch.evaluate.judge import Prediction
from qwen_batch.evaluate.report.terminal import PIPE_COLUMNS, WORST_DOCUMENTS, evaluation_to_text
from qwen_batch.evaluate.score import Scores, documents_to_scores

DOCUMENTS = WORST_DOCUMENTS + 2


def scores_of(law: str) -> Scores:
    """One document with a right or wrong value, many that are wrong, and one without a row."""
    gold = [make_gold("a.pdf", {"law": "Nevada"}, {"law": [GoldEvidence(3, "laws of Nevada")]})]
    rows = [Prediction("a.pdf", {"law": law}, (evidence("law", law, f"laws of {law}", 3),), {"law": 0.75})]
    for number in range(DOCUMENTS):
        gold.append(make_gold(f"{number:02}.pdf", {"rent": number + 1}))
        rows.append(Prediction(f"{number:02}.pdf", {"rent": 0.5}))
    return documents_to_scores([*gold, make_gold("gone.pdf", {"law": "Texas"})], rows)


def evaluation(law: str = "Nevada") -> Evaluation:
    return Evaluation("gold.jsonl", "out", "lease", ("null",), scores_of(law))


def cells(text: str, first: str) -> list[str]:
    """The cells of the first row that begins so."""
    (row, *_) = (line.strip() for line in text.splitlines() if line.startswith(f" {first} "))
    return row.removeprefix(first).split()


def test_a_field_has_its_shares_and_counts_in_one_row() -> None:
    text = evaluation_to_text(evaluation())
    assert "lease in out: 14 documents, against gold.jsonl" in text
    assert cells(text, "law") == ["place", "1.000", "0.500", "0.667", "1", "0", "0", "1", "0"]
    assert cells(text, "rent")[1:] == ["0.000", "0.000", "0.000", "0", "12", "0", "0", "0"]
    assert "no row: gone.pdf" in text


def test_grounding_and_confidence_say_of_how_many_they_speak() -> None:
    text = evaluation_to_text(evaluation())
    on_page = "1.000 1 right values with a page in gold"
    assert cells(text, "evidence on the right page") == on_page.split()
    assert cells(text, "evidence overlaps with gold's")[0] == "1.000"
    assert cells(text, "judged with a confidence") == ["1", "1"]


def test_only_the_worst_documents_are_listed() -> None:
    text = evaluation_to_text(evaluation())
    _, _, worst = text.partition(f"the worst of {DOCUMENTS + 2} documents")
    listed = [line.split()[0] for line in worst.splitlines() if ".pdf" in line]
    assert len(listed) == WORST_DOCUMENTS
    assert "a.pdf" not in listed


def test_a_comparison_shows_both_runs_and_the_difference() -> None:
    before, after = scores_of("Utah"), scores_of("Nevada")
    text = evaluation_to_text(replace(evaluation(), other="before", comparison=compare_scores(before, after)))
    _, _, against = text.partition("against before")
    assert cells(against, "law") == ["0.000", "0.667", "+0.667"]
    assert "1 documents judged otherwise" in text
    assert cells(against, "a.pdf") == ["1", "0"]


def test_a_pipe_gets_plain_text_and_a_terminal_its_own_width(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = evaluation_to_text(evaluation())
    assert "\x1b" not in plain
    assert 80 < max(map(len, plain.splitlines())) <= PIPE_COLUMNS
    assert all(line == line.rstrip() for line in plain.splitlines())
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    assert max(len(line) for line in evaluation_to_text(evaluation()).splitlines() if "\x1b" not in line) <= 60
