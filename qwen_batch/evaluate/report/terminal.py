"""Scores for people at a terminal: tables with rich, of plain text where the output is no terminal."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Sequence
from typing import Protocol

from rich import box
from rich.console import Console
from rich.table import Table

from qwen_batch.evaluate.evaluation import Evaluation
from qwen_batch.evaluate.measures import ConfidenceScore, Counts
from qwen_batch.evaluate.report.files import share, signed

WORST_DOCUMENTS = 10
PIPE_COLUMNS = 160
"""Width where the output is a file or a pipe."""


class _Prints(Protocol):
    def print(self, *objects: object) -> None: ...


def evaluation_to_text(evaluation: Evaluation) -> str:
    """Tables of everything but the wrong values, which the reports hold."""
    is_terminal = sys.stdout.isatty()
    text = io.StringIO()
    width = shutil.get_terminal_size().columns if is_terminal else PIPE_COLUMNS
    console = Console(file=text, width=width, force_terminal=is_terminal, highlight=False, markup=False)
    _print_fields(evaluation, console)
    _print_grounding(evaluation, console)
    _print_confidence(evaluation, console)
    if evaluation.calibration:
        _print_calibration(evaluation, console)
    if evaluation.comparison:
        _print_comparison(evaluation, console)
    _print_documents(evaluation, console)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    return table


def _print_fields(evaluation: Evaluation, console: _Prints) -> None:
    scores = evaluation.scores
    title = f"{evaluation.job} in {evaluation.output}: {len(scores.documents)} documents, against {evaluation.gold}"
    columns = ("field", "compared as", "precision", "recall", "F1", "right", "wrong", "spurious", "missed", "absent")
    table = _table(title, *columns)
    for field in scores.fields:
        table.add_row(field.field, field.kind, *_counts(field.counts))
    table.add_section()
    table.add_row("micro", "", *_counts(scores.counts))
    table.add_row("macro", "", *map(share, (scores.macro_precision, scores.macro_recall, scores.macro_f1)))
    console.print(table)
    for source in scores.missing:
        console.print(f"no row: {source}")


def _counts(counts: Counts) -> Sequence[str]:
    numbers = (counts.right, counts.wrong, counts.spurious, counts.missed, counts.absent)
    return (*map(share, (counts.precision, counts.recall, counts.f1)), *map(str, numbers))


def _print_grounding(evaluation: Evaluation, console: _Prints) -> None:
    grounding = evaluation.scores.grounding
    table = _table("grounding", "measure", "share", "of")
    page, quote = share(grounding.page_accuracy), share(grounding.span_accuracy)
    table.add_row("evidence on the right page", page, f"{grounding.paged} right values with a page in gold")
    table.add_row("evidence overlaps with gold's", quote, f"{grounding.quoted} right values with a quote in gold")
    located = share(grounding.located / grounding.values if grounding.values else None)
    table.add_row("quote is in the document", located, f"{grounding.values} values")
    console.print(table)


def _print_confidence(evaluation: Evaluation, console: _Prints) -> None:
    values, statements = evaluation.scores.values, evaluation.scores.statements
    table = _table("confidence", "measure", "values", "values and empty fields")
    for name, figures in (
        ("judged with a confidence", [str(one.samples) for one in (values, statements)]),
        ("error rate", _both("error_rate", values, statements)),
        ("AUROC of right against wrong", _both("auroc", values, statements)),
        ("expected calibration error", _both("calibration_error", values, statements)),
        ("area under risk and coverage", _both("risk_area", values, statements)),
    ):
        table.add_row(name, *figures)
    console.print(table)
    bins = _table("reliability of values", "confidence", "values", "mean confidence", "right")
    for one in values.bins:
        bins.add_row(f"{one.low:.1f} to {one.high:.1f}", str(one.count), share(one.confidence), share(one.accuracy))
    console.print(bins)
    risks = _table("the most confident values", "coverage", "error rate", "least confidence")
    for risk in values.risks:
        risks.add_row(f"{risk.coverage:.0%}", share(risk.error_rate), share(risk.threshold))
    console.print(risks)


def _both(name: str, *scores: ConfidenceScore) -> list[str]:
    return [share(getattr(score, name)) for score in scores]


def _print_calibration(evaluation: Evaluation, console: _Prints) -> None:
    checked = evaluation.calibration.cross_validation if evaluation.calibration else None
    if checked is None:
        return
    title = f"calibration, cross-validated by document: {checked.values} fields of {checked.documents} documents"
    table = _table(f"{title} in {checked.folds} folds", "measure", "product of the parts", "calibrated")
    for name, before, after in (
        ("expected calibration error", checked.calibration_error_before, checked.calibration_error_after),
        ("AUROC", checked.auroc_before, checked.auroc_after),
        (
            f"error of the surer half (of all {share(checked.error_rate)})",
            checked.error_at_half_before,
            checked.error_at_half_after,
        ),
    ):
        table.add_row(name, share(before), share(after))
    console.print(table)
    console.print(f"written to {evaluation.calibration_file}; confidence.calibration takes it")


def _print_comparison(evaluation: Evaluation, console: _Prints) -> None:
    comparison = evaluation.comparison
    if comparison is None:
        return
    table = _table(f"against {evaluation.other}", "field", "F1 there", "F1 here", "difference")
    for change in comparison.fields:
        table.add_row(change.field, share(change.before.f1), share(change.after.f1), signed(change.difference))
    console.print(table)
    changed = _table(
        f"{len(comparison.documents)} documents judged otherwise", "document", "errors there", "errors here"
    )
    for document in comparison.documents[:WORST_DOCUMENTS]:
        changed.add_row(document.source, str(document.errors_before), str(document.errors_after))
    console.print(changed)


def _print_documents(evaluation: Evaluation, console: _Prints) -> None:
    documents = evaluation.scores.documents
    table = _table(f"the worst of {len(documents)} documents", "document", "errors", "F1", "judged right")
    for one in documents[:WORST_DOCUMENTS]:
        table.add_row(one.source, str(one.counts.errors), share(one.counts.f1), share(one.counts.accuracy))
    console.print(table)
