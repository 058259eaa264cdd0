"""Judged fields -> a calibration, and what it is worth on documents that it was not fitted on.

The model is small enough (some dozens of weights) to be fitted by Newton's method here, without a package of 100 MB.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from qwen_batch.errors import UsageError
from qwen_batch.evaluate.judge import Judgement
from qwen_batch.evaluate.measures import ConfidenceScore, Sample, samples_to_score
from qwen_batch.evidence.calibration import (
    FEATURES,
    INTERCEPTS,
    Calibration,
    CrossValidation,
    Group,
    GroupCount,
    Weights,
    default_confidence,
    parts_to_features,
)
from qwen_batch.outcomes import ConfidenceParts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDS = 5
MIN_GROUP_VALUES = 30
"""A group with fewer judged fields, or none wrong, or none right, has no weights of its own."""
PENALTY = 1.0
INTERCEPT_PENALTY = 0.1
"""Only keeps an intercept finite where all of its fields are right."""
MAX_STEPS = 50
TOLERANCE = 1e-8
REMEDY = "label more documents"


@dataclass(frozen=True, slots=True)
class LabelledParts:
    """A field's parts, whether it was right, and the document it is of."""

    source: str
    parts: ConfidenceParts
    right: bool


@dataclass(frozen=True, slots=True)
class Validated:
    """A sample and the confidence that a calibration gives it which has not seen its document."""

    sample: LabelledParts
    confidence: float


def judgements_to_samples(judgements: Iterable[Judgement]) -> tuple[LabelledParts, ...]:
    """The judged fields whose record says what their confidence is made of."""
    return tuple(LabelledParts(one.source, one.parts, one.is_right) for one in judgements if one.parts is not None)


def fit_calibration(samples: Sequence[LabelledParts], job: str = "", models: Sequence[str] = ()) -> Calibration:
    """Fits all samples, and notes what cross-validation by document says.

    Raises UsageError if they are all right, all wrong, or of fewer than two documents.
    """
    if not samples:
        raise UsageError(
            "no row says what its confidence is made of (column confidence_parts)",
            "run the job again with this version",
        )
    documents = len({sample.source for sample in samples})
    if documents < 2 or len({sample.right for sample in samples}) < 2:  # noqa: PLR2004  two documents, right and wrong
        wrong = sum(not one.right for one in samples)
        raise UsageError(
            f"{len(samples)} judged fields of {documents} documents, {wrong} of them wrong: a calibration needs "
            "right and wrong ones, of several documents",
            REMEDY,
        )
    calibration = _fit(samples)
    return calibration.model_copy(
        update={
            "job": job,
            "models": tuple(sorted(set(models))),
            "cross_validation": _figures(samples, cross_validate(samples), min(FOLDS, documents)),
        }
    )


def cross_validate(samples: Sequence[LabelledParts], folds: int = FOLDS) -> tuple[Validated, ...]:
    """Each sample with the confidence of a calibration fitted on the documents of the other folds.

    A document is in one fold as a whole, by the order of its name's hash. A fold whose others hold only right or only
    wrong samples is left out.
    """
    order = sorted({sample.source for sample in samples}, key=lambda name: hashlib.sha256(name.encode()).digest())
    fold_of = {source: number % folds for number, source in enumerate(order)}
    done: list[Validated] = []
    for fold in range(min(folds, len(order))):
        others = [sample for sample in samples if fold_of[sample.source] != fold]
        if len({sample.right for sample in others}) > 1:
            calibration = _fit(others)
            mine = (sample for sample in samples if fold_of[sample.source] == fold)
            done.extend(Validated(sample, calibration.confidence(sample.parts)) for sample in mine)
    return tuple(done)


def _fit(samples: Sequence[LabelledParts]) -> Calibration:
    groups: dict[Group, list[LabelledParts]] = {
        "pooled": list(samples),
        "digital": [sample for sample in samples if not sample.parts.scanned],
        "scanned": [sample for sample in samples if sample.parts.scanned],
    }
    fitted: dict[Group, list[LabelledParts]] = {
        name: members
        for name, members in groups.items()
        if name == "pooled" or (len(members) >= MIN_GROUP_VALUES and len({one.right for one in members}) > 1)
    }
    return Calibration(
        job="",
        models=(),
        fitted=datetime.now(UTC).isoformat(timespec="seconds"),
        features=tuple(FEATURES),
        weights={name: _weights(members) for name, members in fitted.items()},
        counts={
            name: GroupCount(values=len(members), wrong=sum(not one.right for one in members))
            for name, members in groups.items()
        },
    )


def _weights(samples: Sequence[LabelledParts]) -> Weights:
    """Fits one group; what is added for a field is a weight like the others, shrunk where a field has few samples."""
    import numpy as np

    fields = sorted({sample.parts.field for sample in samples})
    features = np.array([parts_to_features(sample.parts) for sample in samples])
    is_field = np.array([[sample.parts.field == field for field in fields] for sample in samples], dtype=float)
    is_absent = np.array([[sample.parts.absent] for sample in samples], dtype=float)
    penalty = [INTERCEPT_PENALTY if name in INTERCEPTS else PENALTY for name in FEATURES] + [PENALTY] * len(fields) * 2
    found = _solve(
        np.hstack([features, is_field * (1 - is_absent), is_field * is_absent]),
        np.array([sample.right for sample in samples], dtype=float),
        np.array(penalty),
    )
    weights = [round(float(weight), 6) for weight in found]
    by_field = weights[len(FEATURES) :]
    return Weights(
        features=tuple(weights[: len(FEATURES)]),
        present=dict(zip(fields, by_field[: len(fields)], strict=True)),
        absent=dict(zip(fields, by_field[len(fields) :], strict=True)),
    )


def _solve(
    features: NDArray[np.float64], right: NDArray[np.float64], penalty: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Logistic regression with an L2 penalty by Newton's method, halving a step that makes things worse.

    Iteratively reweighted least squares: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 4.4.1.
    """
    import numpy as np

    weights = np.zeros(features.shape[1])
    loss = _loss(weights, features, right, penalty)
    for _ in range(MAX_STEPS):
        chance = 1 / (1 + np.exp(-features @ weights))
        gradient = features.T @ (right - chance) - penalty * weights
        curvature = (features.T * (chance * (1 - chance))) @ features + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        while (moved := _loss(weights + step, features, right, penalty)) > loss and np.abs(step).max() > TOLERANCE:
            step /= 2
        weights, loss = weights + step, moved
        if np.abs(step).max() <= TOLERANCE:
            break
    return weights


def _loss(
    weights: NDArray[np.float64],
    features: NDArray[np.float64],
    right: NDArray[np.float64],
    penalty: NDArray[np.float64],
) -> float:
    """Penalised negative log-likelihood."""
    import numpy as np

    scores = features @ weights
    return float((np.logaddexp(0, scores) - right * scores).sum() + (penalty * weights**2).sum() / 2)


def _figures(samples: Sequence[LabelledParts], validated: Sequence[Validated], folds: int) -> CrossValidation:
    """Before and after on the same samples: those that a fold could be fitted for, and that had a number before."""
    both = [
        (Sample(before, one.sample.right), Sample(one.confidence, one.sample.right))
        for one in validated
        if (before := default_confidence(one.sample.parts)) is not None
    ]
    old, new = samples_to_score([pair[0] for pair in both]), samples_to_score([pair[1] for pair in both])
    return CrossValidation(
        documents=len({sample.source for sample in samples}),
        folds=folds,
        values=len(both),
        error_rate=new.error_rate,
        calibration_error_before=old.calibration_error,
        calibration_error_after=new.calibration_error,
        auroc_before=old.auroc,
        auroc_after=new.auroc,
        error_at_half_before=_error_at_half(old),
        error_at_half_after=_error_at_half(new),
    )


def _error_at_half(score: ConfidenceScore) -> float | None:
    return next((risk.error_rate for risk in score.risks if risk.coverage == 0.5), None)  # noqa: PLR2004  half
