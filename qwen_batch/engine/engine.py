"""What an engine is. An engine is a module of `engine/kinds` that exports `ENGINE: EngineKind`; nobody else asks which.

Engines know prompts and completions, nothing of documents, jobs or Ray.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from qwen_batch.config import Config, EngineSettings
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.packages import Check
from qwen_batch.plugins import PluginKind
from qwen_batch.records import Completion, Prompt


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """What an engine is started with: every `auto` of the settings decided.

    `model` is a local directory or a Hugging Face id, `max_model_len` and `max_batched_tokens` are in tokens,
    `in_flight` in shards, `gpus` those of all replicas. `precision` is how weights are held, in words for people,
    `dtype` what is computed in, `quantization` what vLLM is told, None for the checkpoint's own.
    """

    kind: str
    model: str
    max_model_len: int
    max_num_seqs: int
    max_batched_tokens: int
    batch_size: int
    in_flight: int
    precision: str
    dtype: str
    quantization: str | None
    kv_cache: str
    gpus: int
    replicas: int
    tensor_parallel: int
    eager: bool
    settings: EngineSettings


class Engine(Protocol):
    """A running engine. `generate` answers a shard; what goes wrong with one prompt is its completion's error."""

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        """Completions in the order of the prompts. Raises EngineError when the engine itself is dead."""

    def close(self) -> None:
        """Ends the engine's processes."""


@dataclass(frozen=True, slots=True)
class ChosenEngine:
    """The engine of a run: `model` as rows say it, `why` as the run's first line says it."""

    plan: EnginePlan
    model: str
    why: str


def _no_environment(_plan: EnginePlan) -> dict[str, str]:
    return {}


def _nothing_to_check(_config: Config) -> Sequence[Check]:
    return ()


@dataclass(frozen=True, slots=True)
class EngineKind:
    """A kind of engine, and all that the rest of the program may ask of one.

    `choose(config)` decides every `auto` and finds the model; it raises a QwenBatchError that says what is missing, and
    loads nothing. `tokenizer(plan)` counts and renders prompts. `start(plan)` gives a running engine, in a process
    whose environment holds `env(plan)`.

    `has_model` is whether a model answers, here or elsewhere, `loads_a_model` whether it computes on this machine.
    `packages` are the distributions that answer, for the run manifest. `decides_itself` are keys of `engine` that say
    nothing of it: setting one is an error.
    `template_tokens` is what it puts around a prompt unseen. `place(plan)` stands for the machine in a report where it
    is another one. `checks(config)` are `doctor`'s lines.
    """

    name: str
    choose: Callable[[Config], ChosenEngine]
    tokenizer: Callable[[EnginePlan], Tokenizer]
    start: Callable[[EnginePlan], Engine]
    env: Callable[[EnginePlan], dict[str, str]] = _no_environment
    has_model: bool = True
    loads_a_model: bool = False
    packages: tuple[str, ...] = ()
    decides_itself: frozenset[str] = frozenset()
    template_tokens: int = 0
    place: Callable[[EnginePlan], str] | None = None
    checks: Callable[[Config], Sequence[Check]] = _nothing_to_check


ENGINES: PluginKind[EngineKind] = PluginKind("qwen_batch.engine.kinds", "ENGINE", "engine.kind")
