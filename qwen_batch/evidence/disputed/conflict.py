"""Two values of one field that a document both states: the warning, and both candidates with their pages.

The evidence of a value that does not stand has the field's own path and says so (`standing`), so that whoever reads the
row sees both. Knows candidates, nothing of documents or engines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qwen_batch.evidence.calibration import default_confidence
from qwen_batch.evidence.candidates import Candidate
from qwen_batch.evidence.same_value import is_same_value
from qwen_batch.outcomes import Evidence

CONFLICT = "conflict"
"""What the warning of a conflict begins with; the field's name follows."""
MIN_SUPPORT = 0.9
"""Of an evidence's score: its quote stands in the document and says the value itself."""
MIN_CONFIDENCE = 0.7
"""Two candidates contradict each other only where the model was sure of both."""
MAX_SAID_CHARS = 60


def contradicting(stands: Candidate, candidates: Sequence[Candidate]) -> Candidate | None:
    """The surest of the candidates that says something else at another place, as well supported; None if none is."""
    if not _is_sure(stands):
        return None
    others = [
        one
        for one in candidates
        if _is_sure(one) and not is_same_value(one.value, stands.value) and not _overlap(one.evidence, stands.evidence)
    ]
    return max(others, key=lambda one: default_confidence(one.parts) or 0.0, default=None)


def conflict_warning(field: str, *said: Sequence[Evidence]) -> str:
    """Names the field, and of each candidate its value and page."""
    values = " or ".join(filter(None, map(_said, said)))
    return f"{CONFLICT}: {field}: {values}" if values else f"{CONFLICT}: {field}"


def _said(evidence: Sequence[Evidence]) -> str:
    if not evidence:
        return ""
    words = ", ".join(dict.fromkeys(_shortened(item.value) for item in evidence))
    page = next((item.page for item in evidence if item.page is not None), None)
    return f"{_shortened(words)!r}" + (f" (page {page})" if page is not None else " (nowhere in the document)")


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= MAX_SAID_CHARS else f"{words[: MAX_SAID_CHARS - 1]}…"


def _is_sure(candidate: Candidate) -> bool:
    """Whether all of a candidate's evidence is located and says its value, and the model was sure of it."""
    found = candidate.evidence
    supported = bool(found) and all(one.start is not None and one.score >= MIN_SUPPORT for one in found)
    return supported and (default_confidence(candidate.parts) or 0.0) >= MIN_CONFIDENCE


def _overlap(mine: Sequence[Evidence], other: Sequence[Evidence]) -> bool:
    return any(touches(one, other_span) for one in mine for other_span in _spans(other))


def touches(item: Evidence, span: tuple[int, int]) -> bool:
    """Whether an evidence stands at least partly in characters [start, end) of the clean text."""
    return item.start is not None and item.end is not None and item.start < span[1] and span[0] < item.end


def _spans(evidence: Sequence[Evidence]) -> list[tuple[int, int]]:
    return [(item.start, item.end) for item in evidence if item.start is not None and item.end is not None]


def kept_apart(evidence: Sequence[Evidence], value: Any) -> tuple[Evidence, ...]:
    """The evidence of a candidate that does not stand; a list's items are not told apart and are left out."""
    return () if isinstance(value, list) else tuple(replace(item, standing="conflict") for item in evidence)
