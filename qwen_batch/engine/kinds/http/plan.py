"""The plan for a server: the model that it has, the sizes of a GPU's engine, and what only the server can decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qwen_batch.config import Config, EngineSettings, HttpSettings
from qwen_batch.engine.engine import ChosenEngine, EnginePlan
from qwen_batch.engine.kinds.http.server import client_options, said, unreachable
from qwen_batch.engine.plan import decided, engine_plan
from qwen_batch.errors import ConfigError, ServerError
from qwen_batch.packages import Check

SERVER_MAX_NUM_SEQS = 256
SERVER_MODEL_LEN = 32_768  # where the server does not tell
LIST_TIMEOUT_S = 20.0
SERVERS_OWN = frozenset(
    {
        "precision",
        "kv_cache",
        "replicas",
        "tensor_parallel",
        "max_batched_tokens",
        "eager",
        "deterministic",
        "vllm",
        "gpu_memory_utilization",
        "kv_cache_gb",
    }
)
"""Settings that say nothing of a server's engine."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model behind a server: the name that it has there, and its context in tokens if the server tells it."""

    name: str
    max_model_len: int | None


def choose_served(config: Config) -> ChosenEngine:
    """The engine that is the server. Raises ServerError, and ConfigError for what only the server could follow."""
    served = served_model(config.engine)
    return ChosenEngine(server_plan(config.engine, served), served.name, f"served at {config.engine.http.base_url}")


def server_plan(settings: EngineSettings, served: ServedModel) -> EnginePlan:
    """The plan for a server: the sizes of a GPU's engine, with what only the server knows left to it.

    Raises ConfigError for settings that only the server could follow, and for a context that it does not have.
    """
    taken = list(settings.model_dump(include=set(SERVERS_OWN), exclude_defaults=True))
    if taken:
        raise ConfigError(
            f"engine.{', engine.'.join(taken)}: with engine.kind http the server decides that",
            f"leave {'it' if len(taken) == 1 else 'them'} away, and start the server with it",
        )
    if served.max_model_len and decided(settings.max_model_len, 0) > served.max_model_len:
        raise ConfigError(
            f"engine.max_model_len is {settings.max_model_len}, but the server's context has {served.max_model_len} "
            "tokens",
            "leave it at auto, or start the server with a longer context",
        )
    sized = settings.model_copy(update={"max_num_seqs": decided(settings.max_num_seqs, SERVER_MAX_NUM_SEQS)})
    limit = served.max_model_len or SERVER_MODEL_LEN
    plan = engine_plan(sized, served.name, gpus=1, cpu_dtype="", model_limit=limit)
    return replace(plan, gpus=0, precision="the server's", dtype="the server's", kv_cache="the server's")


def served_model(settings: EngineSettings) -> ServedModel:
    """The model of the settings as the server knows it; the only one it has for `auto`.

    Raises ServerError, and ConfigError for a key that cannot be sent.
    """
    http = settings.http
    models = _served_models(http)
    name = settings.model
    if name == "auto" and len(models) == 1:
        (name,) = models
    if name not in models:
        there = ", ".join(sorted(models)[:10]) or "none"
        asked = "engine.model is auto" if name == "auto" else f"there is no {name}"
        raise ServerError(f"{http.base_url}: {asked}, and the server has: {there}", "set engine.model to one of them")
    return ServedModel(name, models[name])


def _served_models(http: HttpSettings) -> dict[str, int | None]:
    """The context in tokens, if the server tells it, of each model that it has. Raises ServerError."""
    from openai import APIConnectionError, APIError, OpenAI

    try:
        with OpenAI(**client_options(http, min(http.timeout_s, LIST_TIMEOUT_S))) as client:
            return {model.id: getattr(model, "max_model_len", None) for model in client.models.list()}
    except APIConnectionError as error:
        raise unreachable(error, http) from None
    except APIError as error:
        remedy = f"check engine.http.base_url and the key in the environment variable {http.api_key_env}"
        raise ServerError(f"{http.base_url}: the list of models was refused: {said(error, http)}", remedy) from None
    except (ValueError, AttributeError):  # the client hands on as text what is no JSON, and stumbles over it
        message = f"{http.base_url}: what is there does not speak OpenAI's protocol: no list of models at /models"
        raise ServerError(message, "check engine.http.base_url, which ends in /v1 for most servers") from None


def check_server(config: Config) -> Sequence[Check]:
    """Whether the server answers, and which model it has."""
    try:
        chosen = choose_served(config)
    except (ServerError, ConfigError) as error:
        return (Check("server", ok=False, detail=error.message, remedy=error.remedy),)
    return (Check("server", ok=True, detail=f"{chosen.model}, {chosen.why}"),)
