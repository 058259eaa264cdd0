"""What an engine is. An engine is a module here that exports `ENGINE: EngineKind`.

Engines know prompts and completions, nothing of documents, jobs or Ray.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from qwen_batch.config import EngineSettings
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
class ServedModel:
    """A model behind a server: the name that it has there, and its context in tokens if the server tells it."""

    name: str
    max_model_len: int | None


@dataclass(frozen=True, slots=True)
class EngineKind:
    """A kind of engine: `env` is what its process environment must hold before it starts.

    `needs_model` says that it loads a model on this machine; `served` asks a server for the model that it has.
    """

    name: str
    start: Callable[[EnginePlan], Engine]
    env: Callable[[EnginePlan], dict[str, str]]
    needs_model: bool = True
    served: Callable[[EngineSettings], ServedModel] | None = None
