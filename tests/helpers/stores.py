"""Stores that are filled in one line, and one with a fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from qwen_batch.storage.places import Entry, Store


def content(data: bytes) -> Callable[[BinaryIO], None]:
    def write(file: BinaryIO) -> None:
        file.write(data)

    return write


def fill(store: Store, *paths: str) -> None:
    for path in paths:
        store.put(path, content(path.encode()))


def names(store: Store, folder: str = "") -> list[str]:
    return [entry.path for entry in store.files(folder)]


class Crash(BaseException):
    """The end of a process."""


class CrashingStore:
    """A store whose process dies at its n-th change; before it, or when half of it is done."""

    def __init__(self, inner: Store, changes: int) -> None:
        self.inner = inner
        self.left = changes
        self.root = inner.root

    def _change(self) -> None:
        if not self.left:
            raise Crash
        self.left -= 1

    def uri(self, path: str) -> str:
        return self.inner.uri(path)

    def put(self, path: str, write: Callable[[BinaryIO], None]) -> None:
        self._change()
        self.inner.put(path, write)

    def read(self, path: str) -> bytes:
        return self.inner.read(path)

    def open(self, path: str) -> BinaryIO:
        return self.inner.open(path)

    def exists(self, path: str) -> bool:
        return self.inner.exists(path)

    def files(self, folder: str = "") -> list[Entry]:
        return self.inner.files(folder)

    def move(self, source: str, target: str) -> None:
        self._change()
        self.inner.move(source, target)

    def delete(self, path: str) -> None:
        """Also file by file, as a folder's deletion may be cut short."""
        for entry in self.inner.files(path):
            self._change()
            self.inner.delete(entry.path)
        self._change()
        self.inner.delete(path)
