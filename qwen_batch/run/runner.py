"""One run from its request to published tables: the driver's part, around the stages that a Machinery runs.

Decides what is to do, stages what comes back, checks that every document and product ended exactly once,
and publishes. Prints nothing: a Reporter is told the counts, and the command line speaks.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Generic

from qwen_batch.engine.usage import EngineUsage
from qwen_batch.errors import OutputError
from qwen_batch.outcomes import DocumentOutcome, Extract, Failure, Record, Skip
from qwen_batch.output.copies import copied_rows, copyable
from qwen_batch.output.format import FORMATS
from qwen_batch.output.keys import Key, keys_of
from qwen_batch.output.layout import OUTPUT_NAMES, SOURCES, Table
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.publishing import PublishAs, publish
from qwen_batch.output.record_table import FAILURE_TABLE, KeyedFailure, failures_to_table
from qwen_batch.output.skip_table import SKIPPED_TABLE, KeyedSkip, skips_to_table
from qwen_batch.output.tables.former import tidy
from qwen_batch.output.tables.known import check_run, prefer
from qwen_batch.output.views.files import write_views
from qwen_batch.reading.discover import Discovered, sources_to_documents
from qwen_batch.reading.listing import inputs_to_listing
from qwen_batch.records import Document
from qwen_batch.run.document.work import Work
from qwen_batch.run.fingerprints import limits_fingerprint
from qwen_batch.run.manifest import RunFacts, run_manifest
from qwen_batch.run.owed import document_key, owed_works, settled_of
from qwen_batch.run.progress import Counts, Reporter
from qwen_batch.run.recording import RunLog, new_run_id
from qwen_batch.run.request import Machineries, Question, RunRequest, RunSummary, Spec
from qwen_batch.run.stopping import OutOfTime, Stop
from qwen_batch.storage.identity import by_known_names
from qwen_batch.storage.lock import hold
from qwen_batch.storage.sources import read_index, updated_index, write_index


def execute_run(
    request: RunRequest[Spec],
    machineries: Machineries[Spec],
    reporter: Reporter,
    stop: Stop | None = None,
    log: RunLog | None = None,
) -> RunSummary:
    """Runs a request to its end; `log` is the record that the command has begun, and its name is the run's.

    Raises OutputError, EngineError or what a stage found fatal.
    """
    started = log.started if log else datetime.now(UTC)
    run_id = log.run_id if log else new_run_id(started)
    store = request.store
    listing = inputs_to_listing(request.inputs, request.limit, store.root, OUTPUT_NAMES)
    with hold(store, run_id, break_lock=request.break_lock) as lease:
        if log:
            log.running()
        ledger = Ledger(store, lease)
        ledger.recover()
        tidy(store)
        check_run(store, request.spec.config.sink.format, request.tables())
        known = read_index(store, SOURCES)
        sources = by_known_names(listing.sources, known)
        found = sources_to_documents(sources, known, request.spec.config.read, request.limit)
        found = replace(found, messages=(*listing.messages, *found.messages))
        if log:
            log.tell(found.messages)
        whole = request.limit is None and request.only is None  # only then does what is missing mean anything
        named = [uri for source in sources for uri in (source.uri, *source.also)]
        index = updated_index(known, found.sources, named, request.inputs if whole else (), listing.leaves_out)
        if index != known:
            write_index(store, SOURCES, index)
        run = _Run(request, run_id, started, ledger, found)
        if log:
            log.planned(*run.before())
        stop = stop or Stop()
        with stop.signals():
            summary = run.process(machineries, reporter, stop)
        prefer(store, {product.table.name: product.fingerprint for product in request.products})
        write_views(store)
        return summary


class _Run(Generic[Spec]):
    """A run in progress: what it still owes, and rows that are not staged yet."""

    def __init__(
        self, request: RunRequest[Spec], run_id: str, started: datetime, ledger: Ledger, found: Discovered
    ) -> None:
        self._request = request
        self._spec = request.spec
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
        self._skips: list[Skip] = []
        self._said: dict[str, None] = {}
        self._codes: Counter[str] = Counter()
        self._names: Counter[str] = Counter()
        self._first_document_s: float | None = None
        self._last_flush = time.monotonic()
        self._limits = limits_fingerprint(request.spec.config)
        self._plan(request.only)

    def _plan(self, only: frozenset[Question] | None) -> None:
        """What is owed: all that has no row, no skip and no failure; of `only`, also what failed."""
        done = self._ledger.done_keys()
        settled = settled_of(self._all_documents(), self._fingerprints(), done, self._limits, only)
        self._done_before, self._skipped_before = settled.records, settled.skips
        self._owed = set(settled.owed)
        self._ledger.withdraw(FAILURE_TABLE, frozenset(self._owed))
        staged = {key.asked() for path in self._ledger.staged(FAILURE_TABLE) for key in self._ledger.staged_keys(path)}
        self._failed_before = settled.failures - staged  # what a killed run had staged is published, and told, by us
        self._copy(copyable(self._owed, done.records))
        self._copy_rows(SKIPPED_TABLE, copyable(self._owed, done.skips))

    def _copy(self, found: dict[Key, list[str]]) -> None:
        """Stages the answers that stand under another name of the same content."""
        for product in self._products.values():
            wanted = {key: names for key, names in found.items() if key.job == product.name}
            if not product.table.split:  # rows that were split cannot be put together again
                self._copy_rows(product.table, wanted)

    def _copy_rows(self, table: Table, wanted: Mapping[Key, Sequence[str]]) -> None:
        rows = copied_rows(self._ledger, table, wanted) if wanted else table.schema.empty_table()
        if len(rows):
            self._ledger.stage(table, rows, self._run_id)
        self._owed.difference_update(keys_of(rows))

    def before(self) -> tuple[int, int, int]:
        """How many documents there are, and rows and failures of runs before."""
        return len(self._all_documents()), len(self._done_before), len(self._failed_before)

    def process(self, machineries: Machineries[Spec], reporter: Reporter, stop: Stop) -> RunSummary:
        """Does what is owed, publishes what is staged, and sums up."""
        failed = [
            self._take_failures([replace(one, job=job) for job in self._products]) for one in self._found.failures
        ]
        at_once = failed.count(True)
        works = owed_works(self._found.documents, self._fingerprints(), self._owed)
        self._names = Counter(doc_id for doc_id, _ in {(key.doc_id, key.source_uri) for key in self._owed})
        documents = at_once + self._names.total()
        counts = Counts(documents, done=at_once, at_once=at_once, failures=self._codes.total())
        if not works:
            return self._finish(counts, stop)
        return self._execute(works, counts, machineries, reporter, stop)

    def _execute(
        self, works: list[Work], counts: Counts, machineries: Machineries[Spec], reporter: Reporter, stop: Stop
    ) -> RunSummary:
        """Publishes before the machinery is taken down, which takes seconds that a run out of time may not have."""
        self._spec = self._request.fit(self._spec, [work.document for work in works])
        machinery = machineries.for_works(works, self._spec)
        reporter.start(counts)
        try:
            with stop.session(machinery.session(self._spec.config)):
                try:
                    for outcome in stop.until_time_is_over(machinery.execute(works, self._spec, stop)):
                        if isinstance(outcome, EngineUsage):
                            counts.hear(outcome)
                            continue
                        if not self._take(outcome):
                            continue  # for the second time
                        counts.add(outcome, self._names[outcome.document.id])
                        self._first_document_s = self._first_document_s or self._seconds()
                        stop.measured(_in_flight_s(outcome), counts.records + counts.failures + counts.skips)
                        reporter.update(counts)
                except OutOfTime:
                    pass
                finally:
                    self._flush()  # whatever happened, what is finished is safe
                return self._finish(counts, stop)
        except OutOfTime:
            return self._finish(counts, stop)
        finally:
            reporter.stop(counts)

    def _take(self, outcome: DocumentOutcome) -> bool:
        """Keeps what comes of a document; whether anything of it was still owed."""
        owed = len(self._owed)
        for document in self._names_of(outcome.document):
            for record in outcome.records:
                if self._settled(self._key(document, record.job)):
                    self._records[record.job].append(replace(record, document=document))
            self._take_failures([replace(failure, document=document) for failure in outcome.failures])
            skips = [replace(skip, document=document) for skip in outcome.skips]
            self._skips += [skip for skip in skips if self._settled(self._key(document, skip.job))]
        self._said |= dict.fromkeys(outcome.messages)
        if time.monotonic() - self._last_flush >= self._spec.config.sink.flush_seconds:
            self._flush()
        return len(self._owed) < owed

    def _take_failures(self, failures: Sequence[Failure]) -> bool:
        """Keeps those that were still owed; whether there was one."""
        owed = len(self._owed)
        for failure in failures:
            if failure.job is not None and self._settled(self._key(failure.document, failure.job)):
                self._failures.append(failure)
                self._codes[failure.code] += 1
        return len(self._owed) < owed

    def _settled(self, key: Key) -> bool:
        """Whether this result was still owed; a second one for the same key is dropped."""
        owed = key in self._owed
        self._owed.discard(key)
        return owed

    def _flush(self) -> None:
        now = datetime.now(UTC)
        for job in list(self._records):
            product = self._products[job]
            rows = product.to_rows(self._records[job], self._run_id, now)
            self._ledger.stage(product.table, rows, self._run_id)
            del self._records[job]
        if self._failures:
            keyed = [KeyedFailure(failure, self._failed_as(failure)) for failure in self._failures]
            rows = failures_to_table(keyed, run_id=self._run_id, processed_at=now)
            self._ledger.stage(FAILURE_TABLE, rows, self._run_id)
            self._failures.clear()
        if self._skips:
            skips = [KeyedSkip(skip, self._key(skip.document, skip.job).job_fingerprint) for skip in self._skips]
            rows = skips_to_table(skips, run_id=self._run_id, processed_at=now)
            self._ledger.stage(SKIPPED_TABLE, rows, self._run_id)
            self._skips.clear()
        self._last_flush = time.monotonic()

    def _finish(self, counts: Counts, stop: Stop) -> RunSummary:
        """Stages the rest, checks that everything is accounted for, and publishes."""
        self._flush()
        left = counts.documents - counts.done
        if self._owed and stop.taking():
            raise OutputError(
                f"{self._ledger.store.root}: {len(self._owed)} results never came, first {min(self._owed).source_uri}",
                "run the same command again: it does what is missing",
            )
        counted = {table: self._ledger.staged_rows(table) for table in self._request.tables()}
        tables = [table for table, count in counted.items() if count or not table.optional]
        staged = {table.name: counted[table] for table in tables}
        rows = dict.fromkeys(staged, 0)
        self._codes = self._staged(FAILURE_TABLE, "code")
        skips = self._staged(SKIPPED_TABLE, "job")
        if any(staged.values()):
            settings = self._spec.config.sink
            how = PublishAs(FORMATS.load(settings.format), settings.rows_per_file, settings.catalog)
            rows = publish(self._ledger, tables, run_manifest(self._facts(counts, left, skips)), how)
        return RunSummary(
            run_id=self._run_id,
            documents=len(self._all_documents()),
            done_before=len(self._done_before),
            failed_before=len(self._failed_before),
            rows=rows,
            failure_codes=dict(self._codes),
            counts=counts,
            seconds=self._seconds(),
            left=left,
            stopped_by=stop.reason if left else None,
            first_document_s=self._first_document_s,
            skips=skips,
            skipped_before=len(self._skipped_before),
            messages=tuple(self._said),
        )

    def _staged(self, table: Table, column: str) -> Counter[str]:
        """What is about to be published, counted by a column: ours, and what a killed run had staged."""
        shards = (self._ledger.read_staged(table, path) for path in self._ledger.staged(table))
        return Counter(value for rows in shards for value in rows[column].to_pylist())

    def _seconds(self) -> float:
        return (datetime.now(UTC) - self._started).total_seconds()

    def _facts(self, counts: Counts, left: int, skips: Mapping[str, int]) -> RunFacts:
        return RunFacts(
            run_id=self._run_id,
            started=self._started,
            inputs=self._request.inputs,
            about=self._spec.about(),
            config=self._spec.config,
            documents=len(self._all_documents()),
            left=left,
            counts=counts,
            failure_codes=dict(self._codes),
            skips=dict(skips),
            messages=(*self._found.messages, *self._said),
        )

    def _all_documents(self) -> list[Document]:
        return [*self._found.documents, *(failure.document for failure in self._found.failures)]

    def _names_of(self, document: Document) -> list[Document]:
        """The same content under all its names, with what reading found out about it."""
        return [replace(document, uri=uri) for uri in self._uris[document.id]]

    def _key(self, document: Document, job: str) -> Key:
        return document_key(document, job, self._products[job].fingerprint)

    def _fingerprints(self) -> dict[str, str]:
        return {name: product.fingerprint for name, product in self._products.items()}

    def _failed_as(self, failure: Failure) -> str:
        return self._key(failure.document, failure.job or "").failed_under(self._limits).job_fingerprint


def _in_flight_s(outcome: DocumentOutcome) -> float:
    return time.time() - outcome.began_s if outcome.began_s else 0.0
