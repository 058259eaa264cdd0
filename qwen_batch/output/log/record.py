"""The record that every run leaves, whether it published, did nothing, was refused or died.

It is written when the run begins and again as its state changes, always whole, each run to a file of its own. It is
for people and for monitoring: no reader of tables looks at it, and nothing that is published depends on it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from qwen_batch.output.layout import log_path, log_paths
from qwen_batch.output.log.plan import Foretold
from qwen_batch.output.manifest import Moment, Written
from qwen_batch.storage.places import Store

State = Literal["preparing", "running", "complete", "nothing_new", "stopped", "failed", "refused"]
"""How far a run has come by its own word: a killed one says "preparing" or "running" for ever."""
KEPT_FOR_STATUS = 30
KEPT = 1000
"""Records in an output: every run lists its files, and one that is called every few minutes soon has many."""


class Trouble(Written):
    """Why a run did not come to its end, and what to do about it."""

    message: str
    remedy: str = ""


class RunRecord(Written):
    """One command on an output. A record of a later version may have a state that this one does not know.

    `arguments` are jobs and inputs, or what `retry` chose; `settings` those of --set; `messages` what was said of the
    inputs. `rows` are the published ones by table, `failures` the new ones by code, `failed_before` how many older ones
    still stand. `first_document_s` is how long it took until the first document was done. `planned` are figures of the
    plan that was made for it. `execution` is what ran its stages. `pid_began` and `machine` as in a lock.
    """

    run_id: str
    command: str
    started: Moment
    state: str
    arguments: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    version: str = ""
    host: str = ""
    pid: int = 0
    pid_began: int = 0
    machine: str = ""
    ended: Moment | None = None
    exit_code: int | None = None
    error: Trouble | None = None
    documents: int = 0
    rows: dict[str, int] = Field(default_factory=dict)
    failures: dict[str, int] = Field(default_factory=dict)
    done_before: int = 0
    failed_before: int = 0
    left: int = 0
    stopped_by: str | None = None
    first_document_s: float | None = None
    planned: tuple[Foretold, ...] = ()
    execution: str | None = None


def write_record(store: Store, record: RunRecord) -> None:
    """Writes or replaces a run's record."""
    store.put(log_path(record.run_id), record.write)


def newest_records(store: Store, count: int = KEPT_FOR_STATUS) -> list[RunRecord]:
    """The records of the newest runs, newest first. Raises OutputError for a file that is none."""
    newest = sorted(log_paths(store), reverse=True)[:count]
    return [RunRecord.from_json(store.read(path), store.uri(path)) for path in newest]


def drop_old_records(store: Store) -> None:
    """Removes the oldest records where there are too many; for the holder of the lock."""
    for path in sorted(log_paths(store), reverse=True)[KEPT:]:
        store.delete(path)
