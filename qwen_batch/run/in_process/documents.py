"""The stages of `run` and `extract` on worker processes: the same contract as the binding to Ray, on one machine."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from qwen_batch.config import Config
from qwen_batch.engine.usage import EngineUsage
from qwen_batch.errors import EngineError
from qwen_batch.outcomes import DocumentOutcome, Stage
from qwen_batch.reading.document_to_text import READING_CHILD
from qwen_batch.reading.extract import EXTRACT, ExtractSpec
from qwen_batch.reading.isolate.isolator import Isolator
from qwen_batch.run.attempts import poisoned
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.in_process.ocr_slots import Slots
from qwen_batch.run.in_process.reading_child import ReadingChild, start_reading_child
from qwen_batch.run.in_process.worker import Task, extract_document, extract_some, get_ready
from qwen_batch.run.in_process.workers import Setup, Together, Way, Worker, Workers
from qwen_batch.run.stopping import Stop
from qwen_batch.storage.places import is_s3
from qwen_batch.storage.uris import uri_to_path

FIRST = "a document"
"""Of a folder, for a fence that opens folders."""
T = TypeVar("T")


def run_documents(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome | EngineUsage]:
    """Runs all stages and yields outcomes as they come, in any order, one a document; the engines' use between them.

    Ends early when `stop` lets no more documents begin and all that were begun have come. Raises the QwenBatchError
    that a stage raised, or EngineError for what nobody foresaw.
    """
    return _outcomes(works, spec, stop, Way(_answered, _answered_together))


def extract_documents(works: Sequence[Work], spec: ExtractSpec, stop: Stop) -> Iterator[DocumentOutcome | EngineUsage]:
    """Reads documents and yields their extracts as they come. See `run_documents`."""
    return _outcomes(works, spec, stop, Way(_extracted, _extracted_together))


def _outcomes(works: Sequence[Work], spec: RunSpec | ExtractSpec, stop: Stop, way: Way[T]) -> Iterator[T]:
    cores = len(os.sched_getaffinity(0))
    wanted = spec.config.resources.read_tasks
    with tempfile.TemporaryDirectory(prefix="qb-") as folder:
        setup = Setup(
            pickle.dumps(Task(spec, Slots(Path(folder), cores))), _FirstCalls(_reading_child(works, spec.config))
        )
        with closing(Workers(works, way, setup, stop, cores if wanted == "auto" else wanted).outcomes()) as outcomes:
            yield from outcomes


@dataclass(frozen=True, slots=True)
class _FirstCalls:
    """Starts a worker's reading child, which loads its part while the worker loads its own."""

    reading: ReadingChild

    def __call__(self, process: Isolator, pickled: bytes) -> None:
        process.call(start_reading_child, self.reading)
        process.call(get_ready, pickled)


def _reading_child(works: Sequence[Work], config: Config) -> ReadingChild:
    read = config.read
    names = (work.document.archive or work.document.uri for work in works)
    files = {Path(uri_to_path(name)).parent / FIRST: None for name in names if not is_s3(name)}
    return ReadingChild(read.timeout_s, read.memory_mb, READING_CHILD, read.sandbox, tuple(files))


def _extracted(worker: Worker, work: Work) -> Iterator[DocumentOutcome | EngineUsage]:
    document = work.document
    poison = DocumentOutcome(document, (), (poisoned(document, "read", EXTRACT),))
    yield worker.does(extract_document, document) or poison


def _extracted_together(worker: Worker, works: Sequence[Work]) -> Together[DocumentOutcome | EngineUsage] | None:
    done = worker.does(extract_some, [work.document for work in works], tries=1)
    return None if done is None else Together(done, len(done))


def _answered(worker: Worker, work: Work) -> Iterator[DocumentOutcome | EngineUsage]:
    from qwen_batch.run.in_process.job_stages import answer_works, read_work, settle_work

    work = worker.does(read_work, work) or _poisoned(work, "read")
    if work.is_asked:
        answered = worker.does(answer_works, [work])
        if answered is None:
            work = _poisoned(work, "engine")
        else:
            (work,) = answered.works
            yield answered.usage
    settled = worker.does(settle_work, work) or worker.does(settle_work, _poisoned(work, "merge"))
    if settled is None:
        raise EngineError(f"{work.document.uri}: not even its failure could be told", "look for this machine's memory")
    yield settled


def _answered_together(worker: Worker, works: Sequence[Work]) -> Together[DocumentOutcome | EngineUsage] | None:
    from qwen_batch.run.in_process.job_stages import all_stages

    done = worker.does(all_stages, works, tries=1)
    return None if done is None else Together((done.usage, *done.outcomes), len(done.outcomes))


def _poisoned(work: Work, stage: Stage) -> Work:
    return replace(work, failure=poisoned(work.document, stage))
