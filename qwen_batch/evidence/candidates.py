"""One field's values from the chunks of a document, and which of them has the best evidence.

What the rules of `reducing` and `union` share. Knows nothing of documents or engines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwen_batch.evidence.calibration import default_confidence
from qwen_batch.evidence.confidence import MATCH_ORDER, least_of_known, mean_of_known, worst_match
from qwen_batch.evidence.same_value import is_same_value
from qwen_batch.outcomes import ConfidenceParts, Evidence


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one chunk says of a field; `place` is the chunk's in the document."""

    value: Any
    evidence: tuple[Evidence, ...]
    parts: ConfidenceParts
    place: int


@dataclass(frozen=True, slots=True)
class Reduced:
    """The value that a rule made of candidates, with what stands behind it; `is_cut` if it had to leave items out."""

    value: Any
    evidence: tuple[Evidence, ...]
    parts: ConfidenceParts
    warnings: tuple[str, ...] = ()
    is_cut: bool = False


def by_evidence(candidate: Candidate) -> tuple[int, float, float, int]:
    """Sorts the best first: kind of match, its score, confidence, place in the document.

    Exact and normalised are one kind: which it is says only whether a line ends within the quote. Score and confidence
    count in tenths: of values about as sure the document's first is meant more often than its surest.
    """
    parts = candidate.parts
    kind = 0 if parts.match is None else max(0, MATCH_ORDER.index(parts.match) - 1)
    score = 1.0 if parts.score is None else parts.score
    return kind, -round(score, 1), -round(default_confidence(parts) or 0.0, 1), candidate.place


def located_or_all(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those whose quotes were located, or all where none was."""
    return [candidate for candidate in candidates if candidate.parts.match != "none"] or list(candidates)


def chosen(candidate: Candidate, candidates: Sequence[Candidate], warnings: tuple[str, ...] = ()) -> Reduced:
    """One of the candidates as the result, with how many of them agree with it."""
    parts = replace(candidate.parts, agreement=agreement(candidate.value, candidates))
    return Reduced(candidate.value, candidate.evidence, parts, warnings)


def agreement(value: Any, candidates: Sequence[Candidate]) -> float | None:
    """The share of the candidates that say the same as a value; None where there is but one to ask."""
    if len(candidates) < 2:  # noqa: PLR2004  one cannot disagree
        return None
    return sum(is_same_value(value, candidate.value) for candidate in candidates) / len(candidates)


def combined_parts(parts: Sequence[ConfidenceParts], shared: float | None) -> ConfidenceParts:
    """The parts of a value made of several: means of tokens and OCR, else the worst; `shared` is the agreement."""
    return replace(
        parts[0],
        scanned=any(part.scanned for part in parts),
        absent=False,
        token=mean_of_known(part.token for part in parts),
        weakest=least_of_known(part.weakest for part in parts),
        ocr=mean_of_known(part.ocr for part in parts),
        match=worst_match(part.match for part in parts),
        score=least_of_known(part.score for part in parts),
        agreement=shared,
        self_check=mean_of_known(part.self_check for part in parts),
        quoted=mean_of_known(part.quoted for part in parts),
        quote_start=least_of_known(part.quote_start for part in parts),
        worded=mean_of_known(part.worded for part in parts),
    )
