"""Scores as JSON, Markdown and HTML. The page is one file without scripts; what documents say is escaped in it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qwen_batch.errors import OutputError
from qwen_batch.evaluate.compare import Comparison, difference
from qwen_batch.evaluate.evaluation import Evaluation
from qwen_batch.evaluate.judge import Judgement
from qwen_batch.evaluate.measures import Counts
from qwen_batch.evaluate.score import GroundingScore, Scores

REPORTS = ("report.md", "report.html")
_MARKDOWN = re.compile(r"([\\`*\[\]|#]|(?<!\w)_|_(?!\w))")


def evaluation_to_json(evaluation: Evaluation) -> dict[str, Any]:
    """All figures and judgements as JSON-like data."""
    scores = evaluation.scores
    content = {
        "gold": evaluation.gold,
        "output": evaluation.output,
        "job": evaluation.job,
        **summary_to_json(scores),
        "grounding": grounding_to_json(scores.grounding),
        "confidence": {"values": asdict(scores.values), "statements": asdict(scores.statements)},
        "missing": list(scores.missing),
        "unjudged_rows": scores.unjudged,
        "per_document": [
            {"source": one.source, "row": one.row}
            | counts_to_json(one.counts)
            | {"judgements": [judgement_to_json(judged) for judged in one.judgements]}
            for one in scores.documents
        ],
    }
    if evaluation.comparison:
        content["comparison"] = _comparison_to_json(evaluation.comparison, evaluation.other)
    if evaluation.calibration:
        content["calibration"] = evaluation.calibration.model_dump(mode="json")
    return content


def summary_to_json(scores: Scores) -> dict[str, Any]:
    """The figures of a run without its documents."""
    return {
        "documents": len(scores.documents),
        "micro": counts_to_json(scores.counts),
        "macro": {"precision": scores.macro_precision, "recall": scores.macro_recall, "f1": scores.macro_f1},
        "fields": {
            one.field: {"kind": one.kind} | counts_to_json(one.counts) | {"grounding": grounding_to_json(one.grounding)}
            for one in scores.fields
        },
    }


def counts_to_json(counts: Counts) -> dict[str, Any]:
    """Counts with what follows from them."""
    derived = ("errors", "precision", "recall", "f1", "accuracy")
    return asdict(counts) | {name: getattr(counts, name) for name in derived}


def grounding_to_json(grounding: GroundingScore) -> dict[str, Any]:
    """Counts of evidence with the shares that follow from them."""
    shares = {"page_accuracy": grounding.page_accuracy, "span_accuracy": grounding.span_accuracy}
    return asdict(grounding) | shares


def judgement_to_json(judgement: Judgement) -> dict[str, Any]:
    """One judgement; of its evidence the quote, the page and the kind of match."""
    names = ("field", "path", "kind", "outcome", "value", "gold", "confidence", "page_right", "span_right")
    found = judgement.evidence
    return {name: getattr(judgement, name) for name in names} | {
        "quote": found.quote if found else None,
        "page": found.page if found else None,
        "match": found.match if found else None,
    }


def _comparison_to_json(comparison: Comparison, other: str | None) -> dict[str, Any]:
    return {
        "other": other,
        "before": summary_to_json(comparison.before),
        "fields": {
            one.field: {"f1_before": one.before.f1, "f1_after": one.after.f1, "difference": one.difference}
            for one in comparison.fields
        },
        "documents": [
            {
                "source": one.source,
                "errors_before": one.errors_before,
                "errors_after": one.errors_after,
                "before": [judgement_to_json(judged) for judged in one.before],
                "after": [judgement_to_json(judged) for judged in one.after],
            }
            for one in comparison.documents
        ],
    }


def write_reports(evaluation: Evaluation, folder: Path) -> tuple[Path, ...]:
    """Writes report.md and report.html and gives their paths. Raises OutputError if the folder refuses."""
    paths = tuple(folder / name for name in REPORTS)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            path.write_text(render(evaluation, path.name), "utf-8")
    except OSError as error:
        raise OutputError(
            f"{error.filename or folder}: {error.strerror}", "name another folder with --report"
        ) from None
    return paths


def render(evaluation: Evaluation, name: str) -> str:
    """One of REPORTS as text."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=name.endswith(".html"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"share": share, "signed": signed, "cell": markdown_cell, "wrong": wrong_ones}
    template = environment.get_template(f"{name}.jinja")
    before = evaluation.comparison.before if evaluation.comparison else None
    change = difference(before.counts.f1, evaluation.scores.counts.f1) if before else None
    return template.render(evaluation=evaluation, scores=evaluation.scores, f1_change=change)


def share(value: float | None) -> str:
    """A share as 0.873; a dash for one that is not known."""
    return "–" if value is None else f"{value:.3f}"


def signed(value: float | None) -> str:
    """A difference of two shares as +0.042."""
    return "–" if value is None else f"{value:+.3f}"


def markdown_cell(value: object) -> str:
    """Text that stands in one cell of a Markdown table as it is, whatever a document says."""
    if value is None:
        return "–"
    return _MARKDOWN.sub(r"\\\1", html.escape(" ".join(str(value).split()), quote=False))


def wrong_ones(judgements: Iterable[Judgement]) -> list[Judgement]:
    """Those that are not as gold has it."""
    return [one for one in judgements if not one.is_right]
