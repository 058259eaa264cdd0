"""Counts, ratios and curves of the answer benchmark. Pure arithmetic on judged values."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from benchmarks.answers.judge import Judged

SAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Scores:
    """Right, given and labelled values; precision, recall and F1 of them are shares, 0 where nothing was given."""

    right: int
    given: int
    labelled: int

    @property
    def precision(self) -> float:
        """Of the values given, the share that is right."""
        return self.right / self.given if self.given else 0.0

    @property
    def recall(self) -> float:
        """Of the values labelled, the share that was found."""
        return self.right / self.labelled if self.labelled else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        together = self.given + self.labelled
        return 2 * self.right / together if together else 0.0


def scores_of(judged: Iterable[Judged]) -> Scores:
    """Counts: a wrong value where there is a label was given, and is missed too."""
    outcomes = [one.outcome for one in judged]
    return Scores(
        right=outcomes.count("right"),
        given=sum(outcome in {"right", "wrong", "invented"} for outcome in outcomes),
        labelled=sum(outcome in {"right", "wrong", "missed"} for outcome in outcomes),
    )


@dataclass(frozen=True, slots=True)
class Sure:
    """A value with its confidence, whether it is right, and its document."""

    document: str
    confidence: float
    right: bool


def auroc(values: Sequence[Sure]) -> float | None:
    """Chance that a right value has a higher confidence than a wrong one, ties counted half; None without both kinds.

    By ranks: Mann and Whitney 1947, as in Hanley and McNeil 1982.
    """
    ordered = sorted(values, key=lambda value: value.confidence)
    right = sum(value.right for value in values)
    wrong = len(values) - right
    if not right or not wrong:
        return None
    ranks_of_right = 0.0
    at = 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end].confidence == ordered[at].confidence:
            end += 1
        mean_rank = (at + 1 + end) / 2
        ranks_of_right += mean_rank * sum(value.right for value in ordered[at:end])
        at = end
    return (ranks_of_right - right * (right + 1) / 2) / (right * wrong)


def error_rate(values: Sequence[Sure], coverage: float = 1.0) -> float | None:
    """The share of wrong values among the surest `coverage` of them; None for no values."""
    ordered = sorted(values, key=lambda value: -value.confidence)
    kept = ordered[: max(1, round(len(ordered) * coverage))]
    return sum(not value.right for value in kept) / len(kept) if kept else None


def share(part: int, whole: int) -> str:
    """A share in percent with its counts, for people."""
    return f"{part / whole:.1%} ({part} of {whole})" if whole else "- (0)"


def ratio(one: float, other: float) -> str:
    """One number as a multiple of another."""
    return f"{one / other:.2f}" if other else "-"


def sure_share(values: Sequence[Sure], right: float) -> float:
    """The largest share of the values, the surest first, of which at least `right` are right."""
    ordered = sorted(values, key=lambda value: -value.confidence)
    counts = list(accumulate(value.right for value in ordered))
    enough = [place for place, count in enumerate(counts, 1) if count >= right * place]
    return max(enough, default=0) / len(ordered) if ordered else 0.0


def paired_interval(pairs: Sequence[tuple[Sequence[Judged], Sequence[Judged]]]) -> tuple[float, float]:
    """The 95 % interval of the difference of two F1 over the same documents, one pair of judged values a document.

    Paired bootstrap: Efron and Tibshirani 1993; 2,000 samples of documents, always the same ones.
    """
    chance = random.Random(0)  # noqa: S311  a sample, no secret
    differences = []
    for _ in range(SAMPLES):
        drawn = chance.choices(pairs, k=len(pairs))
        one, other = (scores_of(judged for pair in drawn for judged in pair[side]).f1 for side in (0, 1))
        differences.append(one - other)
    differences.sort()
    return differences[round(SAMPLES * 0.025)], differences[round(SAMPLES * 0.975) - 1]
