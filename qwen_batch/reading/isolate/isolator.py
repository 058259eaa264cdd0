"""Runs a function in a child process that may hang, crash or eat memory without harm to the caller.

Owns one warm child (`child`), its limits and its end. Knows nothing of documents. Calls and answers are
pickled (`wire`); whatever the child prints goes to stderr.

The child gets PR_SET_PDEATHSIG, which the kernel ties to the *thread* that started it: call from a
thread that lives as long as the Isolator (https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html).
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar, TypeVarTuple

from qwen_batch.reading.isolate.answers import data_of
from qwen_batch.reading.isolate.fence import Places, remove_left_sockets, without_secrets
from qwen_batch.reading.isolate.memory import KIB, ChildMemory
from qwen_batch.reading.isolate.wire import SIZE, Status, Wire, pipe_of

MAX_CALLS_PER_CHILD = 500
"""So that what a C library leaks stays bounded."""

SCRATCH_PREFIX = "qwen-batch-"
MIB = 1 << 20

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, slots=True)
class Crash:
    """A call that ended without an answer; `message` is a sentence for people."""

    kind: Literal["timeout", "crashed", "out_of_memory"]
    message: str


@dataclass(frozen=True, slots=True)
class _End:
    """A child's exit status as subprocess gives it, and its peak resident size in bytes."""

    status: int
    resident_peak: int


class Isolator:
    """Calls functions in one child process with limits on a call's time and the child's memory.

    `timeout_s` is wall time in seconds, `memory_mb` the child's address space in MiB. `ahead` is a function without
    arguments, as MODULE:NAME, that the child calls before the first call comes. After `max_calls`, else
    MAX_CALLS_PER_CHILD, a fresh child takes over. With `fenced` the child reaches only what its calls name (`fence`),
    and its answers are data. Not thread-safe, but for `interrupt`.
    """

    def __init__(
        self,
        timeout_s: float,
        memory_mb: int,
        ahead: str = "",
        max_calls: float | None = None,
        *,
        fenced: bool = False,
    ) -> None:
        self.timeout_s = timeout_s
        self.memory_mb = memory_mb
        self._ahead = ahead
        self._max_calls = max_calls
        self._places = Places() if fenced else None
        self._scratch: Path | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._calls = 0
        self._inherited_peak: int | None = None

    def call(
        self, function: Callable[[*Ts], T], *args: *Ts, extra_s: float = 0, writes: Iterable[Path] = ()
    ) -> T | Crash:
        """What `function(*args)` returns, or the Crash that ended it; `extra_s` is added to the time limit.

        Behind a fence it may read the files among its arguments, or named `path` by one of them, and write `writes`.

        The function must be importable by name and its arguments and result picklable. An exception
        that it raises is raised here, except MemoryError, which is a Crash of kind "out_of_memory".
        """
        if self._places and self._places.admit(_files_of(args), writes):
            self.close()  # a fence is never widened: the next child has a wider one
        call = pickle.dumps((function, args), pickle.HIGHEST_PROTOCOL)
        message = pickle.dumps((tuple(sys.path), call), pickle.HIGHEST_PROTOCOL)
        child = self._warm_child()
        memory = ChildMemory(child.pid, self.memory_mb * MIB)
        limit_s = self.timeout_s + extra_s
        wire = Wire(child, time.monotonic() + limit_s, memory.sample)
        try:
            if self._inherited_peak is None:
                (self._inherited_peak,) = SIZE.unpack(wire.receive())
            memory.start(self._inherited_peak)
            wire.send(message)
            answer = wire.receive()
        except TimeoutError:
            self.close()
            return Crash("timeout", f"It took longer than the limit of {limit_s:g} seconds.")
        except (EOFError, BrokenPipeError):
            end = self._reap()
            if memory.ran_out(end.status, end.resident_peak):
                return self._out_of_memory()
            return Crash("crashed", _how_it_ended(end.status))
        except BaseException:
            self.close()
            raise
        status: Status
        load = pickle.loads if self._places is None else data_of
        status, payload = load(answer)
        if status == "out_of_memory":
            self.close()
            return self._out_of_memory()
        value = load(payload)
        if status == "error":
            raise value
        return value  # type: ignore[no-any-return]

    def _out_of_memory(self) -> Crash:
        return Crash("out_of_memory", f"It needed more than the limit of {self.memory_mb} MiB of memory.")

    def start(self, reads: Iterable[Path] = ()) -> None:
        """Starts the child, if there is none, and waits for nothing; behind a fence `reads` are files to come."""
        if self._places:
            self._places.admit(reads, ())
        self._started()

    def interrupt(self) -> None:
        """Ends the child from any thread: the call that waits for it comes back as a Crash."""
        child = self._child
        if child is not None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)

    def close(self) -> None:
        """Ends the child and everything that it started; the next call starts a fresh one."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._reap()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None
            remove_left_sockets()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        with suppress(Exception):
            self.close()

    def _warm_child(self) -> subprocess.Popen[bytes]:
        if self._child is not None and (self._calls >= self._most_calls() or self._child.poll() is not None):
            self.close()
        child = self._started()
        self._calls += 1
        return child

    def _most_calls(self) -> float:
        return MAX_CALLS_PER_CHILD if self._max_calls is None else self._max_calls

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            self._child = _start_child(self.memory_mb, self._ahead, self._fence())
            self._calls = 0
            self._inherited_peak = None
        return self._child

    def _fence(self) -> dict[str, list[str]]:
        """The folders that the next child may read and write, and a scratch folder of its own; none without a fence."""
        if self._places is None:
            return {}
        self._scratch = self._scratch or Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX)).resolve()
        return {
            "read": [str(place) for place in self._places.read],
            "write": [str(self._scratch), *map(str, self._places.write)],
        }

    def _reap(self) -> _End:
        """How the child ended; the Isolator has none afterwards."""
        child, self._child = self._child, None
        if child is None:
            return _End(0, 0)
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):
                pipe_of(pipe).close()
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        if child.returncode is not None:  # it ended between two calls
            return _End(child.returncode, 0)
        _, status, usage = os.wait4(child.pid, 0)  # Popen.wait would drop the usage
        child.returncode = os.waitstatus_to_exitcode(status)
        return _End(child.returncode, usage.ru_maxrss * KIB)


def _files_of(args: Iterable[object]) -> list[Path]:
    """The files that a call names: arguments, and what an argument calls its path."""
    named = ((one, getattr(one, "path", None)) for one in args)
    return [path for pair in named for path in pair if isinstance(path, Path)]


def _start_child(memory_mb: int, ahead: str, fence: dict[str, list[str]]) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    environment = {**os.environ, "PYTHONPATH": path}
    if fence:
        environment = {**without_secrets(environment), "TMPDIR": fence["write"][0], "HOME": fence["write"][0]}
    child = subprocess.Popen(
        [
            *(sys.executable, "-P", "-m", "qwen_batch.reading.isolate.child", str(memory_mb), str(os.getpid()), ahead),
            *([json.dumps(fence)] if fence else []),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        process_group=0,
        env=environment,
    )
    for pipe in (child.stdin, child.stdout):
        os.set_blocking(pipe_of(pipe).fileno(), False)
    return child


def _how_it_ended(status: int) -> str:
    if status >= 0:
        return f"The process that read it ended by itself with status {status}."
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"The process that read it was ended by {name}."
