"""Which of the changes helped on the dev half, and what they make together. Pure: knows counts, asks nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qwen_batch.evaluate.measures import Counts
from qwen_batch.evaluate.tuning.variants import Variant


@dataclass(frozen=True, slots=True)
class Tried:
    """A change, and how the dev half was answered with it."""

    variant: Variant
    counts: Counts


def f1(counts: Counts) -> float:
    """The F1 of counts; 0 where there is nothing to judge."""
    return counts.f1 or 0.0


def helping(base: Counts, tried: Sequence[Tried], min_gain: float) -> tuple[Tried, ...]:
    """Of each factor the best change, if it gains so much F1 and a value more is right; the best factors first."""
    best: dict[str, Tried] = {}
    for one in tried:
        gains = f1(one.counts) - f1(base) >= min_gain and one.counts.errors < base.errors
        if gains and (one.variant.factor not in best or f1(one.counts) > f1(best[one.variant.factor].counts)):
            best[one.variant.factor] = one
    return tuple(sorted(best.values(), key=lambda one: -f1(one.counts)))


def edited(text: str, variants: Sequence[Variant]) -> str:
    """The job's text with all of these changes; one that no longer fits is left out."""
    for one in variants:
        if one.edit is not None:
            text = one.edit(text) or text
    return text


def settings_of(variants: Sequence[Variant]) -> tuple[str, ...]:
    """The settings of all of these changes."""
    return tuple(setting for one in variants for setting in one.settings)
