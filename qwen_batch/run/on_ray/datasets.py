"""The stages of `pipeline` and `extract` as streaming Ray datasets, and the driver's end of them.

Documents leave a stage as they come, so that the first that has been read is answered while others are still in OCR;
Ray never sees their text.
"""

from __future__ import annotations

import gc
import logging
import sys
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Any

from qwen_batch.engine.engine import ENGINES, EnginePlan
from qwen_batch.engine.usage import EngineUsage
from qwen_batch.errors import EngineError, QwenBatchError
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.reading.extract import ExtractSpec
from qwen_batch.run.attempts import Declined
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.on_ray.engine_stage import EngineStage, SeveralEnginesStage
from qwen_batch.run.on_ray.read_actor import DocumentStages, ExtractStages, settle_batch
from qwen_batch.run.on_ray.rows import ROW, packed_row, unpacked
from qwen_batch.run.on_ray.session import read_actors
from qwen_batch.run.on_ray.watch import Watch, start_watch
from qwen_batch.run.stopping import Stop

MIN_BLOCKS, MAX_BLOCKS = 64, 4096
DOCUMENTS_PER_BLOCK = 8  # that enter together, when there are many; a block is one task
SMALL_PER_BLOCK = 32  # the same where all are small
OUTPUT_BLOCK_BYTES = 1  # what a stage yields goes on at once
_RAY_WRAPS = "The above exception was the direct cause of the following exception"
"""What stands in Ray's text of a stage's error between that and Ray's own words about it."""
SMALL_STAGE_CPUS = 0.5  # of the engine actor and of a settling task


def run_documents(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome | EngineUsage]:
    """Runs all stages on the connected Ray and yields outcomes as they come, in any order, one a document.

    Between them comes what the engines have used so far.

    Ends early when `stop` lets no more documents begin and all that were begun have come. Raises the
    QwenBatchError that a stage raised, or EngineError when the engine or Ray itself gives up.
    """
    import ray

    watch = start_watch(stop)
    if waiting := gpus_missing(spec.plan, ray.cluster_resources().get("GPU", 0)):
        sys.stderr.write(f"{waiting}\n")
    rows = _input_rows(works)
    read = _read(rows, spec, DocumentStages, watch)
    return _outcomes(_answered(read, len(rows), spec, watch), works, watch)


def gpus_missing(plan: EnginePlan, gpus: float) -> str:
    """What engines will wait for in a cluster with so many GPUs, which may still grow; empty if there are enough."""
    if gpus >= plan.gpus:
        return ""
    needed = f"engine.replicas {plan.replicas} x engine.tensor_parallel {plan.tensor_parallel}"
    return f"the cluster has {gpus:g} GPUs now, {needed} need {plan.gpus}: engines without wait until it has more"


def extract_documents(works: Sequence[Work], spec: ExtractSpec, stop: Stop) -> Iterator[DocumentOutcome | EngineUsage]:
    """Reads documents on the connected Ray and yields their extracts as they come. See `run_documents`."""
    watch = start_watch(stop)
    return _outcomes(_read(_input_rows(works), spec, ExtractStages, watch), works, watch)


def _outcomes(dataset: Any, works: Sequence[Work], watch: Watch) -> Iterator[DocumentOutcome | EngineUsage]:
    """Each document's first outcome: what was lost with a node is made again, and may come twice."""
    import ray

    missing = {work.document.id for work in works}
    taken: int | None = None
    try:
        with closing(_rows(dataset)) as rows:
            for row in rows:
                if isinstance(row, Declined):
                    taken = watch.taken() if taken is None else taken
                elif isinstance(row, EngineUsage):
                    yield row
                elif row.document.id in missing:
                    missing.remove(row.document.id)
                    yield row
                if taken is not None and len(works) - len(missing) >= taken:
                    return
    except ray.exceptions.RayError as error:
        raise watch.last_error() or _fatal(error) from error


def _rows(dataset: Any) -> Generator[DocumentOutcome | Declined | EngineUsage]:
    """Closing the generator takes down what still runs: Ray ends an actor when nothing refers to it any more.

    Not iter_batches: it sends its statistics of all blocks to an actor every 5 seconds, which took a third of the
    driver's time after 9,000 documents.
    """
    import ray

    try:
        for bundle in dataset.iter_internal_ref_bundles():
            for block in ray.get(bundle.block_refs):
                yield from unpacked({ROW: block[ROW].to_pylist()})
    finally:
        gc.collect()  # what refers to actors stands in circles


def _input_rows(works: Sequence[Work]) -> list[dict[str, bytes]]:
    are_small = all(work.is_small for work in works)
    most = SMALL_PER_BLOCK if are_small else DOCUMENTS_PER_BLOCK
    together = max(1, min(len(works) // MIN_BLOCKS, most), -(-len(works) // MAX_BLOCKS))
    return [{ROW: packed_row(works[first : first + together])} for first in range(0, len(works), together)]


def _read(rows: list[dict[str, bytes]], spec: RunSpec | ExtractSpec, stages: Callable[..., Any], watch: Watch) -> Any:
    import ray

    _configure_ray_data()
    return ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
        stages,
        fn_constructor_args=(spec, watch),
        batch_size=None,
        # no letter waits behind a book in the queue of one actor while another has nothing to do
        compute=ray.data.ActorPoolStrategy(
            size=min(len(rows), read_actors(spec.config)), max_tasks_in_flight_per_actor=1
        ),
        num_cpus=1,
    )


def _answered(dataset: Any, rows: int, spec: RunSpec, watch: Watch) -> Any:
    from ray.data import ActorPoolStrategy, TaskPoolStrategy

    plan = spec.plan
    kind = ENGINES.load(plan.kind)
    several = plan.replicas > 1
    # enough to fill all shards even if each has one prompt only
    documents = plan.in_flight * plan.batch_size * plan.replicas
    return dataset.map_batches(
        SeveralEnginesStage if several else EngineStage,
        fn_constructor_args=(spec, watch),
        batch_size=None,
        compute=ActorPoolStrategy(
            size=1, max_tasks_in_flight_per_actor=documents, max_concurrent_calls_per_actor=documents
        ),
        num_cpus=SMALL_STAGE_CPUS,
        # as `num_gpus` Ray would insist on a batch size, and then hold documents back until a batch of them is there
        ray_remote_args_fn=partial(dict, num_gpus=plan.tensor_parallel) if plan.gpus and not several else None,
        runtime_env={"env_vars": kind.env(plan)},
    ).map_batches(
        settle_batch,
        fn_kwargs={"spec": spec, "watch": watch},
        batch_size=None,
        # each new worker costs seconds of a small machine
        compute=TaskPoolStrategy(size=min(rows, read_actors(spec.config))),
        num_cpus=SMALL_STAGE_CPUS,
    )


def _configure_ray_data() -> None:
    """Quiet and unordered; the context is copied into a dataset when that is made."""
    from ray.data import DataContext

    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.target_max_block_size = OUTPUT_BLOCK_BYTES
    context.print_on_execution_start = False
    context.execution_options.preserve_order = False
    warnings.filterwarnings("ignore", "`ray_remote_args_fn`")  # in Ray until 2.64; see where it is used
    for name in ("ray", "ray.data"):  # what matters reaches the user as an exception
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _fatal(error: BaseException) -> QwenBatchError:
    """The stage's own error if there is one under Ray's wrapping, else what lies deepest."""
    from ray.exceptions import RayError, RayTaskError

    deepest = error
    cause: BaseException | None = error
    while cause is not None:
        # Ray's wrapper is also an instance of the class that it wraps, with a traceback for its message
        if isinstance(cause, QwenBatchError) and not isinstance(cause, RayTaskError):
            return cause
        deepest = cause
        cause = getattr(cause, "cause", None) or cause.__cause__
    stage_text, wrapped, _ = str(error).partition(_RAY_WRAPS)
    told = stage_text if wrapped else str(deepest)
    last = told.strip().splitlines()[-1] if told.strip() else ""
    what = last if isinstance(deepest, RayError) else f"{type(deepest).__name__}: {last}"
    return EngineError(f"the run stopped: {what}", "what is finished is safe: run the same command again")
