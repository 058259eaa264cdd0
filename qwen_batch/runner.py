"""One run from its request to published tables: the driver's part, around the stages that Ray runs.

Decides what is to do, stages what comes back, checks that every document and product ended exactly once,
and publishes. Prints nothing: a Reporter is told the counts, and the command line speaks.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import pyarrow as pa

from qwen_batch.config import Config
from qwen_batch.discover import Discovered, inputs_to_documents
from qwen_batch.errors import OutputError
from qwen_batch.ledger import FAILURES, Key, Ledger, Table, locked
from qwen_batch.manifest import RunFacts, run_manifest
from qwen_batch.pipeline import Work
from qwen_batch.plugins import load_plugin
from qwen_batch.progress import Counts, Reporter
from qwen_batch.records import Document, DocumentOutcome, Extract, Failure, Record
from qwen_batch.table import FAILURE_SCHEMA, failures_to_table

FAILURE_TABLE = Table(FAILURES, "all", FAILURE_SCHEMA)


class RunsWith(Protocol):
    """What a run needs to know of its specification; workers know the rest."""

    @property
    def config(self) -> Config:
        """All settings."""

    def about(self) -> dict[str, Any]:
        """What the run manifest says of it."""


Spec = TypeVar("Spec", bound=RunsWith)


@dataclass(frozen=True, slots=True)
class Product:
    """What a run makes of every document: the answers to one job, or its extract.

    `to_rows(records, run_id, processed_at)` makes rows of `table` from the outcome's records of this name.
    """

    name: str
    fingerprint: str
    table: Table
    to_rows: Callable[[Sequence[Any], str, datetime], pa.Table]


@dataclass(frozen=True, slots=True)
class RunRequest(Generic[Spec]):
    """What the user asked for; `spec` has every setting decided, `limit` is a number of files."""

    spec: Spec
    products: tuple[Product, ...]
    inputs: tuple[str, ...]
    output: Path
    limit: int | None = None
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Machinery(Generic[Spec]):
    """How works are executed: Ray in a run; plain loops and faults in tests."""

    session: Callable[[Config], AbstractContextManager[None]]
    execute: Callable[[Sequence[Work], Spec], Iterator[DocumentOutcome]]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """How a run ended. Rows and failures of this run by job and code; `failed_before` from earlier runs."""

    run_id: str
    documents: int
    done_before: int
    failed_before: int
    rows: dict[str, int]
    failure_codes: dict[str, int]
    counts: Counts
    seconds: float

    @property
    def failed(self) -> int:
        """Documents and jobs without a row, from this run or before."""
        return self.failed_before + sum(self.failure_codes.values())


def limits_fingerprint(config: Config) -> str:
    """8 hex digits that change with the limits of reading: a failure counts for the limits it met only."""
    limits = f"{config.read.model_dump_json()} {config.ocr.timeout_s}"
    return hashlib.sha256(limits.encode()).hexdigest()[:8]


def execute_run(request: RunRequest[Spec], machinery: Machinery[Spec], reporter: Reporter) -> RunSummary:
    """Runs a request to its end. Raises OutputError, EngineError or what a stage found fatal."""
    started = datetime.now(UTC)
    run_id = f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    found = inputs_to_documents(request.inputs, request.limit, skip=request.output)
    sink = load_plugin("qwen_batch.sinks", request.spec.config.sink.format, "SINK")
    with locked(request.output, run_id):
        ledger = Ledger(request.output, sink, request.spec.config.sink.rows_per_file, flat=request.flat)
        ledger.recover()
        return _Run(request, run_id, started, ledger, found).process(machinery, reporter)


class _Run(Generic[Spec]):
    """A run in progress: what it still owes, and rows that are not staged yet."""

    def __init__(
        self, request: RunRequest[Spec], run_id: str, started: datetime, ledger: Ledger, found: Discovered
    ) -> None:
        self._request = request
        self._run_id = run_id
        self._started = started
        self._ledger = ledger
        self._found = found
        self._uris: dict[str, list[str]] = defaultdict(list)
        for document in found.documents:
            self._uris[document.id].append(document.uri)
        self._products = {product.name: product for product in request.products}
        self._records: dict[str, list[Record | Extract]] = defaultdict(list)
        self._failures: list[Failure] = []
        self._codes: Counter[str] = Counter()
        self._last_flush = time.monotonic()
        self._done = ledger.done_keys()
        self._limits = limits_fingerprint(request.spec.config)
        self._wanted = {self._key(document, job) for document in self._all_documents() for job in self._products}
        self._failed_before = {key for key in self._wanted if self._failure_key(key) in self._done.failures}
        self._owed = self._wanted - self._done.records - self._failed_before

    def process(self, machinery: Machinery[Spec], reporter: Reporter) -> RunSummary:
        """Does what is owed, publishes what is staged, and sums up."""
        for failure in self._found.failures:
            self._take_failures([replace(failure, job=job) for job in self._products])
        works = self._works()
        counts = Counts(documents=len(works))
        try:
            if works:
                self._execute(works, counts, machinery, reporter)
        finally:  # what is finished is safe, whatever happens
            self._flush()
        if self._owed:
            raise OutputError(
                f"{self._request.output}: {len(self._owed)} results never came, first {min(self._owed).source_uri}",
                "run the same command again: it does what is missing",
            )
        return self._finish(counts)

    def _execute(self, works: list[Work], counts: Counts, machinery: Machinery[Spec], reporter: Reporter) -> None:
        reporter.start(counts)
        try:
            with machinery.session(self._request.spec.config):
                for outcome in machinery.execute(works, self._request.spec):
                    self._take(outcome)
                    counts.add(outcome)
                    reporter.update(counts)
        finally:
            reporter.stop(counts)

    def _works(self) -> list[Work]:
        """One work for each content that is owed to any of its names."""
        by_id: dict[str, Work] = {}
        for document in self._found.documents:
            jobs = tuple(job for job in self._products if self._key(document, job) in self._owed)
            known = by_id.get(document.id)
            if known is not None:
                jobs = tuple(job for job in self._products if job in jobs or job in known.jobs)
            if jobs:
                by_id[document.id] = Work(known.document if known else document, jobs)
        return list(by_id.values())

    def _take(self, outcome: DocumentOutcome) -> None:
        for document in self._names_of(outcome.document):
            for record in outcome.records:
                if self._settled(self._key(document, record.job)):
                    self._records[record.job].append(replace(record, document=document))
            self._take_failures([replace(failure, document=document) for failure in outcome.failures])
        if time.monotonic() - self._last_flush >= self._request.spec.config.sink.flush_seconds:
            self._flush()

    def _take_failures(self, failures: Sequence[Failure]) -> None:
        for failure in failures:
            if failure.job is not None and self._settled(self._key(failure.document, failure.job)):
                self._failures.append(failure)
                self._codes[failure.code] += 1

    def _settled(self, key: Key) -> bool:
        """Whether this result was still owed; a second one for the same key is dropped."""
        owed = key in self._owed
        self._owed.discard(key)
        return owed

    def _flush(self) -> None:
        now = datetime.now(UTC)
        for job, records in self._records.items():
            product = self._products[job]
            self._ledger.stage(product.table, product.to_rows(records, self._run_id, now), self._run_id)
        self._records.clear()
        if self._failures:
            pairs = [
                (failure, self._failure_key(self._key(failure.document, failure.job or "")).job_fingerprint)
                for failure in self._failures
            ]
            rows = failures_to_table(pairs, run_id=self._run_id, processed_at=now)
            self._ledger.stage(FAILURE_TABLE, rows, self._run_id)
        self._failures.clear()
        self._last_flush = time.monotonic()

    def _finish(self, counts: Counts) -> RunSummary:
        tables = [*(product.table for product in self._products.values()), FAILURE_TABLE]
        staged = {table.name: self._ledger.staged_rows(table) for table in tables}
        rows = dict.fromkeys(staged, 0)
        if any(staged.values()):
            rows = self._ledger.publish(tables, self._run_id, run_manifest(self._facts(counts)))
            if rows | staged != rows:
                raise OutputError(f"{self._request.output}: staged {staged}, published {rows}", "report this as a bug")
        return RunSummary(
            run_id=self._run_id,
            documents=len(self._all_documents()),
            done_before=len(self._wanted & self._done.records),
            failed_before=len(self._failed_before),
            rows=rows,
            failure_codes=dict(self._codes),
            counts=counts,
            seconds=(datetime.now(UTC) - self._started).total_seconds(),
        )

    def _facts(self, counts: Counts) -> RunFacts:
        return RunFacts(
            run_id=self._run_id,
            started=self._started,
            inputs=self._request.inputs,
            about=self._request.spec.about(),
            config=self._request.spec.config,
            documents=len(self._all_documents()),
            counts=counts,
            failure_codes=dict(self._codes),
        )

    def _all_documents(self) -> list[Document]:
        return [*self._found.documents, *(failure.document for failure in self._found.failures)]

    def _names_of(self, document: Document) -> list[Document]:
        """The same content under all its names, with what reading found out about it."""
        return [replace(document, uri=uri) for uri in self._uris[document.id]]

    def _key(self, document: Document, job: str) -> Key:
        return Key(document.id, document.uri, job, self._products[job].fingerprint)

    def _failure_key(self, key: Key) -> Key:
        return key._replace(job_fingerprint=f"{key.job_fingerprint}-{self._limits}")
