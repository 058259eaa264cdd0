"""One run from its request to published tables: the driver's part, around the stages that a Machinery runs.

Decides what is to do, stages what comes back, checks that every document and product ended exactly once,
and publishes. Prints nothing: a Reporter is told the counts, and the command line speaks.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Generic

from qwen_batch.engine.usage import EngineUsage
from qwen_batch.errors import OutputError
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.output.keys import DoneKeys
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.staging import Intake
from qwen_batch.output.tables.former import tidy
from qwen_batch.output.tables.known import check_run
from qwen_batch.records import Document
from qwen_batch.run.document.work import Work
from qwen_batch.run.fingerprints import limits_fingerprint
from qwen_batch.run.groups.known import remember_groups
from qwen_batch.run.groups.order import by_level
from qwen_batch.run.groups.rounds import GroupRounds, Round
from qwen_batch.run.manifest import RunFacts
from qwen_batch.run.progress import Counts, Reporter
from qwen_batch.run.publications import Publications
from qwen_batch.run.recording import RunLog, new_run_id
from qwen_batch.run.request import Machineries, Machinery, Product, RunRequest, RunSummary, Spec
from qwen_batch.run.stopping import OutOfTime, Stop
from qwen_batch.run.todo.before import Before
from qwen_batch.run.todo.found import Found, find_documents, give_memory_back, list_inputs
from qwen_batch.run.todo.owed import owed_works, settled_keys, settled_of
from qwen_batch.run.todo.spool import Spool
from qwen_batch.storage.lock import hold


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
    listing = list_inputs(request)
    with hold(store, run_id, break_lock=request.break_lock) as lease:
        if log:
            log.running()
        ledger = Ledger(store, lease)
        ledger.recover()
        tidy(store)
        check_run(store, request.spec.config.sink.format, request.tables())
        found = find_documents(request, listing, log.tell if log else lambda _: None)
        del listing
        run = _Run(request, run_id, started, ledger, found)
        if log:
            log.planned(*run.before())
        stop = stop or Stop()
        with stop.signals():
            summary = run.process(machineries, reporter, stop)
        run.publications.complete()
        return summary


class _Run(Generic[Spec]):
    """A run in progress: what it has to do, round by round, and what was done before."""

    def __init__(self, request: RunRequest[Spec], run_id: str, started: datetime, ledger: Ledger, found: Found) -> None:
        self._request = request
        self._spec = request.spec
        self._run_id = run_id
        self._started = started
        self._ledger = ledger
        self._found = found
        self._levels = by_level(request.products)
        self._first_document_s: float | None = None
        self._execution: str | None = None
        self._limits = limits_fingerprint(request.spec.config)
        self._intake = Intake(ledger, request.products, run_id, self._limits)
        self.publications = Publications(request, ledger)
        done = ledger.done_keys()
        self._before = Before(request, ledger, run_id, self._intake)
        self._before.take(settled_of(found, self._fingerprints(), done, self._limits, request.only), done)

    def before(self) -> tuple[int, int, int]:
        """How many documents there are, and rows and failures of runs before."""
        return len(self._found), self._before.done, self._before.failed

    def process(self, machineries: Machineries[Spec], reporter: Reporter, stop: Stop) -> RunSummary:
        """Does what is owed, publishes what is staged, and sums up."""
        jobs = [product.name for product in self._levels[0]]
        failed = [self._intake.take_failures([replace(one, job=job) for job in jobs]) for one in self._found.failures]
        at_once = failed.count(True)
        documents = at_once + self._intake.owed.count_documents()
        counts = Counts(documents, done=at_once, at_once=at_once, failures=self._intake.codes.total())
        rounds = self._rounds(counts, stop)
        first = next(rounds, None)
        if first is None:
            return self._finish(counts, stop)
        machinery = machineries.for_works(first, self._spec)
        self._execution = machinery.execution
        return self._execute(chain([first], rounds), counts, machinery, reporter, stop)

    def _rounds(self, counts: Counts, stop: Stop) -> Iterator[Sequence[Work]]:
        """Documents, then what is made of their rows, a level of jobs at a time; each round once the last is through.

        Once nothing may be begun any more it only counts what is left.
        """
        if works := Spool(owed_works(self._found.documents, self._fingerprints(), self._intake.owed)):
            give_memory_back()
            yield works
        if len(self._levels) == 1:
            return
        made: dict[str, Sequence[Document]] = {product.name: list(self._found) for product in self._levels[0]}
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
        self._before.take(settled_keys(keys, done, self._limits, request.only), done)
        remember_groups(self._ledger.store, level, found, request.inputs if request.is_whole else ())
        self._intake.said |= dict.fromkeys(found.messages)
        new = len(self._intake.owed)
        lost = groups.lost(found, self._intake.owed)
        self._intake.take_failures(lost)
        counts.documents += new + (found.waiting if request.only is None else 0)
        counts.done += len(lost)
        counts.failures += len(lost)

    def _execute(
        self,
        rounds: Iterable[Sequence[Work]],
        counts: Counts,
        machinery: Machinery[Spec],
        reporter: Reporter,
        stop: Stop,
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
        self, works: Sequence[Work], counts: Counts, machinery: Machinery[Spec], reporter: Reporter, stop: Stop
    ) -> None:
        self._spec = self._request.fit(self._request.spec, [work.document for work in works])
        for outcome in stop.until_time_is_over(machinery.execute(works, self._spec, stop)):
            if isinstance(outcome, EngineUsage):
                counts.hear(outcome)
                continue
            names = self._intake.take(outcome)
            self._intake.flush_if_older(self._spec.config.sink.flush_seconds)
            if not names:
                continue  # for the second time
            counts.add(outcome, names)
            self._first_document_s = self._first_document_s or self._seconds()
            stop.measured(_in_flight_s(outcome), counts.records + counts.failures + counts.skips)
            reporter.update(counts)
            if self.publications.due():
                self._intake.flush()
                self.publications.publish_early(self._facts(counts))

    def _finish(self, counts: Counts, stop: Stop) -> RunSummary:
        """Stages the rest, checks that everything is accounted for, and publishes."""
        self._intake.flush()
        left = counts.documents - counts.done
        if self._intake.owed and stop.taking():
            raise OutputError(
                f"{self._ledger.store.root}: {len(self._intake.owed)} results never came, first "
                f"{self._intake.owed.first_uri()}",
                "run the same command again: it does what is missing",
            )
        self.publications.publish_last(self._facts(counts, left))
        return RunSummary(
            run_id=self._run_id,
            documents=len(self._found),
            done_before=self._before.done,
            failed_before=self._before.failed,
            rows=dict(self.publications.rows),
            failure_codes=dict(self.publications.codes),
            counts=counts,
            seconds=self._seconds(),
            left=left,
            stopped_by=stop.reason if left else None,
            first_document_s=self._first_document_s,
            skips=self.publications.skips,
            skipped_before=self._before.skipped,
            execution=self._execution,
            messages=tuple(self._intake.said),
        )

    def _seconds(self) -> float:
        return (datetime.now(UTC) - self._started).total_seconds()

    def _facts(self, counts: Counts, left: int = 0) -> RunFacts:
        return RunFacts(
            run_id=self._run_id,
            started=self._started,
            inputs=self._request.inputs,
            about=self._spec.about(),
            config=self._spec.config,
            documents=len(self._found),
            left=left,
            counts=counts,
            execution=self._execution,
            messages=(*self._found.messages, *self._intake.said),
        )

    def _fingerprints(self) -> dict[str, str]:
        """Of the jobs that are asked of documents."""
        return {product.name: product.fingerprint for product in self._levels[0]}


def _in_flight_s(outcome: DocumentOutcome) -> float:
    return time.time() - outcome.began_s if outcome.began_s else 0.0
