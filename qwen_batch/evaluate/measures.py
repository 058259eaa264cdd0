"""Measures of answers and of their confidence, from counts and samples alone. Knows no documents.

A measure that nothing can be said about (no values, no right one, no wrong one) is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BINS = 10
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)


@dataclass(frozen=True, slots=True)
class Counts:
    """Judged values: right, wrong (another value is right), spurious (there is none), missed, and rightly absent."""

    right: int = 0
    wrong: int = 0
    spurious: int = 0
    missed: int = 0
    absent: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.right + other.right,
            self.wrong + other.wrong,
            self.spurious + other.spurious,
            self.missed + other.missed,
            self.absent + other.absent,
        )

    @property
    def errors(self) -> int:
        """All that is not as gold has it; a wrong value counts once."""
        return self.wrong + self.spurious + self.missed

    @property
    def precision(self) -> float | None:
        """Right values of those given."""
        return ratio(self.right, self.right + self.wrong + self.spurious)

    @property
    def recall(self) -> float | None:
        """Right values of those in gold."""
        return ratio(self.right, self.right + self.wrong + self.missed)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall: a wrong value counts against both."""
        return ratio(2 * self.right, 2 * self.right + 2 * self.wrong + self.spurious + self.missed)

    @property
    def accuracy(self) -> float | None:
        """Share of judgements without an error, rightly absent ones among them."""
        return ratio(self.right + self.absent, self.right + self.absent + self.errors)


@dataclass(frozen=True, slots=True)
class Sample:
    """A confidence, from 0 to 1, and whether what it was given to was right."""

    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Samples whose confidence lies in [low, high), the last bin with its end: mean confidence, share of right ones."""

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Risk:
    """The error rate of the most confident samples; `coverage` is their share, `threshold` the least of them."""

    coverage: float
    error_rate: float
    threshold: float


@dataclass(frozen=True, slots=True)
class ConfidenceScore:
    """How much a confidence is worth.

    `calibration_error` is the expected calibration error over `bins`, `auroc` the chance that a right sample stands
    before a wrong one, `risk_area` the mean of the error rate over all coverages.
    """

    samples: int
    error_rate: float | None
    calibration_error: float | None
    auroc: float | None
    risk_area: float | None
    bins: tuple[Bin, ...]
    risks: tuple[Risk, ...]


def ratio(part: float, whole: float) -> float | None:
    """Part of whole; None of nothing."""
    return part / whole if whole else None


def mean(values: Iterable[float | None]) -> float | None:
    """Mean of those that are there."""
    known = [value for value in values if value is not None]
    return ratio(sum(known), len(known))


def samples_to_score(samples: Sequence[Sample]) -> ConfidenceScore:
    """All measures of a confidence."""
    bins = reliability_bins(samples)
    errors = _errors_by_rank(samples)
    return ConfidenceScore(
        samples=len(samples),
        error_rate=mean(float(not sample.right) for sample in samples),
        calibration_error=expected_calibration_error(bins),
        auroc=auroc(samples),
        risk_area=mean(_running_mean(errors)),
        bins=bins,
        risks=risk_coverage(samples),
    )


def reliability_bins(samples: Sequence[Sample]) -> tuple[Bin, ...]:
    """Ten bins of equal width (Guo et al. 2017, On Calibration of Modern Neural Networks, section 2)."""
    members: list[list[Sample]] = [[] for _ in range(BINS)]
    for sample in samples:
        members[min(int(sample.confidence * BINS), BINS - 1)].append(sample)
    return tuple(
        Bin(
            number / BINS,
            (number + 1) / BINS,
            len(inside),
            mean(sample.confidence for sample in inside),
            mean(float(sample.right) for sample in inside),
        )
        for number, inside in enumerate(members)
    )


def expected_calibration_error(bins: Sequence[Bin]) -> float | None:
    """Mean distance between confidence and share of right ones, weighted by the bins' samples."""
    gaps = [
        one.count * abs(one.confidence - one.accuracy)
        for one in bins
        if one.confidence is not None and one.accuracy is not None
    ]
    return ratio(sum(gaps), sum(one.count for one in bins))


def auroc(samples: Sequence[Sample]) -> float | None:
    """Area under the ROC curve of right against wrong, from ranks with ties shared (Mann and Whitney 1947)."""
    import numpy as np

    right = np.array([sample.right for sample in samples], dtype=bool)
    positives, negatives = int(right.sum()), int((~right).sum())
    if not positives or not negatives:
        return None
    _, group, sizes = np.unique([sample.confidence for sample in samples], return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[group]
    return float((ranks[right].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def risk_coverage(samples: Sequence[Sample]) -> tuple[Risk, ...]:
    """The error rate of the most confident part, for each of COVERAGES (Geifman and El-Yaniv 2017); ties are shared."""
    ordered = sorted((sample.confidence for sample in samples), reverse=True)
    risks = _running_mean(_errors_by_rank(samples))
    sizes = [max(1, round(coverage * len(samples))) for coverage in COVERAGES]
    return tuple(
        Risk(coverage, risks[size - 1], ordered[size - 1])
        for coverage, size in zip(COVERAGES, sizes, strict=True)
        if samples
    )


def _errors_by_rank(samples: Sequence[Sample]) -> list[float]:
    """Whether each sample is wrong, the most confident first; equal confidences share their errors."""
    groups: dict[float, list[float]] = {}
    for sample in samples:
        groups.setdefault(sample.confidence, []).append(float(not sample.right))
    shared: list[float] = []
    for _, errors in sorted(groups.items(), reverse=True):
        shared += [sum(errors) / len(errors)] * len(errors)
    return shared


def _running_mean(values: Sequence[float]) -> list[float]:
    total, means = 0.0, []
    for number, value in enumerate(values, start=1):
        total += value
        means.append(total / number)
    return means
