"""From what a field's confidence is made of to a probability that the field is right.

A calibration is a file that `qwen-batch eval --calibrate` fits on gold: a logistic regression on a few features of
ConfidenceParts and on which field it is, with weights of their own for digital and for scanned fields. Without a file
the parts are multiplied, which orders answers and is no probability. Fitting is not here: a run needs only sums and
one exponential.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from qwen_batch.errors import ConfigError
from qwen_batch.outcomes import ConfidenceParts

MATCH_WEIGHT = {"exact": 1.0, "normalised": 0.98, "fuzzy": 0.85, "none": 0.3}
MIN_PROBABILITY = 1e-4
"""Probabilities are kept this far from 0 and 1, so that their logits stay within 9.2."""
LOGIT_SCALE = 4.0
"""Logits are divided by it: features of about the same size let one penalty fit all weights."""
REMEDY = "write it again with qwen-batch eval GOLD OUTPUT --calibrate FILE"

Group = Literal["digital", "scanned", "pooled"]


def _logit(probability: float | None) -> float:
    """A probability's scaled logit; 0, which is one half, where it is not known."""
    if probability is None:
        return 0.0
    clipped = min(max(probability, MIN_PROBABILITY), 1 - MIN_PROBABILITY)
    return math.log(clipped / (1 - clipped)) / LOGIT_SCALE


def _only(*, absent: bool, of: Callable[[ConfidenceParts], float]) -> Callable[[ConfidenceParts], float]:
    """A feature of fields that have a value, or of those that have none; 0 for the others."""
    return lambda parts: of(parts) if parts.absent is absent else 0.0


FEATURES: dict[str, Callable[[ConfidenceParts], float]] = {
    "present": _only(absent=False, of=lambda _: 1.0),
    "present_token": _only(absent=False, of=lambda parts: _logit(parts.token)),
    "present_weakest": _only(absent=False, of=lambda parts: _logit(parts.weakest)),
    "present_no_tokens": _only(absent=False, of=lambda parts: float(parts.token is None)),
    "ocr": _only(absent=False, of=lambda parts: _logit(parts.ocr)),
    "match_fuzzy": _only(absent=False, of=lambda parts: float(parts.match == "fuzzy")),
    "match_none": _only(absent=False, of=lambda parts: float(parts.match == "none")),
    "no_quote": _only(absent=False, of=lambda parts: float(parts.match is None)),
    "score_lost": _only(absent=False, of=lambda parts: 1.0 - (1.0 if parts.score is None else parts.score)),
    "disagreement": _only(absent=False, of=lambda parts: 1.0 - (1.0 if parts.agreement is None else parts.agreement)),
    "self_check": _only(absent=False, of=lambda parts: _logit(parts.self_check)),
    "quoted": _only(absent=False, of=lambda parts: _logit(parts.quoted)),
    "quote_start": _only(absent=False, of=lambda parts: _logit(parts.quote_start)),
    "worded": _only(absent=False, of=lambda parts: 0.5 if parts.worded is None else parts.worded),
    "absent": _only(absent=True, of=lambda _: 1.0),
    "absent_token": _only(absent=True, of=lambda parts: _logit(parts.token)),
    "absent_weakest": _only(absent=True, of=lambda parts: _logit(parts.weakest)),
}
"""What the model sees, by the name in the file. A value and an empty field have an intercept each."""
INTERCEPTS = ("present", "absent")

_Share = Annotated[float, Field(ge=0, le=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class GroupCount(_Frozen):
    """What a group was fitted on: judged fields, and how many of them were wrong."""

    values: int
    wrong: int


class CrossValidation(_Frozen):
    """Figures from documents that were not fitted on; None where they cannot be told.

    `before` is the product of the parts, `after` the calibrated number. `error_at_half` is the error rate of the half
    that is most confident.
    """

    documents: int
    folds: int
    values: int
    error_rate: _Share | None
    calibration_error_before: _Share | None
    calibration_error_after: _Share | None
    auroc_before: _Share | None
    auroc_after: _Share | None
    error_at_half_before: _Share | None
    error_at_half_after: _Share | None


class Weights(_Frozen):
    """A fitted group: weights in the order of the file's `features`, and what is added for each field known.

    Some facts of a job are harder than others: `present` is added for a field's values, `absent` where it is empty.
    """

    features: tuple[float, ...]
    present: dict[str, float] = {}
    absent: dict[str, float] = {}


class Calibration(_Frozen):
    """A fitted calibration: weights for each group that had enough to be fitted on."""

    version: Literal[1] = 1
    job: str
    models: tuple[str, ...]
    fitted: str = Field(description="when, ISO 8601, UTC")
    features: tuple[str, ...]
    weights: dict[Group, Weights]
    counts: dict[Group, GroupCount]
    cross_validation: CrossValidation | None = None

    @model_validator(mode="after")
    def _weights_fit(self) -> Calibration:
        if self.features != tuple(FEATURES):
            raise ValueError(f"features are not those of this version: {', '.join(FEATURES)}")
        if "pooled" not in self.weights:
            raise ValueError("there are no pooled weights")
        if any(len(weights.features) != len(self.features) for weights in self.weights.values()):
            raise ValueError(f"weights are not {len(self.features)} numbers a group")
        return self

    @classmethod
    def from_file(cls, path: str | Path) -> Calibration:
        """Reads a calibration file. Raises ConfigError that names the file and what is wrong with it."""
        try:
            return cls.model_validate_json(Path(path).read_bytes())
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}", f"give a calibration file; {REMEDY}") from None
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            place = ".".join(map(str, problem["loc"]))
            raise ConfigError(f"{path}: no calibration file: {place}: {problem['msg']}", REMEDY) from None

    def confidence(self, parts: ConfidenceParts) -> float:
        """The probability, between 0 and 1, that a field with these parts is right."""
        group: Group = "scanned" if parts.scanned else "digital"
        weights = self.weights.get(group, self.weights["pooled"])
        total = sum(weight * value for weight, value in zip(weights.features, parts_to_features(parts), strict=True))
        total += (weights.absent if parts.absent else weights.present).get(parts.field, 0.0)
        return 1 / (1 + math.exp(-total)) if total >= 0 else math.exp(total) / (1 + math.exp(total))


def parts_to_features(parts: ConfidenceParts) -> tuple[float, ...]:
    """The numbers the model sees, in the order of FEATURES."""
    return tuple(feature(parts) for feature in FEATURES.values())


def default_confidence(parts: ConfidenceParts) -> float | None:
    """Token probability by match and its score, OCR confidence, self check, agreement and wording, as far as known.

    A second reading that disagrees, and a place that has none of the field's words, halve it.

    None where the engine gave no probabilities.
    """
    if parts.token is None:
        return None
    match = 1.0 if parts.match is None else MATCH_WEIGHT[parts.match]
    score = parts.score if parts.score is not None and parts.match != "none" else 1.0
    known = [one for one in (parts.ocr, parts.self_check) if one is not None]
    halving = [(1 + one) / 2 for one in (parts.agreement, parts.worded) if one is not None]
    return math.prod((parts.token, match, score, *known, *halving))
