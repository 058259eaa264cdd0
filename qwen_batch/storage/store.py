"""What every store can do, and how it says what a place refuses."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from qwen_batch.errors import OutputError

MAKE_ROOM = "make room there, then run the same command again: what is staged is safe"
REMEDIES = {
    errno.ENOSPC: MAKE_ROOM,
    errno.EDQUOT: MAKE_ROOM,
    errno.EROFS: "make it writable, then run the same command again: what is staged is safe",
}
REMEDY = "check that it exists and that you may read and write there, then run the same command again"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a store: its path, its size in bytes, when it was written in nanoseconds since the epoch."""

    path: str
    size: int
    modified_ns: int


class Store(Protocol):
    """A place for files. Every method raises OutputError, with place, reason and remedy, for what the place refuses."""

    root: str

    def uri(self, path: str) -> str:
        """The full name, for people and other programs."""

    def put(self, path: str, write: Callable[[BinaryIO], None]) -> None:
        """Writes a file that is whole and durable under its name, or not there; replaces one that is."""

    def read(self, path: str) -> bytes:
        """A file's content. Raises FileNotFoundError."""

    def open(self, path: str) -> BinaryIO:
        """A file for reading, seekable. Raises FileNotFoundError."""

    def exists(self, path: str) -> bool:
        """Whether there is such a file or folder."""

    def files(self, folder: str = "") -> list[Entry]:
        """All files below a folder, sorted by path; a file's own entry for its name; none if there is neither."""

    def move(self, source: str, target: str) -> None:
        """Moves a file or folder; done again after a crash it completes what is left of it.

        Raises FileNotFoundError if there is neither source nor target.
        """

    def delete(self, path: str) -> None:
        """Removes a file, or a folder with all in it, if it is there; durable like a write."""


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Turns what the operating system or S3 says into an OutputError; a missing file stays FileNotFoundError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = error.strerror or next(iter(str(error).splitlines()), type(error).__name__)
        raise OutputError(f"{place}: {reason}", REMEDIES.get(error.errno or 0, REMEDY)) from error
