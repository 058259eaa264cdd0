"""How runs are told: what each left as its record, held against the lock and against what was published.

Runs of versions that left no record are told from their manifests.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from qwen_batch.output.layout import FAILURES
from qwen_batch.output.log.plan import Foretold
from qwen_batch.output.log.record import KEPT_FOR_STATUS, RunRecord, newest_records
from qwen_batch.output.manifest import RunManifest
from qwen_batch.storage.lock import Holder
from qwen_batch.storage.places import Store

DIED = "died"
UNENDED = ("preparing", "running")
PREPARES_AT_MOST = timedelta(hours=1)
"""A run prepares without the lock; of one on another machine nothing else tells whether it still lives."""


@dataclass(frozen=True, slots=True)
class Night:
    """A run as it is told. `state` is that of its record, or "died"; `published` says that its manifest is there.

    `rows` are without failures; these are in `failures` by code. What a version without records did not keep is None.
    """

    run_id: str
    command: str | None
    arguments: tuple[str, ...]
    state: str
    started: datetime
    ended: datetime | None
    seconds: float | None
    exit_code: int | None
    error: str | None
    remedy: str | None
    documents: int
    rows: dict[str, int]
    failures: dict[str, int]
    failed_before: int | None
    left: int
    stopped_by: str | None
    published: bool
    planned: tuple[Foretold, ...] = ()
    execution: str | None = None


def newest_nights(store: Store, holder: Holder | None, manifests: Sequence[RunManifest]) -> tuple[Night, ...]:
    """The newest runs, newest first: those with a record, and those that have published without one."""
    manifests = whole_runs(manifests)
    published = {manifest.run_id: manifest for manifest in manifests}
    records = newest_records(store)
    now = datetime.now(UTC)
    nights = [_told(record, holder, published, now) for record in records]
    known = {record.run_id for record in records}
    before_all = min(known, default="") if len(known) == KEPT_FOR_STATUS else ""
    nights += [_of_manifest(one) for one in manifests if one.run_id not in known and one.run_id > before_all]
    return tuple(sorted(nights, key=lambda night: (night.started, night.run_id), reverse=True)[:KEPT_FOR_STATUS])


def whole_runs(manifests: Sequence[RunManifest]) -> tuple[RunManifest, ...]:
    """The manifests of runs, with all that each has published; one that died after a part is told by its parts."""
    together: dict[str, list[RunManifest]] = defaultdict(list)
    for one in manifests:
        together[one.part_of or one.run_id].append(one)
    return tuple(_whole(run_id, parts) for run_id, parts in together.items())


def _whole(run_id: str, parts: Sequence[RunManifest]) -> RunManifest:
    if len(parts) == 1 and parts[0].part_of is None:
        return parts[0]
    sums = {name: Counter[str]() for name in ("rows", "failures_by_code", "skips_by_job")}
    for part in parts:
        for name, total in sums.items():
            total.update(getattr(part, name))
    changes = {name: dict(total) for name, total in sums.items()}
    return parts[-1].model_copy(update={"run_id": run_id, "part_of": None, **changes})


def _told(record: RunRecord, holder: Holder | None, published: Mapping[str, RunManifest], now: datetime) -> Night:
    manifest = published.get(record.run_id)
    rows = manifest.rows if manifest else record.rows
    return Night(
        run_id=record.run_id,
        command=record.command,
        arguments=record.arguments,
        state=DIED if _has_died(record, holder, now) else record.state,
        started=record.started,
        ended=record.ended,
        seconds=(record.ended - record.started).total_seconds() if record.ended else None,
        exit_code=record.exit_code,
        error=record.error.message if record.error else None,
        remedy=record.error.remedy if record.error else None,
        documents=record.documents or (manifest.documents if manifest else 0),
        rows=_without_failures(rows),
        failures=manifest.failures_by_code if manifest else record.failures,
        failed_before=record.failed_before,
        left=record.left,
        stopped_by=record.stopped_by,
        published=manifest is not None,
        planned=record.planned,
        execution=record.execution or (manifest.execution if manifest else None),
    )


def _has_died(record: RunRecord, holder: Holder | None, now: datetime) -> bool:
    """Whether a run that has not said how it ended cannot say it any more: it neither lives nor holds the lock."""
    if record.state not in UNENDED or (holder is not None and holder.run_id == record.run_id):
        return False
    began_s = record.started.timestamp()
    process = Holder(record.run_id, record.host, record.pid, record.pid_began, record.machine, began_s, began_s)
    if process.here_and_alive():
        return False
    return process.here_and_gone() or record.state == "running" or now - record.started > PREPARES_AT_MOST


def _of_manifest(manifest: RunManifest) -> Night:
    return Night(
        run_id=manifest.run_id,
        command=None,
        arguments=(*manifest.jobs, *manifest.inputs),
        state="stopped" if manifest.left else "complete",
        started=manifest.started,
        ended=manifest.finished,
        seconds=(manifest.finished - manifest.started).total_seconds(),
        exit_code=None,
        error=None,
        remedy=None,
        documents=manifest.documents,
        rows=_without_failures(manifest.rows),
        failures=manifest.failures_by_code,
        failed_before=None,
        left=manifest.left,
        stopped_by=None,
        published=True,
        execution=manifest.execution,
    )


def _without_failures(rows: Mapping[str, int]) -> dict[str, int]:
    return {table: count for table, count in rows.items() if table != FAILURES and count}
