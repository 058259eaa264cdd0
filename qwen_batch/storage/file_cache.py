"""A folder of small files by key, bounded in size, that several processes may use at once.

A file is whole or not there: it is written under another name and renamed. When the folder grows beyond its limit
the entries that were used longest ago go. Nothing here is needed for a right result: a broken entry is
a miss, and a disk that is full or read-only only means that nothing is kept. Knows nothing of what it keeps.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TRIM_EVERY_SHARE = 1 / 32
"""The folder is measured again when this process has written such a part of the limit."""
TRIM_TO_SHARE = 0.8
STALE_TMP_S = 3600
"""A temporary file older than this was left by a process that died."""
COMPRESSION_LEVEL = 1


@dataclass(frozen=True, slots=True)
class _Entry:
    path: Path
    used_s: float
    size: int


class FileCache:
    """Bytes by key (hex digits); at most about `max_bytes` on disk, whoever wrote them."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self._unmeasured = 0

    def get(self, key: str) -> bytes | None:
        """What was put under the key, None if there is nothing or it is damaged."""
        path = self._path(key)
        try:
            value = zlib.decompress(path.read_bytes())
        except zlib.error:
            with suppress(OSError):
                path.unlink()
            return None
        except OSError:
            return None
        with suppress(OSError):
            os.utime(path)
        return value

    def size(self, key: str) -> int | None:
        """Bytes on disk of what was put under the key, None if there is nothing; it does not count as used."""
        try:
            return self._path(key).stat().st_size
        except OSError:
            return None

    def put(self, key: str, value: bytes) -> None:
        """Keeps the value, if the disk allows it."""
        packed = zlib.compress(value, COMPRESSION_LEVEL)
        path = self._path(key)
        temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(packed)
            temporary.replace(path)
        except OSError:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            return
        self._unmeasured += len(packed)
        if self._unmeasured >= self.max_bytes * TRIM_EVERY_SHARE:
            self._unmeasured = 0
            with suppress(OSError):
                self.trim()

    def trim(self) -> None:
        """Removes the entries used longest ago until the limit holds; one process does it at a time."""
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            entries = sorted(self._entries(), key=lambda entry: entry.used_s)
            total = sum(entry.size for entry in entries)
            if total <= self.max_bytes:
                return
            for entry in entries:
                if total <= self.max_bytes * TRIM_TO_SHARE:
                    break
                entry.path.unlink(missing_ok=True)
                total -= entry.size

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key

    def _entries(self) -> list[_Entry]:
        found = []
        now = time.time()
        for path in self.folder.glob("??/*"):
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            if path.suffix != ".tmp":
                found.append(_Entry(path, status.st_mtime, status.st_size))
            elif now - status.st_mtime > STALE_TMP_S:
                path.unlink(missing_ok=True)
        return found
