"""What a document can do to the process that reads it, as functions for a child: it loads nothing else for them."""

from __future__ import annotations

import ctypes
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

from qwen_batch.errors import ToolMissingError
from qwen_batch.reading.isolate.wire import SIZE


def double(number: int) -> int:
    return 2 * number


REMEMBERED: list[bool] = []


def remember() -> None:
    REMEMBERED.append(True)


def remembered() -> bool:
    return REMEMBERED == [True]


def child_pid() -> int:
    return os.getpid()


def hang() -> None:
    time.sleep(600)


def hang_with_grandchild(pid_file: str) -> None:
    grandchild = subprocess.Popen(["sleep", "600"])
    _note(pid_file, grandchild.pid)
    grandchild.wait()


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def allocate_without_end() -> None:
    blocks = []
    while True:
        blocks.append(bytearray(16 << 20))


def raise_tool_missing() -> None:
    raise ToolMissingError("no tesseract", "install it")


def allocate_in_c(count: int) -> None:
    """As a C library does: blocks of 16 MiB, filled, and an abort when one is refused or after so many."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    for _ in range(count):
        block = libc.malloc(16 << 20)
        if not block:
            break
        ctypes.memset(block, 1, 16 << 20)
    libc.abort()


def allocate_and_release(size: int) -> None:
    bytearray(size)


def ignore_sigterm_and_hang() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(600)


def _note(pid_file: str, pid: int) -> None:
    """Whole or not at all."""
    Path(f"{pid_file}.part").write_text(str(pid))
    Path(f"{pid_file}.part").rename(pid_file)


def hang_with_generations(pid_file: str) -> None:
    """A shell that has a shell that sleeps: the last one is nobody's child any more when its parents are killed."""
    inner = f"sleep 600 & echo $! > {pid_file}.part; mv {pid_file}.part {pid_file}; wait"
    subprocess.run(["sh", "-c", f"sh -c '{inner}'; true"], check=False)


def fill_the_result_pipe() -> None:
    """Answers out of turn and without end, on every descriptor that may be the wire."""
    for descriptor in range(3, 16):
        try:
            while stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.write(descriptor, SIZE.pack(1 << 40) * 8192)
        except OSError:
            continue


class UnpicklableError(Exception):
    def __init__(self, first: str, second: str) -> None:
        super().__init__(first)
        self.second = second


def raise_unpicklable() -> None:
    raise UnpicklableError("first", "second")


def exit_quietly() -> None:
    os._exit(7)


def print_and_return() -> str:
    sys.stdout.write("noise that must not reach the wire\n")
    os.write(1, b"more noise\n")
    return "answer"


def big(size: int) -> bytes:
    return b"x" * size
