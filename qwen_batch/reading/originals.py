"""A document's file on this machine: where it lies, or a copy of the object on S3 that is kept for a moment.

Each page of a large scan may be recognised by another worker: a worker keeps the last copies, so that it fetches a
document once.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath

from qwen_batch.records import Document
from qwen_batch.storage.places import S3_SCHEME, is_s3, open_store
from qwen_batch.storage.uris import uri_to_path

KEPT_COPIES = 2
_BLOCK_BYTES = 1 << 20


class ChangedError(Exception):
    """The file is not the one that the run was begun with."""


def local_file(document: Document) -> Path:
    """The path of the document's bytes. An object on S3 is fetched; the copy stays until KEPT_COPIES others came.

    A file whose name is no text of one line is reached by a link: no library or message has to cope with its name.

    Raises OSError or OutputError if it cannot be fetched, ChangedError if its bytes are others than when it was hashed.
    """
    if is_s3(document.uri):
        return _copies().path_of(document, _fetch)
    if (path := uri_to_path(document.uri)) != document.uri:
        return _copies().path_of(document, _link)
    return Path(path)


def check_unchanged(document: Document, path: Path) -> None:
    """Raises ChangedError if the file's bytes are others than when the run hashed them, OSError if it has gone."""
    status = path.stat()
    if _hash_of(path, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_size) != document.id:
        raise ChangedError(
            f"{document.uri} was changed while the run went on; the next run of the same command takes what is there"
        )


def is_unchanged(document: Document, path: Path) -> bool:
    """Whether the file is there with the bytes that the run hashed."""
    try:
        check_unchanged(document, path)
    except (ChangedError, OSError):
        return False
    return True


@lru_cache(maxsize=KEPT_COPIES)
def _hash_of(path: Path, *_stamp: int) -> str:
    """The hash of a file, computed again when its stamp is another: each page of a scan asks for it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Copies:
    """The last documents fetched by this process, in a folder of their own that goes with it."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="qwen_batch-"))
        atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        self._paths: OrderedDict[str, Path] = OrderedDict()

    def path_of(self, document: Document, put: Callable[[Document, Path], None]) -> Path:
        """The path at which `put` has put the document."""
        name = f"{document.id}{PurePosixPath(document.uri).suffix}"
        kept = self._paths.get(name)
        if kept is not None and kept.is_file():
            self._paths.move_to_end(name)
            return kept
        path = self._folder / name
        try:
            put(document, path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._paths[name] = path
        while len(self._paths) > KEPT_COPIES:
            _, oldest = self._paths.popitem(last=False)
            with suppress(OSError):
                oldest.unlink()
        return path


def _fetch(document: Document, path: Path) -> None:
    bucket, _, key = document.uri.removeprefix(S3_SCHEME).partition("/")
    with open_store(f"{S3_SCHEME}{bucket}").open(key) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, _BLOCK_BYTES)
    check_unchanged(document, path)


def _link(document: Document, path: Path) -> None:
    path.unlink(missing_ok=True)  # one that leads nowhere any more
    path.symlink_to(uri_to_path(document.uri))


@cache
def _copies() -> _Copies:
    return _Copies()
