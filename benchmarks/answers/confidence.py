"""How well confidence tells right values from wrong ones, on documents that it was not fitted to."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.answers.grades import DocumentGrade
from benchmarks.answers.measures import Sure, auroc, error_rate, sure_share
from qwen_batch.evaluate.calibrate import LabelledParts, cross_validate

GIVEN = frozenset({"right", "wrong", "invented"})


def sure_values(documents: Sequence[DocumentGrade], *, calibrated: bool) -> list[Sure]:
    """Every value that was given, with its field's confidence: the record's own, or by a calibration.

    The record's own comes of a formula that was fitted to nothing; a calibration is fitted to the other documents.
    """
    given = [
        (document, graded.judged)
        for document in documents
        for graded in document.graded
        if document.record and graded.judged.outcome in GIVEN
    ]
    if calibrated:
        parts = {
            (document.case.name, one.field): one
            for document in documents
            if document.record
            for one in document.record.confidence_parts
        }
        samples = [
            LabelledParts(document.case.name, parts[document.case.name, judged.field], judged.outcome == "right")
            for document, judged in given
        ]
        return [Sure(one.sample.source, one.confidence, one.sample.right) for one in cross_validate(samples)]
    own = (
        (document.case.name, document.record.confidence.get(judged.field), judged.outcome == "right")
        for document, judged in given
        if document.record
    )
    return [Sure(name, number, right) for name, number, right in own if number is not None]


def confidence_lines(name: str, values: Sequence[Sure]) -> str:
    """One row of the report's table."""
    overall, half, area = error_rate(values), error_rate(values, 0.5), auroc(values)
    if overall is None or half is None:
        return f"| {name} | 0 | - | - | - | - | - | - |"
    shown = f"{area:.3f}" if area is not None else "-"
    of_all = f"{half / overall:.2f}" if overall else "-"
    shares = " | ".join(f"{sure_share(values, right):.0%}" for right in (0.98, 0.99))
    return f"| {name} | {len(values)} | {shown} | {overall:.3f} | {half:.3f} | {of_all} | {shares} |"
