"""What runs before have left, and what is owed then: nothing that stands, also under another name of its content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic

from qwen_batch.output.copies import copied_rows, copyable
from qwen_batch.output.keys import DoneKeys, Key, keys_of
from qwen_batch.output.layout import Table
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.record_table import FAILURE_TABLE
from qwen_batch.output.skip_table import SKIPPED_TABLE
from qwen_batch.output.staging import Intake
from qwen_batch.run.request import RunRequest, Spec
from qwen_batch.run.todo.owed import Settled


class Before(Generic[Spec]):
    """How many rows, skips and failures stand from runs before; tells `intake` what is owed by the run `run_id`."""

    def __init__(self, request: RunRequest[Spec], ledger: Ledger, run_id: str, intake: Intake) -> None:
        self._request = request
        self._ledger = ledger
        self._run_id = run_id
        self._intake = intake
        self.done = self.skipped = self.failed = 0

    def take(self, settled: Settled, done: DoneKeys) -> None:
        """Takes what is owed of these documents upon itself, but for answers that stand under another name."""
        owed = set(settled.owed)
        self.done += len(settled.records)
        self.skipped += len(settled.skips)
        self._ledger.withdraw(FAILURE_TABLE, frozenset(owed))
        staged = {key.asked() for path in self._ledger.staged(FAILURE_TABLE) for key in self._ledger.staged_keys(path)}
        # what a killed run had staged is published, and told, by us
        self.failed += len(settled.failures - staged)
        owed -= self._copied(copyable(owed, done.records), SKIPPED_TABLE, copyable(owed, done.skips))
        self._intake.owed.update(owed)

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
