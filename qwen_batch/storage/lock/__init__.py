"""One writer at a time on an output.

Locally the kernel's flock on `.lock` decides, and frees it when the process dies, however it dies. On a network folder
whose server has lost a client, `--break-lock` puts a new file in its place.

S3 through pyarrow has no conditional put: each contender writes an object of its own below `.lock/` and then lists.
Listings are strongly consistent there, so of two that come at once at least one sees the other and withdraws. The
holder renews its object; one that was not renewed for `stale_s` is dead and its place is taken. A holder that could not
renew its object for nearly as long counts itself out for good, before another may have come.

The fence (`Lease.check`) is asked before every staging and before a publication is decided. What remains is the time
between that question and the write that follows it: a process, or its whole machine, that stands still just there for
longer than `stale_s`, or whose lock is broken by hand there, still makes that one write.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from qwen_batch.storage.lock.file import file_holder, hold_file
from qwen_batch.storage.lock.holder import Holder, Lease, LockTimes
from qwen_batch.storage.lock.objects import hold_object, object_holder
from qwen_batch.storage.places import Store, is_s3

__all__ = ["Holder", "Lease", "LockTimes", "hold", "holder_of"]


@contextmanager
def hold(store: Store, run_id: str, *, break_lock: bool = False, times: LockTimes | None = None) -> Iterator[Lease]:
    """Holds the output's lock. Raises LockedError naming the holder if another run has it.

    `break_lock` takes it from a holder that is not a live process of this machine.
    """
    held = hold_object if is_s3(store.root) else hold_file
    with held(store, run_id, times or LockTimes(), break_lock=break_lock) as lease:
        yield lease


def holder_of(store: Store) -> Holder | None:
    """Who holds the output now, None if nobody does; takes nothing."""
    return object_holder(store) if is_s3(store.root) else file_holder(store)
