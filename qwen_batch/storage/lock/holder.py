"""Who holds a lock, whether it still lives, and what both kinds of lock say and do alike."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from qwen_batch.errors import LockedError, OutputError
from qwen_batch.storage.places import Store

LOCK = ".lock"
WAIT = "wait for it, or give another --output"


@dataclass(frozen=True, slots=True)
class LockTimes:
    """How often a holder gives a sign of life, and after how long without one it is dead; seconds."""

    beat_s: float = 15.0
    stale_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds an output; times are seconds since the epoch, `seen_s` is its last sign of life.

    Process numbers come again and hosts share names: `pid_began` is when that process began, in ticks since the machine
    started, and `machine` names this start of the machine and the space of its process numbers.
    """

    run_id: str
    host: str
    pid: int
    pid_began: int
    machine: str
    since_s: float
    seen_s: float

    def here_and_gone(self) -> bool:
        """Whether it ran where this process runs, and has ended."""
        return self.machine == this_machine() and _began(self.pid) != self.pid_began

    def here_and_alive(self) -> bool:
        """Whether it runs where this process runs."""
        return self.machine == this_machine() and _began(self.pid) == self.pid_began

    def to_json(self) -> bytes:
        """What stands in the lock."""
        return json.dumps(asdict(self)).encode()


class Lease(Protocol):
    """The lock while it is held."""

    def check(self) -> None:
        """Raises OutputError if the lock was broken or taken over."""


def ourselves(run_id: str) -> Holder:
    """This process as a holder."""
    now = time.time()
    pid = os.getpid()
    return Holder(run_id, socket.gethostname(), pid, _began(pid) or 0, this_machine(), since_s=now, seen_s=now)


def parse_holder(text: str, seen_s: float) -> Holder | None:
    """The holder that a lock names, None if it names none (it is being written, or is no lock of ours)."""
    try:
        content: dict[str, Any] = json.loads(text)
        return Holder(**{**content, "seen_s": seen_s})
    except (ValueError, TypeError):
        return None


def refused(store: Store, holder: Holder | None) -> LockedError:
    """The error of a run that comes second."""
    if holder is None:
        return LockedError(f"{store.root}: another run is writing here", WAIT)
    now = time.time()
    who = (
        f"process {holder.pid} on {holder.host}, for {(now - holder.since_s) / 60:.0f} minutes, "
        f"last sign of life {max(0, now - holder.seen_s):.0f} s ago"
    )
    remedy = f"{WAIT}; --break-lock takes the lock of a run that died on another host"
    if holder.here_and_alive():
        remedy = f"wait for it, stop it (kill {holder.pid}), or give another --output"
    return LockedError(f"{store.root}: run {holder.run_id} is writing here ({who})", remedy)


def lost(place: str) -> OutputError:
    """The error of a run whose lock another has taken."""
    return OutputError(
        f"{place}: this run has lost its lock; another may be writing there",
        "what is staged is safe: run the same command again when no other run is at work there",
    )


@contextmanager
def beating(beat: Callable[[], None], beat_s: float) -> Iterator[None]:
    """Calls `beat` every `beat_s` seconds in a thread of its own."""
    done = threading.Event()

    def until_done() -> None:
        while not done.wait(beat_s):
            beat()

    thread = threading.Thread(target=until_done, name="lock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@cache
def this_machine() -> str:
    """Names this start of this machine, and the space that process numbers are counted in (a container has its own)."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return f"{boot} {Path('/proc/self/ns/pid').readlink()}"


def _began(pid: int) -> int | None:
    """When a process began, in ticks since the machine started; None if there is none, or only its remains."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in {"Z", "X"} else int(fields[18])  # proc_pid_stat(5): field 22, starttime
