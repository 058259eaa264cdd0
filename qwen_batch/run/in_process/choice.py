"""Ray or worker processes of our own: what a run is executed on, and why, in words for its first line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from qwen_batch.config import Config
from qwen_batch.errors import UsageError
from qwen_batch.records import Document

MOST_BYTES = 1 << 30
"""Of all documents of a run, up to which `auto` needs no Ray.

On two cores Ray takes three to six times as long over letters (docs/benchmarks.md), and of what is to do only what is
in work is in memory: their number sets no limit. The bytes are a guess; beyond them stand Ray's limits.
"""

RAY_STARTS_IN_S = 8.0
"""Until the first document is done: Ray and its workers on two quiet cores. A model loads on top of it."""
STARTS_IN_S = 2.0
"""The same for a worker process of our own."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What executes a run, and why."""

    execution: Literal["ray", "in_process"]
    why: str

    @property
    def starts_in_s(self) -> float:
        """The least time until a first document can be done."""
        return RAY_STARTS_IN_S if self.execution == "ray" else STARTS_IN_S

    def __str__(self) -> str:
        """As the first line says it."""
        return f"execution: {'on Ray' if self.execution == 'ray' else 'in process, without Ray'} ({self.why})"


def check_execution(config: Config, *, has_model: bool) -> None:
    """Raises UsageError where `execution` is in_process and cannot be."""
    if config.execution == "in_process" and (why := needs_ray(config, has_model=has_model)):
        raise UsageError(f"execution is in_process, but {why}", "set execution to auto or ray")


def choose_execution(config: Config, documents: Iterable[Document], *, has_model: bool) -> Chosen:
    """In process where nothing needs Ray and the documents are not too large; else as the user says."""
    if config.execution != "auto":
        return Chosen(config.execution, f"execution is {config.execution}")
    if why := needs_ray(config, has_model=has_model):
        return Chosen("ray", f"{why}; it loads while documents are read, for a minute or more" if has_model else why)
    count = size = 0
    for document in documents:
        count, size = count + 1, size + document.size
    what = f"{count:,} documents of {size / (1 << 20):,.1f} MiB, no model"
    if size > MOST_BYTES:
        return Chosen("ray", what)
    return Chosen("in_process", f"{what}: Ray would cost its start and bring nothing")


def needs_ray(config: Config, *, has_model: bool) -> str:
    """Why the stages cannot be executed without Ray; empty where they can."""
    if has_model:
        return "an engine with a model runs on Ray"
    if config.resources.ray_address is not None:
        return "resources.ray_address names a cluster"
    if config.resources.metrics_port is not None:
        return "resources.metrics_port is answered by Ray"
    return ""
