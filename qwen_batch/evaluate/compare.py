"""Two runs over the same gold side by side: fields that got better or worse, and documents that changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from qwen_batch.evaluate.judge import Judgement
from qwen_batch.evaluate.measures import Counts
from qwen_batch.evaluate.score import Scores


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field in both runs."""

    field: str
    before: Counts
    after: Counts

    @property
    def difference(self) -> float | None:
        """F1 after less F1 before."""
        return difference(self.before.f1, self.after.f1)


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A document that is judged otherwise: what the first run has alone, and what the second has alone."""

    source: str
    errors_before: int
    errors_after: int
    before: tuple[Judgement, ...]
    after: tuple[Judgement, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The second run against the first; `documents` begins with those that lost most."""

    before: Scores
    after: Scores
    fields: tuple[FieldChange, ...]
    documents: tuple[DocumentChange, ...]


def compare_scores(before: Scores, after: Scores) -> Comparison:
    """Compares two runs that were judged by the same gold."""
    new_fields = {field.field: field.counts for field in after.fields}
    new_documents = {document.source: document for document in after.documents}
    changes = []
    for document in before.documents:
        other = new_documents[document.source]
        lost, gained = (
            _difference(document.judgements, other.judgements),
            _difference(other.judgements, document.judgements),
        )
        if lost or gained:
            changes.append(
                DocumentChange(document.source, document.counts.errors, other.counts.errors, tuple(lost), tuple(gained))
            )
    return Comparison(
        before=before,
        after=after,
        fields=tuple(FieldChange(one.field, one.counts, new_fields.get(one.field, Counts())) for one in before.fields),
        documents=tuple(sorted(changes, key=lambda one: (one.errors_before - one.errors_after, one.source))),
    )


def difference(before: float | None, after: float | None) -> float | None:
    """After less before; None if one of them is not known."""
    return None if before is None or after is None else after - before


def _difference(judgements: Iterable[Judgement], others: Iterable[Judgement]) -> list[Judgement]:
    """Those that the others do not hold, by field, outcome and value; their order does not count."""
    left = Counter(_said(one) for one in others)
    kept = []
    for one in judgements:
        if left[_said(one)] > 0:
            left[_said(one)] -= 1
        else:
            kept.append(one)
    return kept


def _said(judgement: Judgement) -> tuple[str, str, str]:
    return judgement.field, judgement.outcome, repr(judgement.value)
