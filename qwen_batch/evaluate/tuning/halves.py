"""Gold in two halves, each document always in the same one: by the hash of its content. Nothing is in both.

What is chosen is chosen on the dev half. The other half is asked once, at the end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from qwen_batch.errors import UsageError
from qwen_batch.evaluate.gold import GoldDocument
from qwen_batch.evaluate.judge import Prediction
from qwen_batch.evaluate.score import pair_sources
from qwen_batch.records import Document

MIN_HALF = 3
"""Documents that a half has at least."""
MIN_VALUES = 8
"""Values that gold knows in a half at least: with fewer one lucky answer is a gain."""


@dataclass(frozen=True, slots=True)
class Half:
    """Some documents, and what gold says of them; the same number of both, in the same order."""

    gold: tuple[GoldDocument, ...]
    documents: tuple[Document, ...]

    @property
    def values(self) -> int:
        """How many values gold knows here."""
        return sum(len(values) for one in self.gold for values in one.fields.values())


@dataclass(frozen=True, slots=True)
class Halves:
    """What is tuned on, and what is reported."""

    dev: Half
    report: Half


def is_dev(document: Document) -> bool:
    """Whether a document is tuned on: by its bytes alone, whatever other documents there are."""
    return hashlib.sha256(f"tune {document.id}".encode()).digest()[0] % 2 == 0


def split_gold(gold: Sequence[GoldDocument], documents: Sequence[Document]) -> Halves:
    """Gold and its documents in halves. Raises UsageError for gold without a document, and for too little of it."""
    found = pair_sources(gold, [Prediction(one.uri, {}, doc_id=one.id) for one in documents])
    lacking = [one.source for one in gold if one.source not in found]
    if lacking:
        raise UsageError(
            f"{len(lacking)} of {len(gold)} documents of the gold are not among the inputs, first {lacking[0]!r}",
            "name the folder that holds them behind the gold file",
        )
    by_id = {one.id: one for one in documents}
    pairs = [(one, by_id[found[one.source].doc_id]) for one in gold]
    dev, report = (_half([pair for pair in pairs if is_dev(pair[1]) is wanted]) for wanted in (True, False))
    for name, half in (("tuned on", dev), ("reported", report)):
        if len(half.gold) < MIN_HALF or half.values < MIN_VALUES:
            raise UsageError(
                f"gold of {len(gold)} documents is too small to be split: the half that is {name} would have "
                f"{len(half.gold)} documents with {half.values} values, not {MIN_HALF} with {MIN_VALUES}",
                "label more documents: what is tuned and reported on the same rows says nothing",
            )
    return Halves(dev, report)


def _half(pairs: Sequence[tuple[GoldDocument, Document]]) -> Half:
    return Half(tuple(one for one, _ in pairs), tuple(document for _, document in pairs))
