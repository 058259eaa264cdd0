"""What a run publishes, and when: all that is staged at its end, and before it every so many minutes.

Each publication has a folder and a manifest of its own, so that it is there as a whole or not at all. One that comes
before the end says in its manifest which run it is a part of.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Generic

from qwen_batch.output.format import FORMATS
from qwen_batch.output.layout import Table
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.publishing import PublishAs, publish
from qwen_batch.output.record_table import FAILURE_TABLE
from qwen_batch.output.skip_table import SKIPPED_TABLE
from qwen_batch.output.tables.known import prefer
from qwen_batch.output.views.files import write_views
from qwen_batch.run.manifest import RunFacts, run_manifest
from qwen_batch.run.recording import new_run_id
from qwen_batch.run.request import RunRequest, Spec
from qwen_batch.run.todo.found import give_memory_back


class Publications(Generic[Spec]):
    """The publications of one run; `rows` by table, `codes` of failures and `skips` by job are those of all so far."""

    def __init__(self, request: RunRequest[Spec], ledger: Ledger) -> None:
        self._request = request
        self._ledger = ledger
        minutes = request.spec.config.sink.publish_every_minutes
        self._every_s = None if minutes is None else 60 * minutes
        self._last_s = time.monotonic()
        self._parts = 0
        self.rows: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.skips: Counter[str] = Counter()

    def due(self) -> bool:
        """Whether it is time for one before the end."""
        return self._every_s is not None and time.monotonic() - self._last_s >= self._every_s

    def publish_early(self, facts: RunFacts) -> None:
        """Publishes what is staged, with the views that show it. `facts` are those of the run, so far."""
        self._publish(replace(facts, run_id=new_run_id(datetime.now(UTC)), part_of=facts.run_id))
        self.complete()
        self._parts += 1
        self._last_s = time.monotonic()

    def publish_last(self, facts: RunFacts) -> None:
        """Publishes what is staged under the run's own name; after parts also nothing, for its manifest sums up."""
        self._publish(facts)

    def complete(self) -> None:
        """Says which rows are the present ones, and writes the views."""
        store = self._request.store
        prefer(store, {product.table.name: product.fingerprint for product in self._request.products})
        write_views(store)

    def _publish(self, facts: RunFacts) -> None:
        counted = {table: self._ledger.staged_rows(table) for table in self._request.tables()}
        tables = [table for table, count in counted.items() if count or not table.optional]
        self.rows.update({table.name: 0 for table in tables})
        if not any(counted.values()) and not self._parts:
            return
        codes, skips = self._staged(FAILURE_TABLE, "code"), self._staged(SKIPPED_TABLE, "job")
        manifest = run_manifest(replace(facts, failure_codes=dict(codes), skips=dict(skips)))
        settings = self._request.spec.config.sink
        how = PublishAs(FORMATS.load(settings.format), settings.rows_per_file, settings.catalog)
        self.rows.update(publish(self._ledger, tables, manifest, how))
        self.codes += codes
        self.skips += skips
        give_memory_back()

    def _staged(self, table: Table, column: str) -> Counter[str]:
        """What is about to be published, counted by a column: ours, and what a killed run had staged."""
        shards = (self._ledger.read_staged(table, path) for path in self._ledger.staged(table))
        return Counter(value for rows in shards for value in rows[column].to_pylist())
