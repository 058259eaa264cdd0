"""Bytes that are packed in a document as a file for the reader of their kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

PREFIX = "qwen-batch-"
MAX_SUFFIX_CHARS = 10


@contextmanager
def bytes_as_file(data: bytes, name: str = "") -> Iterator[Path]:
    """A temporary file that keeps the suffix of `name` alone: the rest of the name comes from a stranger."""
    suffix = PurePath(name).suffix
    suffix = suffix if suffix[1:].isalnum() and len(suffix) <= MAX_SUFFIX_CHARS else ""
    with TemporaryDirectory(prefix=PREFIX) as folder:
        path = Path(folder, f"packed{suffix}")
        path.write_bytes(data)
        yield path


@contextmanager
def renamed_file(path: Path, suffix: str) -> Iterator[Path]:
    """The same file under a name with another suffix, for a library that believes names."""
    with TemporaryDirectory(prefix=PREFIX) as folder:
        link = Path(folder, f"packed{suffix}")
        link.symlink_to(path.resolve())
        yield link
