"""How well confidence tells right values from wrong ones, on documents that it was not fitted to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from answers_measures import Sure, auroc, error_rate
from answers_score import DocumentGrade

GIVEN = frozenset({"right", "wrong", "invented"})


def sure_values(documents: Iterable[DocumentGrade]) -> list[Sure]:
    """Every value that was given, with its field's confidence."""
    return [
        Sure(document.case.name, confidence, graded.judged.outcome == "right")
        for document in documents
        for graded in document.graded
        if graded.judged.outcome in GIVEN and (confidence := out_of_fold(document, graded.judged.field)) is not None
    ]


def out_of_fold(document: DocumentGrade, field: str) -> float | None:
    """A field's confidence, by nothing that was learnt from its own document.

    That is the record's own number: without a calibration file it is a formula, fitted to nothing. The one place to put
    a cross-validated calibration, by document, from `record.confidence_parts`.
    """
    return document.record.confidence.get(field) if document.record else None


def confidence_lines(name: str, values: Sequence[Sure]) -> str:
    """One row of the report's table."""
    overall, half, area = error_rate(values), error_rate(values, 0.5), auroc(values)
    if overall is None or half is None:
        return f"| {name} | 0 | - | - | - | - |"
    shown = f"{area:.3f}" if area is not None else "-"
    of_all = f"{half / overall:.2f}" if overall else "-"
    return f"| {name} | {len(values)} | {shown} | {overall:.3f} | {half:.3f} | {of_all} |"
