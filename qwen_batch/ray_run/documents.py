"""The stages of `pipeline` and `extract` as streaming Ray datasets.

One row a document throughout, as a pickled value in a binary column: a document's jobs, chunks and repairs stay
together, and Ray never sees its text. Each document leaves a stage as a block of its own, so that the
first that has been read is answered while others are still in OCR.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from qwen_batch.answer import Answering
from qwen_batch.engines import Engine, EngineKind
from qwen_batch.errors import EngineError, QwenBatchError
from qwen_batch.extract import ExtractSpec, document_to_extract
from qwen_batch.pipeline import (
    RunSpec,
    Work,
    document_to_prompts,
    engine_stage,
    load_jobs,
    make_tokenizer,
    settle_stage,
)
from qwen_batch.plugins import load_plugin
from qwen_batch.ray_run.session import read_actors
from qwen_batch.ray_run.spread import spread_ocr, worker_tools
from qwen_batch.reading import make_tools
from qwen_batch.records import DocumentOutcome
from qwen_batch.shards import Shards

MAX_BLOCKS = 4096
DOCUMENTS_PER_BLOCK = 8  # that enter together, when there are many; a block is one task
OUTPUT_BLOCK_BYTES = 1  # every row that a stage yields goes on at once
SMALL_STAGE_CPUS = 0.5  # of the engine actor and of a settling task
ROW = "row"


class DocumentStages:
    """Read, OCR, clean and prompt stage in a Ray actor, with one warm child process for what may crash."""

    def __init__(self, spec: RunSpec) -> None:
        self._spec = spec
        self._tools = make_tools(spec.config, spread_ocr)
        self._tokenizer = make_tokenizer(spec)
        self._jobs = load_jobs(spec)

    def __call__(self, batch: dict[str, Any]) -> Iterator[dict[str, list[bytes]]]:
        """Documents one by one, so that the first goes on while the next is read."""
        for work in _unpacked(batch):
            yield _packed(document_to_prompts(work, self._spec, self._tools, self._tokenizer, self._jobs))


class ExtractStages:
    """Read, OCR and clean stage in a Ray actor."""

    def __init__(self, spec: ExtractSpec) -> None:
        self._tools = make_tools(spec.config, spread_ocr)

    def __call__(self, batch: dict[str, Any]) -> Iterator[dict[str, list[bytes]]]:
        """Documents one by one, each with its outcome."""
        for work in _unpacked(batch):
            yield _packed(document_to_extract(work.document, self._tools))


class EngineStage:
    """The engine in a Ray actor; calls run side by side on its event loop and fill its shards together."""

    def __init__(self, spec: RunSpec) -> None:
        kind: EngineKind = load_plugin("qwen_batch.engines", spec.plan.kind, "ENGINE")
        self._engine: Engine = kind.start(spec.plan)
        self._answering = Answering(
            shards=Shards(self._engine, spec.plan.batch_size, spec.plan.in_flight),
            plan=spec.plan,
            jobs=load_jobs(spec),
            tokenizer=make_tokenizer(spec),
        )

    async def __call__(self, batch: dict[str, Any]) -> AsyncIterator[dict[str, list[bytes]]]:
        """Documents in, the same documents with their answers out."""
        for work in await engine_stage(_unpacked(batch), self._answering):
            yield _packed(work)


def settle_batch(batch: dict[str, Any], spec: RunSpec) -> Iterator[dict[str, list[bytes]]]:
    """Evidence, confidence and merge: answered documents in, outcomes out. Loading the jobs again costs nothing."""
    jobs = load_jobs(spec)
    for work in _unpacked(batch):
        yield _packed(settle_stage(work, spec, jobs, worker_tools(spec.config).isolator))


def run_documents(works: Sequence[Work], spec: RunSpec) -> Iterator[DocumentOutcome]:
    """Runs all stages on the connected Ray and yields outcomes as they come, in any order.

    Raises the QwenBatchError that a stage raised, or EngineError when Ray itself gives up.
    """
    return _outcomes(_answered(_read(works, spec, DocumentStages), spec))


def extract_documents(works: Sequence[Work], spec: ExtractSpec) -> Iterator[DocumentOutcome]:
    """Reads documents on the connected Ray and yields their extracts as they come. Raises as `run_documents`."""
    return _outcomes(_read(works, spec, ExtractStages))


def _packed(value: Any) -> dict[str, list[bytes]]:
    return {ROW: [pickle.dumps(value)]}


def _unpacked(batch: dict[str, Any]) -> list[Any]:
    return [pickle.loads(pickled) for pickled in batch[ROW]]  # noqa: S301  our own rows


def _outcomes(dataset: Any) -> Iterator[DocumentOutcome]:
    import ray

    try:
        # with prefetching a finished row is held back until the next one is there
        for batch in dataset.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
            for pickled in batch[ROW].to_pylist():
                yield pickle.loads(pickled)  # noqa: S301  our own rows
    except ray.exceptions.RayError as error:
        raise _fatal(error) from error


def _read(works: Sequence[Work], spec: RunSpec | ExtractSpec, stages: type) -> Any:
    import ray

    _configure_ray_data()
    blocks = min(len(works), max(64, len(works) // DOCUMENTS_PER_BLOCK), MAX_BLOCKS)
    rows = [{ROW: pickle.dumps(work)} for work in works]
    return ray.data.from_items(rows, override_num_blocks=blocks).map_batches(
        stages,
        fn_constructor_args=(spec,),
        batch_size=1,
        # no letter waits behind a book in the queue of one actor while another has nothing to do
        compute=ray.data.ActorPoolStrategy(size=read_actors(spec.config), max_tasks_in_flight_per_actor=1),
        num_cpus=1,
    )


def _answered(dataset: Any, spec: RunSpec) -> Any:
    from ray.data import ActorPoolStrategy

    plan = spec.plan
    kind: EngineKind = load_plugin("qwen_batch.engines", plan.kind, "ENGINE")
    documents = plan.in_flight * plan.batch_size  # enough to fill all shards even if each has one prompt only
    return dataset.map_batches(
        EngineStage,
        fn_constructor_args=(spec,),
        batch_size=1,
        compute=ActorPoolStrategy(
            size=max(1, plan.gpus), max_tasks_in_flight_per_actor=documents, max_concurrent_calls_per_actor=documents
        ),
        num_cpus=SMALL_STAGE_CPUS,
        num_gpus=1 if plan.gpus else 0,
        runtime_env={"env_vars": kind.env(plan)},
    ).map_batches(settle_batch, fn_kwargs={"spec": spec}, batch_size=1, num_cpus=SMALL_STAGE_CPUS)


def _configure_ray_data() -> None:
    """Quiet and unordered; the context is copied into a dataset when that is made."""
    from ray.data import DataContext

    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.target_max_block_size = OUTPUT_BLOCK_BYTES
    context.print_on_execution_start = False
    context.execution_options.preserve_order = False
    for name in ("ray", "ray.data"):  # what matters reaches the user as an exception
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _fatal(error: BaseException) -> QwenBatchError:
    """The stage's own error if there is one under Ray's wrapping, else what Ray says in its last line."""
    from ray.exceptions import RayTaskError

    cause: BaseException | None = error
    while cause is not None:
        # Ray's wrapper is also an instance of the class that it wraps, with a traceback for its message
        if isinstance(cause, QwenBatchError) and not isinstance(cause, RayTaskError):
            return cause
        cause = getattr(cause, "cause", None) or cause.__cause__
    last = str(error).strip().splitlines()[-1]
    return EngineError(f"the run stopped: {last}", "what is finished is safe: run the same command again")
