"""How well confidence tells right values from wrong ones, on documents that it was not fitted to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from answers_measures import Sure, auroc, error_rate
from answers_score import DocumentGrade

GIVEN = frozenset({"right", "wrong", "invented"})


def sure_values(documents: Sequence[DocumentGrade]) -> list[Sure]:
    """Every value that was given, with its field's confidence."""
    confidence = out_of_fold(documents)
    return [
        Sure(name, confidence[name, graded.judged.field], graded.judged.outcome == "right")
        for document in documents
        for graded in document.graded
        if graded.judged.outcome in GIVEN and ((name := document.case.name), graded.judged.field) in confidence
    ]


def out_of_fold(documents: Sequence[DocumentGrade]) -> Mapping[tuple[str, str], float]:
    """The confidence of each document's fields, by nothing that was learnt from the document itself.

    These are the records' own numbers: without a calibration file they come of a formula that was fitted to nothing.
    This is the one place to put a calibration that is cross-validated by document.
    """
    return {
        (document.case.name, field): confidence
        for document in documents
        if document.record
        for field, confidence in document.record.confidence.items()
        if confidence is not None
    }


def confidence_lines(name: str, values: Sequence[Sure]) -> str:
    """One row of the report's table."""
    overall, half, area = error_rate(values), error_rate(values, 0.5), auroc(values)
    if overall is None or half is None:
        return f"| {name} | 0 | - | - | - | - |"
    shown = f"{area:.3f}" if area is not None else "-"
    of_all = f"{half / overall:.2f}" if overall else "-"
    return f"| {name} | {len(values)} | {shown} | {overall:.3f} | {half:.3f} | {of_all} |"
