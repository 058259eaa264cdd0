"""What judging gives: grades of a value, a document, a variant. Knows neither the rules nor the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.answers.documents.cases import Case
from benchmarks.answers.documents.docubench import LeafCounts
from benchmarks.answers.judge import Judged
from qwen_batch.outcomes import Evidence, Record


@dataclass(frozen=True, slots=True)
class Graded:
    """A judged value with what was given for it: its evidence, whether that is where the label says, its confidence.

    `on_page` and `overlaps` are None where the label's words were not found in the text.
    """

    judged: Judged
    evidence: Evidence | None = None
    on_page: bool | None = None
    overlaps: bool | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class DocumentGrade:
    """One document under one variant; `record` is None for the baseline and where there was no valid answer."""

    case: Case
    valid: bool
    graded: tuple[Graded, ...]
    result: Mapping[str, Any]
    record: Record | None = None
    leaves: LeafCounts | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class VariantGrade:
    """All documents of a variant, with what the asking cost."""

    variant: str
    documents: tuple[DocumentGrade, ...]
    figures: Mapping[str, float]
    model: str

    def of_set(self, set_name: str) -> list[DocumentGrade]:
        """The documents of one set."""
        return [one for one in self.documents if one.case.set_name == set_name]
