"""A store in a local folder: rename makes a file appear, fsync of files and folders makes it stay."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from qwen_batch.storage.store import Entry, explained

TEMPORARY_SUFFIX = ".tmp"


class LocalStore:
    """A local folder. Writing makes folders, and fsync follows every change that must outlive a crash."""

    def __init__(self, place: str) -> None:
        self._root = Path(os.path.abspath(place))
        self.root = str(self._root)

    def uri(self, path: str) -> str:
        """The absolute path."""
        return str(self._root / path)

    def put(self, path: str, write: Callable[[BinaryIO], None]) -> None:
        """Temporary file, fsync, rename, fsync of the folder."""
        target = self._root / path
        temporary = target.with_name(f"{target.name}{TEMPORARY_SUFFIX}")
        with explained(self.uri(path)):
            _make_folder(target.parent)
            try:
                with temporary.open("wb") as file:
                    write(file)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.rename(target)
            except BaseException:
                with suppress(OSError):
                    temporary.unlink()
                raise
            _fsync_folder(target.parent)

    def read(self, path: str) -> bytes:
        """A file's content."""
        with explained(self.uri(path)):
            return (self._root / path).read_bytes()

    def open(self, path: str) -> BinaryIO:
        """A file for reading."""
        with explained(self.uri(path)):
            return (self._root / path).open("rb")

    def exists(self, path: str) -> bool:
        """Whether there is such a file or folder."""
        with explained(self.uri(path)):
            return (self._root / path).exists()

    def files(self, folder: str = "") -> list[Entry]:
        """All files below a folder; one that goes meanwhile is left out."""
        with explained(self.uri(folder)):
            return sorted(self._walk(self._root / folder), key=lambda entry: entry.path)

    def move(self, source: str, target: str) -> None:
        """One rename, made durable in both folders."""
        before, after = self._root / source, self._root / target
        with explained(self.uri(target)):
            if before.exists() or not after.exists():
                _make_folder(after.parent)
                before.rename(after)
            _fsync_folder(after.parent)  # also when it was renamed before: that may not have been durable yet
            if before.parent.is_dir():
                _fsync_folder(before.parent)

    def delete(self, path: str) -> None:
        """Removes a file or a whole folder."""
        target = self._root / path
        with explained(self.uri(path)):
            try:
                if target.is_dir() and not target.is_symlink():
                    shutil.rmtree(target)
                else:
                    target.unlink()
            except (FileNotFoundError, NotADirectoryError):
                return
            _fsync_folder(target.parent)

    def _walk(self, folder: Path) -> Iterator[Entry]:
        def note(error: OSError) -> None:
            if not isinstance(error, FileNotFoundError | NotADirectoryError):
                raise error

        single = [folder] if folder != self._root and folder.is_file() else []
        for path in single or (
            Path(parent, name) for parent, _, names in os.walk(folder, onerror=note) for name in names
        ):
            with suppress(FileNotFoundError):
                status = path.stat()
                yield Entry(path.relative_to(self._root).as_posix(), status.st_size, status.st_mtime_ns)


def _make_folder(folder: Path) -> None:
    """Makes a folder and those above it, each durable in the one that holds it."""
    missing = [folder]
    while not missing[-1].parent.exists():
        missing.append(missing[-1].parent)
    for made in reversed(missing):
        if not made.is_dir():
            made.mkdir(exist_ok=True)
            _fsync_folder(made.parent)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
