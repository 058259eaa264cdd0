"""The hash of a file's bytes, and what is in it if it is an archive: which is looked at in a child process.

Only a file that begins like an archive is looked at. One that lies on S3 is copied for that, as it is hashed.
"""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from qwen_batch.config import ReadSettings
from qwen_batch.errors import QwenBatchError
from qwen_batch.failure_codes import FailureCode
from qwen_batch.reading.archive.contents import Contents, archive_to_contents
from qwen_batch.reading.archive.kinds import HEAD_BYTES, may_be_archive
from qwen_batch.reading.isolate.fenced import new_isolator
from qwen_batch.reading.isolate.isolator import Crash
from qwen_batch.reading.parts.files import PREFIX
from qwen_batch.reading.parts.reader import MIB, UNKNOWN_MIME, Unreadable
from qwen_batch.records import Document
from qwen_batch.storage.places import S3_SCHEME, is_s3, open_store
from qwen_batch.storage.sources import Source
from qwen_batch.storage.uris import document_name, uri_to_path

_READ_BYTES = 1 << 20
UNPACKED_MIB_PER_S = 4
"""A large archive has more time than a document: at least so fast it is unpacked on a busy machine."""
CRASHES: dict[str, str] = {
    "timeout": "Listing the archive took too long: unpack it, or raise read.timeout_s.",
    "crashed": "A library crashed on the archive: unpack it and give the files in it.",
    "out_of_memory": "Listing the archive took more memory than allowed: unpack it, or raise read.memory_mb.",
}


@dataclass(frozen=True, slots=True)
class Hashed:
    """A file with the hash of its bytes, and its contents if it is an archive."""

    file: Document
    contents: Contents | None


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file that cannot be hashed, or an archive that cannot be opened."""

    code: FailureCode
    message: str
    file: Document | None = None


class Hasher:
    """Hashes files one after the other; the child process for archives starts with the first."""

    def __init__(self, settings: ReadSettings) -> None:
        self._settings = settings
        self._isolator = new_isolator(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._isolator.close()

    def hash_source(self, source: Source) -> Hashed | Unusable:
        """What a file is."""
        uri = source.uri
        try:
            if (
                not is_s3(uri)
                and (path := Path(uri_to_path(uri))).exists()
                and not path.is_file()
                and not path.is_dir()
            ):
                return Unusable("unsupported", "this is no regular file (a pipe, socket or device); remove it")
            return self._hashed(uri)
        except (OSError, QwenBatchError) as error:
            reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
            return Unusable("unreadable", f"it cannot be read ({reason}); check that it exists and may be read")

    def _hashed(self, uri: str) -> Hashed | Unusable:
        digest = hashlib.sha256()
        size = 0
        with ExitStack() as stack:
            file = stack.enter_context(opened(uri))
            block = file.read(_READ_BYTES)
            is_candidate = may_be_archive(block[:HEAD_BYTES])
            copy = _copy_of(uri, stack) if is_candidate and is_s3(uri) else None
            target = stack.enter_context(copy.open("wb")) if copy else None
            while block:
                digest.update(block)
                size += len(block)
                if target:
                    target.write(block)
                block = file.read(_READ_BYTES)
            if target:
                target.close()
            document = Document(id=digest.hexdigest(), uri=uri, mime=UNKNOWN_MIME, size=size)
            if not is_candidate:
                return Hashed(document, None)
            return self._looked_into(document, copy or Path(uri_to_path(uri)))

    def _looked_into(self, document: Document, path: Path) -> Hashed | Unusable:
        extra_s = document.size / MIB / UNPACKED_MIB_PER_S
        call = (path, document_name(document.uri), document.id, self._settings)
        try:
            found = self._isolator.call(archive_to_contents, *call, extra_s=extra_s)
        except Unreadable as error:
            return Unusable(error.code, error.message, document)
        if isinstance(found, Crash):
            return Unusable(found.kind, CRASHES[found.kind], document)
        return Hashed(document, found)


def opened(uri: str) -> BinaryIO:
    """A file by its name, for reading."""
    if is_s3(uri):
        bucket, _, key = uri.removeprefix(S3_SCHEME).partition("/")
        return open_store(f"{S3_SCHEME}{bucket}").open(key)
    return Path(uri_to_path(uri)).open("rb")


def _copy_of(uri: str, stack: ExitStack) -> Path:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX))
    return Path(folder, f"packed{Path(document_name(uri)).suffix}")
