"""What a measurement of an engine is asked and what it found: values between two processes."""

from __future__ import annotations

from dataclasses import dataclass

from qwen_batch.engine.engine import EnginePlan


@dataclass(frozen=True, slots=True)
class Shape:
    """A typical document: tokens of its prompt and of its answer."""

    input_tokens: int
    output_tokens: int

    @property
    def tokens(self) -> int:
        """What it takes in the KV cache in the end."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True)
class Task:
    """What is measured: the plan, already fitted to the shape, for about so many seconds after the start."""

    plan: EnginePlan
    shape: Shape
    seconds: float


@dataclass(frozen=True, slots=True)
class Rate:
    """So many documents, in `seconds` from the first one in to the last one out, in shards of `batch_size`."""

    batch_size: int
    in_flight: int
    documents: int
    seconds: float
    documents_per_s: float
    input_tokens_per_s: float
    output_tokens_per_s: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; `sweep` is empty where `sweep_needs_s` seconds of measuring were not given.

    `full_needs_s` is what it takes until the engine has as many prompts as it decodes at a time. `cached_share` is
    the part of a prompt that was taken from the cache because the one beside it had the same document.
    """

    shape: Shape
    start_s: float
    alone: Rate
    full: Rate
    full_needs_s: float
    sweep: tuple[Rate, ...]
    sweep_needs_s: float
    cached_share: float

    @property
    def speed_up(self) -> float:
        """Documents a second in the plan's way over one shard at a time."""
        return self.full.documents_per_s / self.alone.documents_per_s
