"""The child process: `python -m qwen_batch.reading.isolate.child MEMORY_MB PARENT_PID [MODULE:FUNCTION] [FENCE]`.

FENCE is a JSON object of the folders that it may read and write; without it there is no fence. The function, which
takes nothing, is called before any call comes: it loads what the calls will need.
"""

from __future__ import annotations

import ctypes
import json
import os
import pickle
import resource
import signal
import sys
from contextlib import suppress
from importlib import import_module

from qwen_batch.reading.isolate.answers import data_of
from qwen_batch.reading.isolate.memory import KIB
from qwen_batch.reading.isolate.wire import SIZE, Status, read_message, write_message

MIB = 1 << 20
PR_SET_PDEATHSIG = 1


def serve(memory_mb: int, parent: int, ahead: str = "", fence: str = "") -> None:
    """The child's loop: limits itself, tells its peak size so far, then answers calls until its stdin closes.

    The peak, in bytes, is that of the process that started it: the kernel hands `ru_maxrss` on.
    """
    if fence:
        from qwen_batch.reading.isolate.fence import fence_in

        fence_in(**json.loads(fence))
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # after the fence: changed rights would take it back
    if os.getppid() != parent:  # the parent died before prctl
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * MIB, memory_mb * MIB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    write_message(sink, SIZE.pack(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB))
    _load_ahead(ahead)
    while message := read_message(source):
        write_message(sink, pickle.dumps(_answer(message), pickle.HIGHEST_PROTOCOL))


def _load_ahead(name: str) -> None:
    """What is wrong with it is found again by the first call, whose caller hears of it."""
    module, _, function = name.partition(":")
    if module:
        with suppress(Exception):
            getattr(import_module(module), function)()


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
        data_of(data)  # some exceptions fail on the way back, and those of libraries are not let in
    except Exception:  # noqa: BLE001
        return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"), pickle.HIGHEST_PROTOCOL)
    return data


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
