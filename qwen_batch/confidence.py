"""What a field's confidence is made of: the probabilities of its value's tokens, OCR, the match of its quotes.

Knows answers and evidence; how the parts become one number is `calibration`.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from qwen_batch.ground import words_confidence
from qwen_batch.records import Answer, CleanDocument, Completion, ConfidenceParts, Evidence, MatchKind

_WORST_FIRST: tuple[MatchKind, ...] = ("none", "fuzzy", "normalised", "exact")
_QUOTE = "quote"
_SPACE = re.compile(r"[\s,:]*")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A plain value in a JSON text: the top-level field it belongs to, its key, characters [start, end)."""

    field: str
    key: str
    start: int
    end: int


def answer_to_parts(answer: Answer, evidence: Sequence[Evidence], clean: CleanDocument) -> dict[str, ConfidenceParts]:
    """For each top-level field of one chunk's answer; `agreement` is not known yet."""
    tokens = _Tokens(answer.completion)
    leaves: dict[str, list[Leaf]] = {}
    for leaf in json_leaves(answer.completion.text):
        leaves.setdefault(leaf.field, []).append(leaf)
    return {
        field: _parts(field, value, tokens.of(leaves.get(field, ()), absent=is_absent(value)), evidence, clean)
        for field, value in answer.result.items()
    }


def is_absent(value: Any) -> bool:
    """Whether a value says nothing: null, an empty list, a blank text."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def record_confidence(parts: Sequence[ConfidenceParts], confidence: Mapping[str, float | None]) -> float | None:
    """Mean over the fields that have a value; over all where none has."""
    known = [(one, number) for one in parts if (number := confidence[one.field]) is not None]
    return _mean([number for one, number in known if not one.absent] or [number for _, number in known])


def top_field(path: str) -> str:
    """The top-level field of an evidence path: `parties[0].name` gives `parties`."""
    return path.split(".", 1)[0].split("[", 1)[0]


def joined_parts(several: Sequence[ConfidenceParts]) -> ConfidenceParts:
    """The parts of a value that was put together from several: means of probabilities, the worst of matches."""
    matches = [one.match for one in several if one.match is not None]
    return ConfidenceParts(
        field=several[0].field,
        scanned=any(one.scanned for one in several),
        absent=all(one.absent for one in several),
        token=_mean([one.token for one in several if one.token is not None]),
        weakest=min((one.weakest for one in several if one.weakest is not None), default=None),
        ocr=_mean([one.ocr for one in several if one.ocr is not None]),
        match=min(matches, key=_WORST_FIRST.index) if matches else None,
        score=min((one.score for one in several if one.score is not None), default=None),
        agreement=None,
    )


def completion_to_probability(completion: Completion) -> float | None:
    """The geometric mean probability of all tokens of a completion."""
    logprobs = completion.logprobs
    return math.exp(sum(logprobs) / len(logprobs)) if logprobs else None


def json_leaves(text: str) -> list[Leaf]:
    """The plain values of a JSON object in their order; those up to where a text breaks off."""
    scanner = _Scanner(text)
    if "{" in text:
        with suppress(ValueError, IndexError):  # a text without an end; validation has refused it
            scanner.scan("", "")
    return scanner.leaves


class _Scanner:
    """Goes once through a JSON text from its first brace and keeps where its plain values stand."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = text.find("{")
        self._last_end = 0
        self._decoder = json.JSONDecoder()
        self.leaves: list[Leaf] = []

    def scan(self, field: str, key: str) -> None:
        """The value at the present place; goes on to what follows it."""
        opening = self._text[self._at]
        if opening in "{[":
            self._step(1)
            while self._text[self._at] not in "}]":
                name = self._plain() if opening == "{" else key
                self.scan(field or name, name)
            self._step(1)
        else:
            start = self._at
            self._plain()
            self.leaves.append(Leaf(field, key, start, self._last_end))

    def _plain(self) -> str:
        value, self._last_end = self._decoder.raw_decode(self._text, self._at)
        self._step(self._last_end - self._at)
        return str(value)

    def _step(self, characters: int) -> None:
        """Over characters, and over the space and punctuation after them."""
        found = _SPACE.match(self._text, self._at + characters)
        self._at = found.end() if found else self._at + characters


@dataclass(frozen=True, slots=True)
class _Probability:
    token: float | None
    weakest: float | None


class _Tokens:
    """The tokens of one completion by the characters that they stand for."""

    def __init__(self, completion: Completion) -> None:
        self._logprobs = completion.logprobs
        self._ends = list(accumulate(len(text) for text in completion.token_texts))

    def of(self, leaves: Sequence[Leaf], *, absent: bool) -> _Probability:
        """Of a field's values; its quotes count only with their first token, which says that there is something."""
        chosen: list[float] = []
        openings: list[float] = []
        for leaf in leaves:
            logprobs = self._between(leaf.start, leaf.end)
            if leaf.key != _QUOTE or absent:
                chosen += logprobs
            else:
                openings += logprobs[:2]  # the quotation mark and the first of the words
        if not chosen:
            return _Probability(None, None)
        return _Probability(math.exp(sum(chosen) / len(chosen)), math.exp(min((*chosen, *openings))))

    def _between(self, start: int, end: int) -> list[float]:
        if not self._logprobs:
            return []
        first, last = bisect_right(self._ends, start), bisect_left(self._ends, end) + 1
        return list(self._logprobs[first:last])


def _parts(
    field: str, value: Any, probability: _Probability, evidence: Sequence[Evidence], clean: CleanDocument
) -> ConfidenceParts:
    mine = [item for item in evidence if top_field(item.field) == field]
    words = [score for item in mine if (score := words_confidence(item, clean)) is not None]
    located = any(item.start is not None for item in mine)
    return ConfidenceParts(
        field=field,
        scanned=bool(words) or (not located and clean.ocr_pages * 2 > clean.pages),
        absent=is_absent(value),
        token=probability.token,
        weakest=probability.weakest,
        ocr=_mean(words),
        match=min((item.match for item in mine), key=_WORST_FIRST.index) if mine else None,
        score=min((item.score for item in mine), default=None),
        agreement=None,
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
