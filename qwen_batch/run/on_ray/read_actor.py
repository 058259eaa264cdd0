"""The stages before and after the engine as Ray Data calls them.

Each begins and ends a document under the eyes of the run's Watch, so that one that kills its workers is found.
What is ready at nearly the same time goes on together: a block costs the driver some milliseconds and 3.5 kB, and a
call the engine's actor one. It is one row, because what a stage yields is cut into blocks of a row each.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from qwen_batch.engine.usage import EngineUsage
from qwen_batch.job.definition import Job
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.reading.document_to_text import make_tools
from qwen_batch.reading.extract import EXTRACT, ExtractSpec, document_to_extract
from qwen_batch.run.attempts import Declined, poisoned
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import document_to_prompts
from qwen_batch.run.document.work import Work
from qwen_batch.run.on_ray.rows import ROW, packed, unpacked
from qwen_batch.run.on_ray.spread import spread_ocr, worker_tools
from qwen_batch.run.on_ray.watch import Watch

TOGETHER_S = 1.0
"""What is ready within this time goes on together."""
TOGETHER_BYTES = 256 << 10
"""As long as it is not larger than this; and what has been read never waits for a file of more than this."""


class DocumentStages:
    """Read, OCR, clean and prompt stage in a Ray actor, with one warm child process for what may crash."""

    def __init__(self, spec: RunSpec, watch: Watch) -> None:
        self._spec = spec
        self._watch = watch
        self._tools = make_tools(spec.config, spread_ocr)
        self._tokenizer = make_tokenizer(spec)
        self._jobs = load_jobs(spec)

    def __call__(self, batch: dict[str, Any]) -> Iterator[dict[str, list[bytes]]]:
        """Documents as they are read: none waits long for the next."""
        return read_each(batch, self._watch, self._read, _poisoned_work)

    def _read(self, work: Work) -> Work:
        return document_to_prompts(work, self._spec, self._tools, self._tokenizer, self._jobs)


class ExtractStages:
    """Read, OCR and clean stage in a Ray actor."""

    def __init__(self, spec: ExtractSpec, watch: Watch) -> None:
        self._watch = watch
        self._tools = make_tools(spec.config, spread_ocr)

    def __call__(self, batch: dict[str, Any]) -> Iterator[dict[str, list[bytes]]]:
        """The documents' outcomes."""
        return read_each(batch, self._watch, self._read, _poisoned_extract)

    def _read(self, work: Work) -> DocumentOutcome:
        return document_to_extract(work.document, self._tools)


def settle_batch(batch: dict[str, Any], spec: RunSpec, watch: Watch) -> dict[str, list[bytes]]:
    """Evidence, confidence and merge: answered documents in, outcomes out. Loading the jobs again costs nothing."""
    jobs = load_jobs(spec)
    return packed([_settled(work, spec, jobs, watch) for work in unpacked(batch)])


def _settled(
    work: Work | Declined | EngineUsage, spec: RunSpec, jobs: Mapping[str, Job], watch: Watch
) -> DocumentOutcome | Declined | EngineUsage:
    if isinstance(work, Declined | EngineUsage):
        return work
    isolator = worker_tools(spec.config).isolator
    if watch.begin("merge", work.document.id) == "poison":
        return settle_stage(replace(work, failure=poisoned(work.document, "merge")), spec, jobs, isolator)
    outcome = settle_stage(work, spec, jobs, isolator)
    watch.end("merge", work.document.id)
    return outcome


def read_each(
    batch: dict[str, Any],
    watch: Watch,
    read: Callable[[Work], Work | DocumentOutcome],
    poison: Callable[[Work], Work | DocumentOutcome],
) -> Iterator[dict[str, list[bytes]]]:
    """Each document read; one Declined in place of all from the first that may not be begun any more."""
    ready: list[bytes] = []
    since_s = time.monotonic()
    for work in unpacked(batch):
        slow = work.document.size > TOGETHER_BYTES or time.monotonic() - since_s > TOGETHER_S
        if ready and (slow or sum(map(len, ready)) > TOGETHER_BYTES):
            yield {ROW: [pickle.dumps(ready)]}
            ready, since_s = [], time.monotonic()
        verdict = watch.begin_reading(work.document.id)
        if verdict == "stopped":
            ready.append(pickle.dumps(Declined()))
            break
        if verdict == "poison":
            ready.append(pickle.dumps(poison(work)))
            continue
        ready.append(pickle.dumps(read(work)))
        watch.end("read", work.document.id)
    if ready:
        yield {ROW: [pickle.dumps(ready)]}


def _poisoned_work(work: Work) -> Work:
    return replace(work, failure=poisoned(work.document, "read"))


def _poisoned_extract(work: Work) -> DocumentOutcome:
    return DocumentOutcome(work.document, (), (poisoned(work.document, "read", EXTRACT),))
