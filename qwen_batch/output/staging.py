"""What comes back from the stages until it is staged: each result once, under every name of its content.

Owns what is still owed: it alone tells which results are awaited, and under which names. Knows products and the ledger,
nothing of how documents are worked on.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

import pyarrow as pa

from qwen_batch.outcomes import DocumentOutcome, Extract, Failure, Record, Skip
from qwen_batch.output.key_set import KeySet
from qwen_batch.output.keys import Key
from qwen_batch.output.layout import Table
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.record_table import FAILURE_TABLE, KeyedFailure, failures_to_table
from qwen_batch.output.skip_table import SKIPPED_TABLE, KeyedSkip, skips_to_table
from qwen_batch.records import Document


class Kind(Protocol):
    """What documents become: rows of `table`, each known by `key`."""

    @property
    def name(self) -> str:
        """The job's, or the extract's."""

    @property
    def table(self) -> Table:
        """Where its rows are staged."""

    @property
    def to_rows(self) -> Callable[[Sequence[Any], str, datetime], pa.Table]:
        """Makes rows of outcomes' records of this name, of a run's id, and of when they were processed."""

    def key(self, document: Document) -> Key:
        """What a document's row is known by."""


class Intake:
    """Results that were owed, on their way into the ledger as shards of `run_id`."""

    def __init__(self, ledger: Ledger, products: Iterable[Kind], run_id: str, limits: str) -> None:
        self._ledger = ledger
        self._products = {product.name: product for product in products}
        self._run_id = run_id
        self._limits = limits
        self._records: dict[str, list[Record | Extract]] = defaultdict(list)
        self._failures: list[Failure] = []
        self._skips: list[Skip] = []
        self._last_flush = time.monotonic()
        self.owed = KeySet()
        self.said: dict[str, None] = {}
        self.codes: Counter[str] = Counter()

    def take(self, outcome: DocumentOutcome) -> int:
        """Keeps what comes of a document; for how many of its names any of it was still owed."""
        names = 0
        for uri in dict.fromkeys(key.source_uri for key in self.owed.of_content(outcome.document.id)):
            document = replace(outcome.document, uri=uri)
            before = len(self.owed)
            for record in outcome.records:
                if self._settled(self._key(document, record.job)):
                    self._records[record.job].append(replace(record, document=document))
            self.take_failures([replace(failure, document=document) for failure in outcome.failures])
            skips = [replace(skip, document=document) for skip in outcome.skips]
            self._skips += [skip for skip in skips if self._settled(self._key(document, skip.job))]
            names += len(self.owed) < before
        self.said |= dict.fromkeys(outcome.messages)
        return names

    def take_failures(self, failures: Sequence[Failure]) -> bool:
        """Keeps those that were still owed; whether there was one."""
        owed = len(self.owed)
        for failure in failures:
            if failure.job is not None and self._settled(self._key(failure.document, failure.job)):
                self._failures.append(failure)
                self.codes[failure.code] += 1
        return len(self.owed) < owed

    def flush_if_older(self, seconds: float) -> None:
        """Stages what has come if the last time is as long ago."""
        if time.monotonic() - self._last_flush >= seconds:
            self.flush()

    def flush(self) -> None:
        """Stages all that has come."""
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

    def _settled(self, key: Key) -> bool:
        """Whether this result was still owed; a second one for the same key is dropped."""
        return self.owed.discard(key)

    def _key(self, document: Document, job: str) -> Key:
        return self._products[job].key(document)

    def _failed_as(self, failure: Failure) -> str:
        return self._key(failure.document, failure.job or "").failed_under(self._limits).job_fingerprint
