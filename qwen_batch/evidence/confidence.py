"""How sure an answer is, field by field: the parts that say it, and one number made of them.

The parts are token probabilities of the value itself, the match of its quotes, the OCR of the words behind it and the
agreement between chunks. Without a calibration the number only orders answers: it is no probability.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate

from qwen_batch.evidence.calibration import Calibration, default_confidence
from qwen_batch.evidence.ground import words_confidence
from qwen_batch.evidence.taken_back.mentions import worded
from qwen_batch.evidence.value_spans import NO_SPANS, Span, field_spans
from qwen_batch.job.looking import FieldLook
from qwen_batch.job.nothing import is_absent
from qwen_batch.outcomes import ConfidenceParts, Evidence
from qwen_batch.records import Answer, CleanDocument, Completion, MatchKind
from qwen_batch.value_paths import top_field

MATCH_ORDER: tuple[MatchKind, ...] = ("exact", "normalised", "fuzzy", "none")
"""From the best kind of match to the worst."""


@lru_cache(maxsize=4)
def load_calibration(file: str | None) -> Calibration | None:
    """The calibration in a file; None without one. Raises ConfigError for a file that is none."""
    return None if file is None else Calibration.from_file(file)


def answer_to_parts(
    answer: Answer, evidence: Sequence[Evidence], clean: CleanDocument, looks: Sequence[FieldLook] = ()
) -> dict[str, ConfidenceParts]:
    """The parts of each top-level field of one answer; agreement is left to who knows other chunks."""
    phrases = {look.field: look.phrases for look in looks}
    spans = field_spans(answer.completion.text)
    tokens = _Tokens(answer.completion)
    parts = {}
    for field, value in answer.result.items():
        own = [item for item in evidence if top_field(item.field) == field]
        ocr = mean_of_known(words_confidence(item, clean) for item in own)
        is_located = any(item.start is not None for item in own)
        mine = spans.get(field, NO_SPANS)
        probabilities = tokens.probabilities(mine.values)
        quoted = [] if is_absent(value) else mine.quotes
        begins = (tokens.probabilities([(start, start + 1)])[:1] for start, _ in quoted)
        parts[field] = ConfidenceParts(
            field=field,
            scanned=ocr is not None if is_located else clean.ocr_pages * 2 > clean.pages,
            absent=is_absent(value),
            token=_geometric_mean(probabilities),
            weakest=min(probabilities, default=None),
            ocr=ocr,
            match=worst_match(item.match for item in own),
            score=min((item.score for item in own), default=None),
            agreement=None,
            self_check=None if is_absent(value) else answer.checks.get(field),
            quoted=_geometric_mean(tokens.probabilities(quoted)),
            quote_start=min((one for first in begins for one in first), default=None),
            worded=mean_of_known(worded(item, phrases.get(field, ()), clean.text) for item in own),
        )
    return parts


def parts_to_confidence(parts: ConfidenceParts, calibration: Calibration | None) -> float | None:
    """One number between 0 and 1: the calibration's, or the default one."""
    return default_confidence(parts) if calibration is None else calibration.confidence(parts)


def record_confidence(
    fields: Mapping[str, float | None], parts: Iterable[ConfidenceParts], share_read: float = 1.0
) -> float | None:
    """Mean over the fields that have a value (all if none has), times the share of the chunks that were answered."""
    present = {part.field for part in parts if not part.absent}
    mean = mean_of_known(value for field, value in fields.items() if field in present)
    mean = mean_of_known(fields.values()) if mean is None else mean
    return None if mean is None else mean * share_read


class _Tokens:
    """The tokens of a completion by the characters that they stand for."""

    def __init__(self, completion: Completion) -> None:
        self._texts = completion.token_texts
        self._logprobs = completion.logprobs
        self._ends = list(accumulate(map(len, completion.token_texts)))

    def probabilities(self, spans: Sequence[Span]) -> list[float]:
        """Of the tokens that stand at least partly in one of the spans, each once."""
        places: set[int] = set()
        for start, end in spans:
            first = bisect_right(self._ends, start)
            while first and not self._texts[first - 1]:  # the first bytes of a character
                first -= 1
            places.update(range(first, bisect_left(self._ends, end) + 1))
        return [math.exp(self._logprobs[place]) for place in sorted(places) if place < len(self._logprobs)]


def _geometric_mean(probabilities: Sequence[float]) -> float | None:
    if not probabilities:
        return None
    return math.exp(sum(math.log(max(one, 1e-30)) for one in probabilities) / len(probabilities))


def worst_match(matches: Iterable[MatchKind | None]) -> MatchKind | None:
    """The worst kind of several; None where there is none."""
    return max((match for match in matches if match is not None), key=MATCH_ORDER.index, default=None)


def least_of_known(values: Iterable[float | None]) -> float | None:
    """The least without the unknown ones; None where all are."""
    return min((value for value in values if value is not None), default=None)


def mean_of_known(values: Iterable[float | None]) -> float | None:
    """The mean without the unknown ones; None where all are."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
