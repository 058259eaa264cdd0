"""A run's own record of itself: written as it goes, and never in the way of the run.

An output that a run has not begun to exist for is left alone: a refusal there writes nothing. Whatever hinders the
writing is kept in `trouble` and hinders nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from qwen_batch.errors import QwenBatchError
from qwen_batch.output.layout import is_output, open_output
from qwen_batch.output.log.plan import Foretold
from qwen_batch.output.log.record import RunRecord, State, Trouble, drop_old_records, newest_records, write_record
from qwen_batch.packages import __version__
from qwen_batch.run.request import RunSummary
from qwen_batch.storage.lock.holder import ourselves
from qwen_batch.storage.places import Store

LOOKED_BACK = 5
"""So many of the newest records say how long a run here takes until its first document is done."""


def new_run_id(started: datetime) -> str:
    """A name that sorts by time."""
    return f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


class RunLog:
    """The record of one command on the output at a place; `run_id` is the name of the run that it may become.

    `say` hears what the user should know beside it.
    """

    def __init__(
        self,
        output: str,
        command: str,
        arguments: Sequence[str] = (),
        settings: Sequence[str] = (),
        say: Callable[[Sequence[str]], object] = lambda _: None,
    ) -> None:
        self._say = say
        self.started = datetime.now(UTC)
        self.run_id = new_run_id(self.started)
        self.trouble: str | None = None
        self.begun = self.done = False
        me = ourselves(self.run_id)
        self._record = RunRecord(
            run_id=self.run_id,
            command=command,
            started=self.started,
            state="preparing",
            arguments=tuple(arguments),
            settings=tuple(settings),
            version=__version__,
            host=me.host,
            pid=me.pid,
            pid_began=me.pid_began,
            machine=me.machine,
        )
        self._store: Store | None = None
        with suppress(QwenBatchError):  # what is wrong with the place is said by those who check it
            self._store = open_output(output)
        if self._is_there():
            self._write()

    def tell(self, messages: Sequence[str]) -> None:
        """Says what the user should know of the inputs, and keeps it."""
        self._say(messages)
        self._record = self._record.model_copy(update={"messages": tuple(messages)})

    def running(self) -> None:
        """The output is ours from here on."""
        self.begun = True
        self._write(state="running")
        with suppress(Exception):  # the next run tries again
            if self._store is not None:
                drop_old_records(self._store)

    def planned(self, documents: int, done_before: int, failed_before: int) -> None:
        """What there is, and what of it runs before have done."""
        self._write(documents=documents, done_before=done_before, failed_before=failed_before)

    def summed_up(self, summary: RunSummary) -> None:
        """Keeps what the run has come to; it is written with its end."""
        self.done = True
        self._record = self._record.model_copy(
            update={
                "state": _state(summary),
                "documents": summary.documents,
                "rows": {table: count for table, count in summary.rows.items() if count},
                "failures": summary.failure_codes,
                "done_before": summary.done_before,
                "failed_before": summary.failed_before,
                "left": summary.left,
                "stopped_by": summary.stopped_by,
                "first_document_s": summary.first_document_s,
                "execution": summary.execution,
            }
        )

    def foretold(self, figures: Sequence[Foretold]) -> None:
        """Keeps what a plan said of this run."""
        self._record = self._record.model_copy(update={"planned": tuple(figures)})

    def nothing_to_do(self) -> None:
        """The command was right, and there is nothing that it could do."""
        self._record = self._record.model_copy(update={"state": "nothing_new"})

    def end(self, exit_code: int, state: State | None = None, error: Trouble | None = None) -> None:
        """The last word: how the process ends, and why if not by itself."""
        changes: dict[str, Any] = {"ended": datetime.now(UTC), "exit_code": exit_code}
        changes |= {"state": state} if state else {}
        changes |= {"error": error} if error else {}
        self._record = self._record.model_copy(update=changes)
        if self.begun or self._is_there():
            self._write()

    def first_document_s(self) -> float | None:
        """How long the quickest of the last runs here took until its first document was done, None if none tells."""
        with suppress(Exception):
            if self._store is not None:
                found = [one.first_document_s for one in newest_records(self._store, LOOKED_BACK)]
                return min((seconds for seconds in found if seconds is not None), default=None)
        return None

    def _is_there(self) -> bool:
        try:
            return self._store is not None and is_output(self._store)
        except Exception:  # noqa: BLE001  the run itself will say what is wrong with the place
            self._store = None
            return False

    def _write(self, **changes: Any) -> None:
        self._record = self._record.model_copy(update=changes)
        if self._store is None:
            return
        try:
            write_record(self._store, self._record)
        except Exception as error:  # noqa: BLE001  a record is worth less than the run
            self.trouble = error.message if isinstance(error, QwenBatchError) else str(error)


def _state(summary: RunSummary) -> State:
    if summary.left:
        return "stopped"
    return "complete" if any(summary.rows.values()) else "nothing_new"
