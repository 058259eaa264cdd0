"""The lock of an S3 prefix: an object for each contender, renewed by the one that stayed alone."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from qwen_batch.errors import QwenBatchError
from qwen_batch.storage.lock.holder import (
    LOCK,
    Holder,
    Lease,
    LockTimes,
    beating,
    lost,
    ourselves,
    parse_holder,
    refused,
)
from qwen_batch.storage.places import Entry, Store

TRIES = 4
TRY_AGAIN_S = 0.8
TIE_S = 5.0
"""A holder that came so much earlier than we is no tie: waiting would not help."""
SETTLE_S = 0.5
"""Longer than a renewal that was under way when its object was removed, and that brings it back for a moment."""


class _ObjectLease:
    """Our object on S3; `check` and the renewing thread share no more than two values."""

    def __init__(self, store: Store, path: str, holder: Holder, times: LockTimes, renewed_s: float) -> None:
        self._store = store
        self._path = path
        self._holder = holder
        self._valid_s = times.stale_s - times.beat_s
        self._renewed_s = renewed_s
        self._lost = False

    def check(self) -> None:
        """Our object must have been renewed in time, and still be there: who takes a lock over removes it."""
        if self._is_over() or not self._store.exists(self._path):
            self._lost = True
            raise lost(self._store.root)

    def beat(self) -> None:
        """Renews our object unless it has been removed; one that comes too late is given up."""
        began_s = _uptime_s()
        with suppress(QwenBatchError):  # S3 is away for a moment; check() speaks when that lasts
            if self._is_over() or not self._store.exists(self._path):
                self._lost = True
                return
            write_holder(self._store, self._path, self._holder)
            if self._is_over():
                self._store.delete(self._path)  # another may have removed it before we wrote it again
                return
            self._renewed_s = began_s

    def end(self) -> None:
        """Removes our object; if S3 is away it becomes stale by itself."""
        with suppress(QwenBatchError):
            self._store.delete(self._path)

    def _is_over(self) -> bool:
        self._lost = self._lost or _uptime_s() - self._renewed_s > self._valid_s
        return self._lost


@contextmanager
def hold_object(store: Store, run_id: str, times: LockTimes, *, break_lock: bool) -> Iterator[Lease]:
    """Holds the lock of a store on S3."""
    path = f"{LOCK}/{run_id}.json"
    holder = ourselves(run_id)
    try:
        lease = _contend(store, path, holder, times, break_lock=break_lock)
    except BaseException:
        with suppress(QwenBatchError):
            store.delete(path)
        raise
    try:
        with beating(lease.beat, times.beat_s):
            yield lease
    finally:
        lease.end()


def object_holder(store: Store) -> Holder | None:
    """Who holds the lock of a store on S3, as far as its objects say; the one that came first if there are several."""
    holders = []
    for entry in store.files(LOCK):
        with suppress(FileNotFoundError):
            holders.append(_read_holder(store, entry))
    alive = [holder for holder in holders if not holder.here_and_gone()]
    return min(alive, key=lambda holder: holder.since_s, default=None)


def write_holder(store: Store, path: str, holder: Holder) -> None:
    """Writes or renews a contender's object."""

    def write(file: BinaryIO) -> None:
        file.write(holder.to_json())

    store.put(path, write)


def _contend(store: Store, path: str, holder: Holder, times: LockTimes, *, break_lock: bool) -> _ObjectLease:
    """Our object alone below LOCK. Raises LockedError if another's stays."""
    other: Holder | None = None
    for _ in range(TRIES):
        began_s = _uptime_s()
        write_holder(store, path, holder)
        entries = {entry.path: entry for entry in store.files(LOCK)}
        ours = entries.pop(path, None)
        dead = [entry.path for entry in entries.values() if ours and _is_dead(store, entry, ours, times, break_lock)]
        if ours and len(dead) == len(entries):
            for gone in dead:
                store.delete(gone)
            if not dead:
                return _ObjectLease(store, path, holder, times, began_s)
            time.sleep(SETTLE_S)  # and look again
            continue
        others = [_read_holder_or_none(store, entry) for name, entry in entries.items() if name not in dead]
        other = next((found for found in others if found), None)
        store.delete(path)
        if other and holder.since_s - other.since_s > TIE_S:
            break
        time.sleep(random.uniform(0, TRY_AGAIN_S))  # noqa: S311  two that collide must not collide again
    raise refused(store, other)


def _is_dead(store: Store, entry: Entry, ours: Entry, times: LockTimes, break_lock: bool) -> bool:
    """Whether another's object may be removed. Ages are by the server's clock."""
    if (ours.modified_ns - entry.modified_ns) / 1e9 > times.stale_s:
        return True
    holder = _read_holder_or_none(store, entry)
    return holder is not None and (holder.here_and_gone() or (break_lock and not holder.here_and_alive()))


def _read_holder_or_none(store: Store, entry: Entry) -> Holder | None:
    try:
        return _read_holder(store, entry)
    except FileNotFoundError:  # it ended between the listing and now
        return None


def _read_holder(store: Store, entry: Entry) -> Holder:
    seen_s = entry.modified_ns / 1e9
    found = parse_holder(store.read(entry.path).decode("utf-8", "replace"), seen_s)
    return found or Holder("unknown", "unknown", 0, 0, "", since_s=seen_s, seen_s=seen_s)


def _uptime_s() -> float:
    """A clock that runs on while the machine sleeps, and that nobody sets."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
