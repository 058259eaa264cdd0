"""What a worker process keeps between documents, and the one stage of `extract`: read, OCR and clean.

`pickled` is a Task in bytes: the same in every call of a worker, so that it is unpacked once. Imports nothing of jobs
and answers, which an extraction would wait for.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.reading.document_to_text import ReadTools, make_tools
from qwen_batch.reading.extract import ExtractSpec, document_to_extract
from qwen_batch.records import Document
from qwen_batch.run.in_process.ocr_slots import Slots, SpreadOverSlots
from qwen_batch.run.in_process.reading_child import started_child

if TYPE_CHECKING:
    from qwen_batch.run.document.spec import RunSpec


TOGETHER_S = 1.0
"""What small documents take together at most before what has been done goes on."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Task:
    """What every worker of a run shares."""

    spec: RunSpec | ExtractSpec
    slots: Slots


def get_ready(pickled: bytes) -> None:
    """Loads what the first document will need."""
    worker_tools(pickled)


def extract_document(pickled: bytes, document: Document) -> DocumentOutcome:
    """Read, OCR and clean stage."""
    return document_to_extract(document, worker_tools(pickled))


def extract_some(pickled: bytes, documents: Sequence[Document]) -> list[DocumentOutcome]:
    """The same for the first of several small documents, as many as there is time for."""
    until_s = time.monotonic() + TOGETHER_S
    tools = worker_tools(pickled)
    return [document_to_extract(one, tools) for one in in_time(documents, until_s)]


def in_time(works: Iterable[T], until_s: float) -> Iterator[T]:
    """At least one, and more as long as it is not `until_s` of time.monotonic()."""
    for work in works:
        yield work
        if time.monotonic() >= until_s:
            return


@lru_cache(maxsize=1)
def unpacked_task(pickled: bytes) -> Task:
    """The task of this worker."""
    task: Task = pickle.loads(pickled)  # noqa: S301  of our own parent
    return task


@lru_cache(maxsize=1)
def worker_tools(pickled: bytes) -> ReadTools:
    """The tools of this worker, with the reading child that was started ahead."""
    task = unpacked_task(pickled)
    config = task.spec.config
    tools = make_tools(config, SpreadOverSlots(config, task.slots))
    return replace(tools, isolator=started_child() or tools.isolator)
