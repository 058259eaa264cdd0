"""Gold and predictions -> scores. Pure: no files, no command line, no printing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qwen_batch.errors import UsageError
from qwen_batch.evaluate.gold import GoldDocument
from qwen_batch.evaluate.judge import Judgement, Outcome, Prediction, judge_document
from qwen_batch.evaluate.measures import ConfidenceScore, Counts, Sample, mean, ratio, samples_to_score
from qwen_batch.schema_walk import Schema

__all__ = ["DocumentScore", "FieldScore", "GroundingScore", "Judgement", "Prediction", "Scores", "documents_to_scores"]


@dataclass(frozen=True, slots=True)
class FieldScore:
    """One gold field over all documents."""

    field: str
    kind: str
    counts: Counts
    grounding: GroundingScore


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """One gold document; `row` is the source of its row, None if it has none."""

    source: str
    row: str | None
    counts: Counts
    judgements: tuple[Judgement, ...]


@dataclass(frozen=True, slots=True)
class GroundingScore:
    """Evidence, in numbers of values: right values with a page (a quote) in gold, and those of them that have it right.

    `located` of the `values` given were found in the document; `spurious_located` of the `spurious` ones.
    """

    paged: int
    page_right: int
    quoted: int
    span_right: int
    values: int
    located: int
    spurious: int
    spurious_located: int

    @property
    def page_accuracy(self) -> float | None:
        """Share of the right values whose evidence stands on the right page."""
        return ratio(self.page_right, self.paged)

    @property
    def span_accuracy(self) -> float | None:
        """Share of the right values whose evidence overlaps with gold's quote."""
        return ratio(self.span_right, self.quoted)


@dataclass(frozen=True, slots=True)
class Scores:
    """Everything that gold says about a run's answers.

    `documents` begins with the worst; `missing` are gold documents without a row, `unjudged` the number of rows without
    gold. `values` measures the confidence of the values given, `statements` also that of fields left empty.
    """

    documents: tuple[DocumentScore, ...]
    fields: tuple[FieldScore, ...]
    counts: Counts
    macro_precision: float | None
    macro_recall: float | None
    macro_f1: float | None
    grounding: GroundingScore
    values: ConfidenceScore
    statements: ConfidenceScore
    missing: tuple[str, ...]
    unjudged: int

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """All judgements, of the worst documents first."""
        return tuple(one for document in self.documents for one in document.judgements)


def documents_to_scores(
    gold: Sequence[GoldDocument], predictions: Sequence[Prediction], json_schema: Schema | None = None
) -> Scores:
    """Scores predictions against gold; the job's JSON schema, if given, helps to choose how values are compared.

    Raises UsageError if a gold source fits several predictions.
    """
    answers = pair_sources(gold, predictions)
    documents = [_document_score(one, answers.get(one.source), json_schema) for one in gold]
    judgements = [one for document in documents for one in document.judgements]
    fields = tuple(
        _field_score([one for one in judgements if one.field == field])
        for field in dict.fromkeys(path for one in gold for path in one.fields)
        if any(one.field == field for one in judgements)
    )
    return Scores(
        documents=tuple(sorted(documents, key=_badness)),
        fields=fields,
        counts=_count(judgements),
        macro_precision=mean(field.counts.precision for field in fields),
        macro_recall=mean(field.counts.recall for field in fields),
        macro_f1=mean(field.counts.f1 for field in fields),
        grounding=_grounding(judgements),
        values=samples_to_score(_samples(one for one in judgements if one.value is not None)),
        statements=samples_to_score(_samples(judgements)),
        missing=tuple(one.source for one in documents if one.row is None),
        unjudged=len(predictions) - len(answers),
    )


def pair_sources(gold: Sequence[GoldDocument], predictions: Sequence[Prediction]) -> dict[str, Prediction]:
    """The prediction of each gold source that has one: by its whole name, doc_id, or the end of its path."""
    by_name: dict[str, list[Prediction]] = {}
    for prediction in predictions:
        folders = prediction.source.split("/")
        ends = {"/".join(folders[at:]) for at in range(len(folders))} | {prediction.source, prediction.doc_id}
        for name in ends - {""}:
            by_name.setdefault(name, []).append(prediction)
    found = {}
    for one in gold:
        fits = by_name.get(one.source.removeprefix("./"), [])
        exact = [prediction for prediction in fits if prediction.source == one.source] or fits
        if len({prediction.doc_id or prediction.source for prediction in exact}) > 1:
            names = ", ".join(sorted(prediction.source for prediction in exact)[:3])
            raise UsageError(
                f"gold source {one.source!r} fits {len(exact)} rows: {names}",
                "name it with its folder, or by its doc_id",
            )
        if exact:
            found[one.source] = exact[0]
    return found


def _document_score(gold: GoldDocument, prediction: Prediction | None, json_schema: Schema | None) -> DocumentScore:
    judgements = tuple(judge_document(gold, prediction, json_schema))
    return DocumentScore(gold.source, prediction.source if prediction else None, _count(judgements), judgements)


def _badness(document: DocumentScore) -> tuple[float, int, str]:
    accuracy = document.counts.accuracy
    return 1.0 if accuracy is None else accuracy, -document.counts.errors, document.source


def _field_score(judgements: Sequence[Judgement]) -> FieldScore:
    kinds = dict.fromkeys(one.kind for one in judgements)
    return FieldScore(judgements[0].field, ", ".join(kinds), _count(judgements), _grounding(judgements))


def _count(judgements: Iterable[Judgement]) -> Counts:
    numbers: dict[Outcome, int] = {}
    for one in judgements:
        numbers[one.outcome] = numbers.get(one.outcome, 0) + 1
    return Counts(**numbers)


def _grounding(judgements: Sequence[Judgement]) -> GroundingScore:
    given = [one for one in judgements if one.value is not None]
    located = [one for one in given if one.evidence is not None and one.evidence.match != "none"]
    return GroundingScore(
        paged=sum(one.page_right is not None for one in given),
        page_right=sum(one.page_right is True for one in given),
        quoted=sum(one.span_right is not None for one in given),
        span_right=sum(one.span_right is True for one in given),
        values=len(given),
        located=len(located),
        spurious=sum(one.outcome == "spurious" for one in given),
        spurious_located=sum(one.outcome == "spurious" for one in located),
    )


def _samples(judgements: Iterable[Judgement]) -> list[Sample]:
    return [Sample(one.confidence, one.is_right) for one in judgements if one.confidence is not None]
