"""Rows of scores that several sections of the report share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from benchmarks.answers.grades import DocumentGrade, VariantGrade
from benchmarks.answers.measures import Scores, ratio, scores_of

Grades = Mapping[str, VariantGrade]
OURS = "ours"
LONG_PAGES = 20
HEAD_LINES = 3
"""Of a section that has no rows."""
SCORES_HEAD = "| {} | {} P / R / F1 | {} P / R / F1 | {} |\n|---|---|---|---:|"


def scores_row(name: str, one: Scores, other: Scores) -> str:
    """A row of two scores and their ratio."""
    return f"| {name} | {scores_text(one)} | {scores_text(other)} | {ratio(one.f1, other.f1)} |"


def scores_text(scores: Scores) -> str:
    """Precision, recall and F1."""
    return f"{scores.precision:.3f} / {scores.recall:.3f} / {scores.f1:.3f}"


def all_scores(documents: Iterable[DocumentGrade]) -> Scores:
    """The scores of all values of some documents."""
    return scores_of(graded.judged for document in documents for graded in document.graded)


def field_scores(documents: Iterable[DocumentGrade], field: str) -> Scores:
    """The scores of one field."""
    judged = (graded.judged for document in documents for graded in document.graded)
    return scores_of(one for one in judged if one.field == field)


def same_documents(
    some: Sequence[DocumentGrade], others: Sequence[DocumentGrade]
) -> tuple[list[DocumentGrade], list[DocumentGrade]]:
    """The documents that both have, in the same order."""
    by_name = {one.case.name: one for one in others}
    return [one for one in some if one.case.name in by_name], [
        by_name[one.case.name] for one in some if one.case.name in by_name
    ]
