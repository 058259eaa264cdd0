"""The binding to Ray Data: the stages of `pipeline` as one streaming dataset. The only importer of ray.

One row a document throughout, as a pickled Work in a binary column: a document's jobs, chunks and
repairs stay together, and Ray never sees its text. Four documents are an engine batch; many are in
flight, so the engine is fed while other documents are still read.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

import psutil

from qwen_batch.answer import Answering
from qwen_batch.engines import Engine, EngineKind
from qwen_batch.errors import EngineError, QwenBatchError
from qwen_batch.pipeline import (
    RunSpec,
    Work,
    document_to_prompts,
    engine_stage,
    load_jobs,
    make_isolator,
    make_tokenizer,
    settle_stage,
)
from qwen_batch.plugins import load_plugin
from qwen_batch.records import DocumentOutcome

MIN_LOGICAL_CPUS = 4  # with fewer, Ray Data's own actors and tasks wait for each other
MAX_BLOCKS = 4096
DOCUMENTS_PER_BLOCK = 8  # in a block, when there are many; a block is one task
STOP_GRACE_S = 3.0
WORK = "work"


class DocumentStages:
    """Read, OCR, clean and prompt stage in a Ray actor, with one warm child process for what may crash."""

    def __init__(self, spec: RunSpec) -> None:
        self._spec = spec
        self._isolator = make_isolator(spec)
        self._tokenizer = make_tokenizer(spec)
        self._jobs = load_jobs(spec)

    def __call__(self, batch: dict[str, Any]) -> Iterator[dict[str, list[bytes]]]:
        """Documents one by one, so that the first goes on while the next is read."""
        for pickled in batch[WORK]:
            work = pickle.loads(pickled)  # noqa: S301  our own rows
            done = document_to_prompts(work, self._spec, self._isolator, self._tokenizer, self._jobs)
            yield {WORK: [pickle.dumps(done)]}


class EngineStage:
    """The engine in a Ray actor; calls run side by side on its event loop, `in_flight` shards at a time."""

    def __init__(self, spec: RunSpec) -> None:
        kind: EngineKind = load_plugin("qwen_batch.engines", spec.plan.kind, "ENGINE")
        self._engine: Engine = kind.start(spec.plan)
        self._answering = Answering(
            engine=self._engine,
            plan=spec.plan,
            gate=asyncio.Semaphore(spec.plan.in_flight),
            jobs=load_jobs(spec),
            tokenizer=make_tokenizer(spec),
        )

    async def __call__(self, batch: dict[str, Any]) -> AsyncIterator[dict[str, list[bytes]]]:
        """A shard of documents in, the same documents with their answers out."""
        works = [pickle.loads(pickled) for pickled in batch[WORK]]  # noqa: S301  our own rows
        answered = await engine_stage(works, self._answering)
        yield {WORK: [pickle.dumps(work) for work in answered]}


def settle_batch(batch: dict[str, Any], spec: RunSpec) -> dict[str, list[bytes]]:
    """Evidence, confidence and merge: answered documents in, outcomes out. Loading the jobs again costs nothing."""
    jobs = load_jobs(spec)
    works = [pickle.loads(pickled) for pickled in batch[WORK]]  # noqa: S301  our own rows
    return {WORK: [pickle.dumps(settle_stage(work, spec, jobs)) for work in works]}


@contextmanager
def ray_session(spec: RunSpec) -> Iterator[None]:
    """A Ray instance of our own, ended with all its processes; or a connection to the cluster of the settings."""
    import ray

    resources = spec.config.resources
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what matters reaches the user as an exception
    if resources.ray_address:
        ray.init(address=resources.ray_address, log_to_driver=False, logging_level=logging.ERROR)
        try:
            yield
        finally:
            ray.shutdown()
        return
    with tempfile.TemporaryDirectory(prefix="qb-", ignore_cleanup_errors=True) as folder:
        log = Path(folder, "driver.log")
        # Ray prints its own remarks to stdout, which belongs to results, and its log level to stderr
        with _redirected(sys.stdout, log):
            try:
                with _redirected(sys.stderr, log), _own_signal_handlers():
                    ray.init(
                        address="local",
                        num_cpus=logical_cpus(spec),
                        include_dashboard=False,
                        log_to_driver=False,
                        logging_level=logging.ERROR,
                        object_store_memory=resources.object_store_mb << 20,
                        _temp_dir=folder,
                        _system_config={"prestart_worker_first_driver": False},  # each takes seconds of a small machine
                    )
                yield
            finally:
                _stop_ray()


def run_documents(works: Sequence[Work], spec: RunSpec) -> Iterator[DocumentOutcome]:
    """Runs all stages on the connected Ray and yields outcomes as they come, in any order.

    Raises the QwenBatchError that a stage raised, or EngineError when Ray itself gives up.
    """
    import ray

    _configure_ray_data()
    blocks = min(len(works), max(64, len(works) // DOCUMENTS_PER_BLOCK), MAX_BLOCKS)
    rows = [{WORK: pickle.dumps(work)} for work in works]
    dataset = _stages(ray.data.from_items(rows, override_num_blocks=blocks), spec)
    try:
        for batch in dataset.iter_batches(batch_size=None, batch_format="pyarrow"):
            for pickled in batch[WORK].to_pylist():
                yield pickle.loads(pickled)  # noqa: S301  our own rows
    except ray.exceptions.RayError as error:
        raise _fatal(error) from error


def logical_cpus(spec: RunSpec) -> int:
    """Ray's CPUs: a slot for each reading actor and some for the small stages, whatever the machine has."""
    wanted = spec.config.resources.num_cpus
    return wanted if wanted != "auto" else max(MIN_LOGICAL_CPUS, _read_actors(spec) + 3)


def _read_actors(spec: RunSpec) -> int:
    wanted = spec.config.resources.read_tasks
    return wanted if wanted != "auto" else len(os.sched_getaffinity(0))


def _stages(dataset: Any, spec: RunSpec) -> Any:
    from ray.data import ActorPoolStrategy

    plan = spec.plan
    replicas = max(1, plan.gpus)
    kind: EngineKind = load_plugin("qwen_batch.engines", plan.kind, "ENGINE")
    return (
        dataset.map_batches(
            DocumentStages,
            fn_constructor_args=(spec,),
            batch_size=1,
            compute=ActorPoolStrategy(size=_read_actors(spec)),
            num_cpus=1,
        )
        .repartition(target_num_rows_per_block=plan.batch_size, strict=True)
        .map_batches(
            EngineStage,
            fn_constructor_args=(spec,),
            batch_size=plan.batch_size,
            compute=ActorPoolStrategy(
                size=replicas,
                max_tasks_in_flight_per_actor=plan.in_flight,
                max_concurrent_calls_per_actor=plan.in_flight,
            ),
            num_cpus=0.5,
            num_gpus=1 if plan.gpus else 0,
            runtime_env={"env_vars": kind.env(plan)},
        )
        .map_batches(settle_batch, fn_kwargs={"spec": spec}, batch_size=plan.batch_size, num_cpus=0.5)
    )


def _configure_ray_data() -> None:
    """Quiet and unordered; the context is copied into a dataset when that is made."""
    from ray.data import DataContext

    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.execution_options.preserve_order = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    logging.getLogger("ray").setLevel(logging.ERROR)


def _fatal(error: BaseException) -> QwenBatchError:
    """The stage's own error if there is one under Ray's wrapping, else what Ray says in its last line."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, QwenBatchError):
            return cause
        cause = getattr(cause, "cause", None) or cause.__cause__
    last = str(error).strip().splitlines()[-1]
    return EngineError(f"the run stopped: {last}", "what is finished is safe: run the same command again")


@contextmanager
def _redirected(stream: TextIO, file: Path) -> Iterator[None]:
    """Sends what Python and C++ write to stdout or stderr to the end of a file."""
    stream.flush()
    number = 2 if stream is sys.stderr else 1
    saved = os.dup(number)
    with file.open("ab") as target:
        os.dup2(target.fileno(), number)
    try:
        yield
    finally:
        stream.flush()
        os.dup2(saved, number)
        os.close(saved)


@contextmanager
def _own_signal_handlers() -> Iterator[None]:
    """Keeps our handlers: Ray sets one of its own, which ends the program without our clean-up."""
    saved = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in saved.items():
            signal.signal(number, handler)


def _stop_ray() -> None:
    """Ends Ray and whatever is left of its processes: an engine may outlive the actor that started it."""
    import ray

    children = psutil.Process().children(recursive=True)
    ray.shutdown()
    _, alive = psutil.wait_procs(children, timeout=STOP_GRACE_S)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=STOP_GRACE_S)
