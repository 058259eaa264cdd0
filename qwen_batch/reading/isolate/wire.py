"""Messages between a process and its child: a length, then as many bytes, over the child's stdin and stdout."""

from __future__ import annotations

import os
import select
import struct
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Literal, TypeVar

from qwen_batch.reading.isolate.memory import SAMPLE_INTERVAL_S

SIZE = struct.Struct("<Q")
READ_SIZE_BYTES = 1 << 20

T = TypeVar("T")
Status = Literal["ok", "error", "out_of_memory"]
"""What an answer begins with; "error" is followed by the pickled exception."""


@dataclass(frozen=True, slots=True)
class Wire:
    """The parent's end for one call; the pipes must be non-blocking.

    Raises TimeoutError at `deadline` (of time.monotonic), EOFError or BrokenPipeError if the child ends.
    `while_waiting` is called about every SAMPLE_INTERVAL_S.
    """

    child: subprocess.Popen[bytes]
    deadline: float
    while_waiting: Callable[[], None]

    def send(self, message: bytes) -> None:
        """Writes one message."""
        target = pipe_of(self.child.stdin).fileno()
        pending = memoryview(SIZE.pack(len(message)) + message)
        while pending:
            self._wait(target, select.POLLOUT)
            with suppress(BlockingIOError):
                pending = pending[os.write(target, pending) :]

    def receive(self) -> bytes:
        """Reads one message."""
        (size,) = SIZE.unpack(self._read(SIZE.size))
        return self._read(size)

    def _read(self, size: int) -> bytes:
        source = pipe_of(self.child.stdout).fileno()
        data = bytearray()
        while len(data) < size:
            self._wait(source, select.POLLIN)
            with suppress(BlockingIOError):
                read = os.read(source, min(size - len(data), READ_SIZE_BYTES))
                if not read:
                    raise EOFError
                data += read
        return bytes(data)

    def _wait(self, descriptor: int, event: int) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        while (left := self.deadline - time.monotonic()) > 0:
            if poll.poll(min(left, SAMPLE_INTERVAL_S) * 1000):
                return
            self.while_waiting()
        raise TimeoutError


def pipe_of(pipe: T | None) -> T:
    """A pipe of a process that was started with pipes."""
    if pipe is None:
        raise RuntimeError("the child was started without pipes")
    return pipe


def write_message(sink: BinaryIO, message: bytes) -> None:
    """The child's end: writes one message."""
    sink.write(SIZE.pack(len(message)))
    sink.write(message)
    sink.flush()


def read_message(source: BinaryIO) -> bytes:
    """The child's end: reads one message; nothing once the parent has closed its end."""
    size = source.read(SIZE.size)
    return source.read(SIZE.unpack(size)[0]) if len(size) == SIZE.size else b""
