"""The order in which a person looks at values: by expected error, worst first, with the sum of what is left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qwen_batch.report.content import Answer, Shown, Value

MOST_QUEUED = 3000
"""Values that the browser keeps in order; of the others it knows how many they are, and how many of them are wrong."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A value in the queue."""

    shown: Shown
    answer: Answer
    value: Value


@dataclass(frozen=True, slots=True)
class Queue:
    """Values worst first; `rest` more are not listed, `rest_error` of these are expected to be wrong.

    `calibrated` says whether every job's confidence is a probability.
    """

    items: tuple[Queued, ...]
    rest: int
    rest_error: float
    calibrated: bool


def documents_to_queue(documents: Iterable[Shown], *, calibrated: bool) -> Queue:
    """All values that can be judged, in order; of equals those of one document stand together."""
    rows = [(shown, answer) for shown in documents for answer in shown.answers]
    every = [Queued(shown, answer, value) for shown, answer in rows for value in answer.values()]
    every.sort(key=lambda one: (-one.value.error, one.shown.name, one.answer.job, one.shown.key))
    rest = every[MOST_QUEUED:]
    return Queue(tuple(every[:MOST_QUEUED]), len(rest), sum(one.value.error for one in rest), calibrated)
