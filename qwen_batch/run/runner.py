"""One run from its request to published tables: the driver's part, around the stages that a Machinery runs.

Decides what is to do, stages what comes back, checks that every document and product ended exactly once,
and publishes. Prints nothing: a Reporter is told the counts, and the command line speaks.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Generic

from qwen_batch.engine.usage import EngineUsage
from qwen_batch.errors import OutputError
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.output.copies import copied_rows, copyable
from qwen_batch.output.format import FORMATS
from qwen_batch.output.keys import DoneKeys, Key, keys_of
from qwen_batch.output.layout import OUTPUT_NAMES, SOURCES, Table
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.publishing import PublishAs, publish
from qwen_batch.output.record_table import FAILURE_TABLE
from qwen_batch.output.skip_table import SKIPPED_TABLE
from qwen_batch.output.staging import Intake
from qwen_batch.output.tables.former import tidy
from qwen_batch.output.tables.known import check_run, prefer
from qwen_batch.output.views.files import write_views
from qwen_batch.reading.discover import Discovered, sources_to_documents
from qwen_batch.reading.listing import inputs_to_listing
from qwen_batch.records import Document
from qwen_batch.run.document.work import Work
from qwen_batch.run.fingerprints import limits_fingerprint
from qwen_batch.run.groups.known import remember_groups
from qwen_batch.run.groups.order import by_level
from qwen_batch.run.groups.rounds import GroupRounds, Round
from qwen_batch.run.manifest import RunFacts, run_manifest
from qwen_batch.run.owed import Settled, owed_works, settled_keys, settled_of
from qwen_batch.run.progress import Counts, Reporter
from qwen_batch.run.recording import RunLog, new_run_id
from qwen_batch.run.request import Machineries, Machinery, Product, RunRequest, RunSummary, Spec
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
        named = [uri for source in sources for uri in (source.uri, *source.also)]
        index = updated_index(
            known, found.sources, named, request.inputs if request.is_whole else (), listing.leaves_out
        )
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
    """A run in progress: what it has to do, round by round, and what was done before."""

    def __init__(
        self, request: RunRequest[Spec], run_id: str, started: datetime, ledger: Ledger, found: Discovered
    ) -> None:
        self._request = request
        self._spec = request.spec
        self._run_id = run_id
        self._started = started
        self._ledger = ledger
        self._found = found
        self._levels = by_level(request.products)
        self._names: Counter[str] = Counter()
        self._done_before: set[Key] = set()
        self._skipped_before: set[Key] = set()
        self._failed_before: set[Key] = set()
        self._first_document_s: float | None = None
        self._execution: str | None = None
        self._limits = limits_fingerprint(request.spec.config)
        self._intake = Intake(ledger, request.products, run_id, self._limits)
        done = ledger.done_keys()
        documents = self._all_documents()
        settled = settled_of(documents, self._fingerprints(), done, self._limits, request.only)
        self._owe(found.documents, settled, done)

    def _owe(self, documents: Iterable[Document], settled: Settled, done: DoneKeys) -> None:
        """Takes what is owed of these documents upon itself, but for answers that stand under another name."""
        owed = set(settled.owed)
        self._done_before |= settled.records
        self._skipped_before |= settled.skips
        self._ledger.withdraw(FAILURE_TABLE, frozenset(owed))
        staged = {key.asked() for path in self._ledger.staged(FAILURE_TABLE) for key in self._ledger.staged_keys(path)}
        self._failed_before |= settled.failures - staged  # what a killed run had staged is published, and told, by us
        owed -= self._copied(copyable(owed, done.records), SKIPPED_TABLE, copyable(owed, done.skips))
        self._intake.expect(documents, owed)

    def _copied(self, records: dict[Key, list[str]], skipped: Table, skips: Mapping[Key, Sequence[str]]) -> set[Key]:
        """Stages the answers that stand under another name of the same content; gives what is not owed any more."""
        copied: set[Key] = set()
        for product in self._request.products:
            wanted = {key: names for key, names in records.items() if key.job == product.name}
            if not product.table.split:  # rows that were split cannot be put together again
                copied |= self._copied_rows(product.table, wanted)
        return copied | self._copied_rows(skipped, skips)

    def _copied_rows(self, table: Table, wanted: Mapping[Key, Sequence[str]]) -> set[Key]:
        rows = copied_rows(self._ledger, table, wanted) if wanted else table.schema.empty_table()
        if len(rows):
            self._ledger.stage(table, rows, self._run_id)
        return set(keys_of(rows))

    def before(self) -> tuple[int, int, int]:
        """How many documents there are, and rows and failures of runs before."""
        return len(self._all_documents()), len(self._done_before), len(self._failed_before)

    def process(self, machineries: Machineries[Spec], reporter: Reporter, stop: Stop) -> RunSummary:
        """Does what is owed, publishes what is staged, and sums up."""
        jobs = [product.name for product in self._levels[0]]
        failed = [self._intake.take_failures([replace(one, job=job) for job in jobs]) for one in self._found.failures]
        at_once = failed.count(True)
        self._names = Counter(doc_id for doc_id, _ in {(key.doc_id, key.source_uri) for key in self._intake.owed})
        documents = at_once + self._names.total()
        counts = Counts(documents, done=at_once, at_once=at_once, failures=self._intake.codes.total())
        rounds = self._rounds(counts, stop)
        first = next(rounds, None)
        if first is None:
            return self._finish(counts, stop)
        machinery = machineries.for_works(first, self._spec)
        self._execution = machinery.execution
        return self._execute(chain([first], rounds), counts, machinery, reporter, stop)

    def _rounds(self, counts: Counts, stop: Stop) -> Iterator[list[Work]]:
        """Documents, then what is made of their rows, a level of jobs at a time; each round once the last is through.

        Once nothing may be begun any more it only counts what is left.
        """
        if works := owed_works(self._found.documents, self._fingerprints(), self._intake.owed):
            yield works
        made: dict[str, Sequence[Document]] = {product.name: self._all_documents() for product in self._levels[0]}
        for level in self._levels[1:]:
            self._intake.flush()
            if self._intake.owed and not stop.taking():
                return  # documents are left, and with them their groups
            groups = GroupRounds(self._ledger, self._request.products, self._limits)
            done = self._ledger.done_keys()
            found = groups.form(level, made, done)
            made |= {job: [one.document for one in each.formed] for job, each in found.groups.items()}
            self._owe_groups(level, found, groups, done, counts)
            for wave in groups.waves(found, self._intake.owed):
                if stop.taking():
                    yield wave

    def _owe_groups(
        self, level: Sequence[Product], found: Round, groups: GroupRounds, done: DoneKeys, counts: Counts
    ) -> None:
        request = self._request
        keys = [product.key(one.document) for product in level for one in found.groups[product.name].formed]
        settled = settled_keys(keys, done, self._limits, request.only)
        documents = [one.document for _, one in found.formed]
        self._owe(documents, settled, done)
        remember_groups(self._ledger.store, level, found, request.inputs if request.is_whole else ())
        self._intake.said |= dict.fromkeys(found.messages)
        new = Counter(key.doc_id for key in self._intake.owed)
        self._names |= new
        lost = groups.lost(found, self._intake.owed)
        self._intake.take_failures(lost)
        counts.documents += new.total() + (found.waiting if request.only is None else 0)
        counts.done += len(lost)
        counts.failures += len(lost)

    def _execute(
        self, rounds: Iterable[list[Work]], counts: Counts, machinery: Machinery[Spec], reporter: Reporter, stop: Stop
    ) -> RunSummary:
        """Publishes before the machinery is taken down, which takes seconds that a run out of time may not have."""
        reporter.start(counts)
        try:
            with stop.session(machinery.session(self._spec.config)):
                try:
                    for works in rounds:
                        self._do(works, counts, machinery, reporter, stop)
                except OutOfTime:
                    pass
                finally:
                    self._intake.flush()  # whatever happened, what is finished is safe
                return self._finish(counts, stop)
        except OutOfTime:
            return self._finish(counts, stop)
        finally:
            reporter.stop(counts)

    def _do(
        self, works: list[Work], counts: Counts, machinery: Machinery[Spec], reporter: Reporter, stop: Stop
    ) -> None:
        self._spec = self._request.fit(self._request.spec, [work.document for work in works])
        for outcome in stop.until_time_is_over(machinery.execute(works, self._spec, stop)):
            if isinstance(outcome, EngineUsage):
                counts.hear(outcome)
                continue
            is_new = self._intake.take(outcome)
            self._intake.flush_if_older(self._spec.config.sink.flush_seconds)
            if not is_new:
                continue  # for the second time
            counts.add(outcome, self._names[outcome.document.id])
            self._first_document_s = self._first_document_s or self._seconds()
            stop.measured(_in_flight_s(outcome), counts.records + counts.failures + counts.skips)
            reporter.update(counts)

    def _finish(self, counts: Counts, stop: Stop) -> RunSummary:
        """Stages the rest, checks that everything is accounted for, and publishes."""
        self._intake.flush()
        left = counts.documents - counts.done
        if self._intake.owed and stop.taking():
            raise OutputError(
                f"{self._ledger.store.root}: {len(self._intake.owed)} results never came, first "
                f"{min(self._intake.owed).source_uri}",
                "run the same command again: it does what is missing",
            )
        counted = {table: self._ledger.staged_rows(table) for table in self._request.tables()}
        tables = [table for table, count in counted.items() if count or not table.optional]
        staged = {table.name: counted[table] for table in tables}
        rows = dict.fromkeys(staged, 0)
        codes = self._staged(FAILURE_TABLE, "code")
        skips = self._staged(SKIPPED_TABLE, "job")
        if any(staged.values()):
            settings = self._spec.config.sink
            how = PublishAs(FORMATS.load(settings.format), settings.rows_per_file, settings.catalog)
            rows = publish(self._ledger, tables, run_manifest(self._facts(counts, left, codes, skips)), how)
        return RunSummary(
            run_id=self._run_id,
            documents=len(self._all_documents()),
            done_before=len(self._done_before),
            failed_before=len(self._failed_before),
            rows=rows,
            failure_codes=dict(codes),
            counts=counts,
            seconds=self._seconds(),
            left=left,
            stopped_by=stop.reason if left else None,
            first_document_s=self._first_document_s,
            skips=skips,
            skipped_before=len(self._skipped_before),
            execution=self._execution,
            messages=tuple(self._intake.said),
        )

    def _staged(self, table: Table, column: str) -> Counter[str]:
        """What is about to be published, counted by a column: ours, and what a killed run had staged."""
        shards = (self._ledger.read_staged(table, path) for path in self._ledger.staged(table))
        return Counter(value for rows in shards for value in rows[column].to_pylist())

    def _seconds(self) -> float:
        return (datetime.now(UTC) - self._started).total_seconds()

    def _facts(self, counts: Counts, left: int, codes: Mapping[str, int], skips: Mapping[str, int]) -> RunFacts:
        return RunFacts(
            run_id=self._run_id,
            started=self._started,
            inputs=self._request.inputs,
            about=self._spec.about(),
            config=self._spec.config,
            documents=len(self._all_documents()),
            left=left,
            counts=counts,
            execution=self._execution,
            failure_codes=dict(codes),
            skips=dict(skips),
            messages=(*self._found.messages, *self._intake.said),
        )

    def _all_documents(self) -> list[Document]:
        return [*self._found.documents, *(failure.document for failure in self._found.failures)]

    def _fingerprints(self) -> dict[str, str]:
        """Of the jobs that are asked of documents."""
        return {product.name: product.fingerprint for product in self._levels[0]}


def _in_flight_s(outcome: DocumentOutcome) -> float:
    return time.time() - outcome.began_s if outcome.began_s else 0.0
