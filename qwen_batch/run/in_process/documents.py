"""The stages of `pipeline` and `extract` on worker processes: the same contract as the binding to Ray, on one machine."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from qwen_batch.config import Config
from qwen_batch.engine.usage import EngineUsage
from qwen_batch.outcomes import DocumentOutcome, Stage
from qwen_batch.reading.document_to_text import READING_CHILD
from qwen_batch.reading.extract import EXTRACT, ExtractSpec
from qwen_batch.reading.isolate.isolator import Isolator
from qwen_batch.run.attempts import poisoned
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.in_process.ocr_slots import Slots
from qwen_batch.run.in_process.reading_child import start_reading_child
from qwen_batch.run.in_process.worker import (
    Task,
    answer_document,
    extract_document,
    get_ready,
    read_document,
    settle_document,
)
from qwen_batch.run.in_process.workers import Setup, Way, Worker, Workers
from qwen_batch.run.stopping import Stop

T = TypeVar("T")


def run_documents(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome | EngineUsage]:
    """Runs all stages and yields outcomes as they come, in any order, one a document, and between them the engines' use.

    Ends early when `stop` lets no more documents begin and all that were begun have come. Raises the QwenBatchError
    that a stage raised, or EngineError for what nobody foresaw.
    """
    return _outcomes(works, spec, stop, _answered)


def extract_documents(works: Sequence[Work], spec: ExtractSpec, stop: Stop) -> Iterator[DocumentOutcome | EngineUsage]:
    """Reads documents and yields their extracts as they come. See `run_documents`."""
    return _outcomes(works, spec, stop, _extracted)


def _outcomes(works: Sequence[Work], spec: RunSpec | ExtractSpec, stop: Stop, way: Way[T]) -> Iterator[T]:
    cores = len(os.sched_getaffinity(0))
    wanted = spec.config.resources.read_tasks
    with tempfile.TemporaryDirectory(prefix="qb-") as folder:
        task = pickle.dumps(Task(spec, Slots(Path(folder), cores)))
        setup = Setup(task, _FirstCalls(spec.config))
        with closing(Workers(works, way, setup, stop, cores if wanted == "auto" else wanted).outcomes()) as outcomes:
            yield from outcomes


class _FirstCalls:
    """Starts a worker's reading child, which loads its part while the worker loads its own."""

    def __init__(self, config: Config) -> None:
        self._read = config.read

    def __call__(self, process: Isolator, pickled: bytes) -> None:
        process.call(start_reading_child, self._read.timeout_s, self._read.memory_mb, READING_CHILD)
        process.call(get_ready, pickled)


def _extracted(worker: Worker, work: Work) -> Iterator[DocumentOutcome | EngineUsage]:
    poison = DocumentOutcome(work.document, (), (poisoned(work.document, "read", EXTRACT),))
    yield worker.does(extract_document, work) or poison


def _answered(worker: Worker, work: Work) -> Iterator[DocumentOutcome | EngineUsage]:
    read = worker.does(read_document, work) or _poisoned(work, "read")
    if read.is_asked:
        answered = worker.does(answer_document, read)
        if answered is not None:
            yield answered.usage
        read = answered.work if answered is not None else _poisoned(read, "engine")
    settled = worker.does(settle_document, read) or worker.does(settle_document, _poisoned(read, "merge"))
    if settled is not None:
        yield settled


def _poisoned(work: Work, stage: Stage) -> Work:
    return replace(work, failure=poisoned(work.document, stage))
