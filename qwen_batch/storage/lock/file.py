"""The lock of a local folder: flock on a file in it, which the kernel frees with the process."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

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
from qwen_batch.storage.places import Store, explained

TRIES = 10
TRY_AGAIN_S = 0.05
"""A lock that names nobody is held for a moment only: its holder is about to write its name, or somebody looks."""


class _FileLease:
    def __init__(self, lock: IO[bytes], path: Path) -> None:
        self._lock = lock
        self._path = path

    def check(self) -> None:
        """The file under the lock's name must still be the one that we hold."""
        if not _is_named(self._lock, self._path):
            raise lost(str(self._path.parent))

    def beat(self) -> None:
        """A sign of life for people who look at the lock of a network folder: the file's time."""
        with suppress(OSError):
            os.utime(self._lock.fileno())


@contextmanager
def hold_file(store: Store, run_id: str, times: LockTimes, *, break_lock: bool) -> Iterator[Lease]:
    """Holds the lock of a local store."""
    path = Path(store.uri(LOCK))
    with explained(store.root):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = _locked(store, path, break_lock=break_lock)
    with lock:
        with explained(store.root):
            lock.truncate(0)
            lock.write(ourselves(run_id).to_json())
        lease = _FileLease(lock, path)
        try:
            with beating(lease.beat, times.beat_s):
                yield lease
        finally:
            with suppress(OSError):
                lock.truncate(0)


def file_holder(store: Store) -> Holder | None:
    """Who holds the lock of a local store."""
    with explained(store.root), suppress(FileNotFoundError), Path(store.uri(LOCK)).open("rb") as lock:
        if not _try_flock(lock, fcntl.LOCK_SH):
            return _named_holder(lock)
    return None


def _locked(store: Store, path: Path, *, break_lock: bool) -> IO[bytes]:
    holder: Holder | None = None
    for _ in range(TRIES):
        lock = path.open("a+b", buffering=0)
        if _try_flock(lock, fcntl.LOCK_EX):
            if _is_named(lock, path):
                return lock
            lock.close()  # it was broken between open and flock
            continue
        holder = _named_holder(lock)
        lock.close()
        if holder is None:
            time.sleep(TRY_AGAIN_S)
        elif break_lock and not holder.here_and_alive():
            path.unlink(missing_ok=True)
        else:
            break
    raise refused(store, holder)


def _try_flock(lock: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _named_holder(lock: IO[bytes]) -> Holder | None:
    lock.seek(0)
    return parse_holder(lock.read().decode("utf-8", "replace"), os.fstat(lock.fileno()).st_mtime)


def _is_named(lock: IO[bytes], path: Path) -> bool:
    ours = os.fstat(lock.fileno())
    try:
        named = path.stat()
    except FileNotFoundError:
        return False
    return (named.st_ino, named.st_dev) == (ours.st_ino, ours.st_dev)
