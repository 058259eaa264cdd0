"""How sure an answer is, field by field: token probabilities, evidence and OCR, multiplied.

The number is not calibrated: it orders answers, it is no probability. A field's tokens count with their
geometric mean, evidence by the kind of its match, scanned words by their OCR confidence.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left, bisect_right
from itertools import accumulate

from qwen_batch.ground import words_confidence
from qwen_batch.records import Answer, CleanDocument, Completion, Evidence

MATCH_WEIGHT = {"exact": 1.0, "normalised": 0.98, "fuzzy": 0.85, "none": 0.3}


def answer_to_confidence(
    answer: Answer, evidence: tuple[Evidence, ...], clean: CleanDocument
) -> dict[str, float | None]:
    """One number between 0 and 1 for each top-level field; None where the engine gave no probabilities."""
    spans = field_spans(answer.completion.text)
    return {
        field: _field_confidence(spans.get(field), answer.completion, _evidence_of(field, evidence), clean)
        for field in answer.result
    }


def record_confidence(fields: dict[str, float | None]) -> float | None:
    """Mean over the fields that have a confidence."""
    known = [value for value in fields.values() if value is not None]
    return sum(known) / len(known) if known else None


def top_field(path: str) -> str:
    """The top-level field of an evidence path: `parties[0].name` gives `parties`."""
    return path.split(".", 1)[0].split("[", 1)[0]


def field_spans(text: str) -> dict[str, tuple[int, int]]:
    """Characters [start, end) of each top-level value in the text of a JSON object."""
    decoder = json.JSONDecoder()
    spans: dict[str, tuple[int, int]] = {}
    at = text.find("{") + 1
    while 0 < at < len(text):
        at = _skip(text, at, " \t\r\n,")
        if at >= len(text) or text[at] != '"':
            break
        key, at = decoder.raw_decode(text, at)
        at = _skip(text, at, " \t\r\n:")
        _, end = decoder.raw_decode(text, at)
        spans[key] = (at, end)
        at = end
    return spans


def _skip(text: str, at: int, characters: str) -> int:
    while at < len(text) and text[at] in characters:
        at += 1
    return at


def _field_confidence(
    span: tuple[int, int] | None, completion: Completion, evidence: list[Evidence], clean: CleanDocument
) -> float | None:
    probability = _token_probability(span, completion)
    if probability is None:
        return None
    weights = [MATCH_WEIGHT[item.match] * _ocr_weight(item, clean) for item in evidence]
    return probability * (sum(weights) / len(weights) if weights else 1.0)


def _ocr_weight(evidence: Evidence, clean: CleanDocument) -> float:
    confidence = words_confidence(evidence, clean)
    return 1.0 if confidence is None else confidence


def _token_probability(span: tuple[int, int] | None, completion: Completion) -> float | None:
    if span is None or not completion.logprobs:
        return None
    ends = list(accumulate(len(text) for text in completion.token_texts))
    first, last = bisect_right(ends, span[0]), bisect_left(ends, span[1]) + 1
    logprobs = completion.logprobs[first:last]
    return math.exp(sum(logprobs) / len(logprobs)) if logprobs else None


def _evidence_of(field: str, evidence: tuple[Evidence, ...]) -> list[Evidence]:
    return [item for item in evidence if top_field(item.field) == field]
