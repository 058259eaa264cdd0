"""Runs a function in a child process that may hang, crash or eat memory without harm to the caller.

Owns one warm child, its limits and its end. Knows nothing of documents. The wire is length-prefixed
pickle over the child's stdin and a private copy of its stdout; whatever the child prints goes to stderr.

The child gets PR_SET_PDEATHSIG, which the kernel ties to the *thread* that started it: call from a
thread that lives as long as the Isolator (https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html).
"""

from __future__ import annotations

import ctypes
import os
import pickle
import resource
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Self, TypeVar, TypeVarTuple

from qwen_batch.child_memory import KIB, SAMPLE_INTERVAL_S, ChildMemory

MAX_CALLS_PER_CHILD = 500
"""After so many calls a fresh child takes over, so that what a C library leaks stays bounded."""

MIB = 1 << 20
PR_SET_PDEATHSIG = 1
HEADER = struct.Struct("<Q")
READ_SIZE_BYTES = 1 << 20

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Status = Literal["ok", "error", "out_of_memory"]


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

    `timeout_s` is wall time in seconds, `memory_mb` the child's address space in MiB. Not thread-safe.
    """

    def __init__(self, timeout_s: float, memory_mb: int) -> None:
        self.timeout_s = timeout_s
        self.memory_mb = memory_mb
        self._child: subprocess.Popen[bytes] | None = None
        self._calls = 0

    def call(self, function: Callable[[*Ts], T], *args: *Ts, extra_s: float = 0) -> T | Crash:
        """What `function(*args)` returns, or the Crash that ended it; `extra_s` is added to the time limit.

        The function must be importable by name and its arguments and result picklable. An exception
        that it raises is raised here, except MemoryError, which is a Crash of kind "out_of_memory".
        """
        call = pickle.dumps((function, args), pickle.HIGHEST_PROTOCOL)
        message = pickle.dumps((tuple(sys.path), call), pickle.HIGHEST_PROTOCOL)
        child = self._warm_child()
        memory = ChildMemory(child.pid, self.memory_mb * MIB)
        memory.start()
        limit_s = self.timeout_s + extra_s
        try:
            answer = _exchange(child, message, time.monotonic() + limit_s, memory)
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
        status, payload = pickle.loads(answer)  # noqa: S301 - from our own child
        if status == "out_of_memory":
            self.close()
            return self._out_of_memory()
        value = pickle.loads(payload)  # noqa: S301
        if status == "error":
            raise value
        return value  # type: ignore[no-any-return]

    def _out_of_memory(self) -> Crash:
        return Crash("out_of_memory", f"It needed more than the limit of {self.memory_mb} MiB of memory.")

    def close(self) -> None:
        """Ends the child and everything that it started; the next call starts a fresh one."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._reap()

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
        if self._child is not None and (self._calls >= MAX_CALLS_PER_CHILD or self._child.poll() is not None):
            self.close()
        if self._child is None:
            self._child = _start_child(self.memory_mb)
            self._calls = 0
        self._calls += 1
        return self._child

    def _reap(self) -> _End:
        """How the child ended; the Isolator has none afterwards."""
        child, self._child = self._child, None
        if child is None:
            return _End(0, 0)
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):
                _pipe(pipe).close()
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        if child.returncode is not None:  # it ended between two calls
            return _End(child.returncode, 0)
        _, status, usage = os.wait4(child.pid, 0)  # Popen.wait would drop the usage
        child.returncode = os.waitstatus_to_exitcode(status)
        return _End(child.returncode, usage.ru_maxrss * KIB)


def _start_child(memory_mb: int) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "qwen_batch.isolate", str(memory_mb), str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        process_group=0,
        env={**os.environ, "PYTHONPATH": path},
    )
    for pipe in (child.stdin, child.stdout):
        os.set_blocking(_pipe(pipe).fileno(), False)
    return child


def _pipe(pipe: T | None) -> T:
    if pipe is None:
        raise RuntimeError("the child was started without pipes")
    return pipe


def _exchange(child: subprocess.Popen[bytes], message: bytes, deadline: float, memory: ChildMemory) -> bytes:
    """Sends one message and returns the answer. TimeoutError at the deadline, EOFError if the child ends."""
    target, source = _pipe(child.stdin).fileno(), _pipe(child.stdout).fileno()
    pending = memoryview(HEADER.pack(len(message)) + message)
    while pending:
        _wait(target, select.POLLOUT, deadline, memory)
        with suppress(BlockingIOError):
            pending = pending[os.write(target, pending) :]
    answer = bytearray()
    size = HEADER.size
    while len(answer) < size:
        _wait(source, select.POLLIN, deadline, memory)
        with suppress(BlockingIOError):
            data = os.read(source, READ_SIZE_BYTES)
            if not data:
                raise EOFError
            answer += data
        if size == HEADER.size and len(answer) >= HEADER.size:
            size += HEADER.unpack_from(answer)[0]
    return bytes(answer[HEADER.size :])


def _wait(descriptor: int, event: int, deadline: float, memory: ChildMemory) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    while (left := deadline - time.monotonic()) > 0:
        if poll.poll(min(left, SAMPLE_INTERVAL_S) * 1000):
            return
        memory.sample()
    raise TimeoutError


def _how_it_ended(status: int) -> str:
    if status >= 0:
        return f"The process that read it ended by itself with status {status}."
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"The process that read it was ended by {name}."


def serve(memory_mb: int, parent: int) -> None:
    """The child's loop: limits itself, then answers calls until its stdin closes."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the parent died before prctl
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * MIB, memory_mb * MIB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    while message := _read_message(source):
        answer = pickle.dumps(_answer(message), pickle.HIGHEST_PROTOCOL)
        sink.write(HEADER.pack(len(answer)))
        sink.write(answer)
        sink.flush()


def _read_message(source: BinaryIO) -> bytes:
    header = source.read(HEADER.size)
    return source.read(HEADER.unpack(header)[0]) if len(header) == HEADER.size else b""


def _answer(message: bytes) -> tuple[Status, bytes]:
    try:
        path, call = pickle.loads(message)  # noqa: S301 - from our own parent
        sys.path[:] = path
        function, args = pickle.loads(call)  # noqa: S301
        return "ok", pickle.dumps(function(*args), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        return "out_of_memory", b""
    except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the caller
        return "error", _pickled_error(error)


def _pickled_error(error: BaseException) -> bytes:
    try:
        data = pickle.dumps(error, pickle.HIGHEST_PROTOCOL)
        pickle.loads(data)  # noqa: S301 - some exceptions only fail on the way back
    except Exception:  # noqa: BLE001
        return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"), pickle.HIGHEST_PROTOCOL)
    return data


if __name__ == "__main__":
    from qwen_batch.isolate import serve as serve_imported  # so that Crash is one class, not __main__'s own

    serve_imported(int(sys.argv[1]), int(sys.argv[2]))
