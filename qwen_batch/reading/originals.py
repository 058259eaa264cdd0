"""A document's file on this machine: where it lies, or a copy of the object on S3 or of the member of an archive.

Each page of a large scan may be recognised by another worker: a worker keeps the last copies, so that it fetches a
document once. It keeps the last archives too, those from S3 and those in other archives.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path, PurePosixPath

from qwen_batch.config import ReadSettings
from qwen_batch.reading.archive.kinds import HEAD_BYTES, stream_opener
from qwen_batch.reading.archive.unpack import tar_to_plain, unpack
from qwen_batch.reading.isolate.isolator import Isolator
from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.records import Document
from qwen_batch.storage.places import S3_SCHEME, is_s3, open_store
from qwen_batch.storage.uris import FILE_SCHEME, MEMBER_MARK, archives_in, document_name, uri_to_path

KEPT_COPIES = 2
KEPT_ARCHIVES = 4
UNPACKED_MIB_PER_S = 20
_BLOCK_BYTES = 1 << 20


class ChangedError(Exception):
    """The file is not the one that the run was begun with."""


def local_file(document: Document, settings: ReadSettings, isolator: Isolator) -> Path:
    """The path of the document's bytes. An object on S3 is fetched; the copy stays until KEPT_COPIES others came.

    A file whose name is no text of one line is reached by a link: no library or message has to cope with its name.
    A member of an archive is unpacked in the child process.

    Raises OSError or OutputError if it cannot be fetched, ChangedError if its bytes are others than when it was hashed,
    Unreadable for a member that cannot be unpacked.
    """
    name = f"{document.id}{PurePosixPath(document.uri).suffix}"
    if document.archive:
        unpacking = _Unpacking(document.archive, settings, isolator)
        return _copies().path_of(name, lambda path: unpacking.to_file(_name_in(document), path))
    if is_s3(document.uri):
        return _copies().path_of(name, lambda path: _fetch(document, path))
    if (path := uri_to_path(document.uri)) != document.uri:
        return _copies().path_of(name, lambda path: _link(document, path))
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
    """The last files made by this process, in a folder of their own that goes with it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._folder = Path(tempfile.mkdtemp(prefix="qwen_batch-"))
        atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        self._paths: OrderedDict[str, Path] = OrderedDict()

    def path_of(self, name: str, put: Callable[[Path], object]) -> Path:
        """The path at which `put` has put the file of that name."""
        kept = self._paths.get(name)
        if kept is not None and kept.is_file():
            self._paths.move_to_end(name)
            return kept
        path = self._folder / name
        try:
            put(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._paths[name] = path
        while len(self._paths) > self._most:
            _, oldest = self._paths.popitem(last=False)
            with suppress(OSError):
                oldest.unlink()
        return path


@dataclass(frozen=True, slots=True)
class _Unpacking:
    """Unpacks members of an archive in the child process, one archive after the other."""

    archive: str
    settings: ReadSettings
    isolator: Isolator

    def to_file(self, name: str, target: Path) -> None:
        """Writes a member. Raises Unreadable, whose message names archive and member."""
        path, called, start = self._outermost(), document_name(self.archive), 0
        for prefix in archives_in(name):
            inner = name[start : len(prefix)]
            put = partial(self._step, self._plain(path), called, inner)
            try:
                path = _archives().path_of(_digest(f"{self.archive} {prefix} {_stamp(path)}"), put)
            except Unreadable as error:
                if error.code == "changed":  # there is no such archive: the mark is a part of a file's name
                    continue
                raise
            called, start = PurePosixPath(inner).name, len(prefix) + len(MEMBER_MARK)
        self._step(self._plain(path), called, name[start:], target)

    def _step(self, path: Path, called: str, name: str, target: Path) -> None:
        try:
            crash = self.isolator.call(unpack, path, called, name, target, self.settings, writes=[target])
        except Unreadable as error:
            raise Unreadable(error.code, f"{name} in {self.archive}: {error.message}") from None
        if crash is not None:
            raise Unreadable(crash.kind, f"{name} in {self.archive} could not be unpacked. {crash.message}")

    def _plain(self, path: Path) -> Path:
        """A compressed tar without its compression: its members would each be looked for from its beginning."""
        with path.open("rb") as file:
            if stream_opener(file.read(HEAD_BYTES)) is None:
                return path
        plain = _archives().path_of(_digest(f"{path} {_stamp(path)} plain"), partial(self._without_packing, path))
        return plain if plain.stat().st_size else path

    def _without_packing(self, path: Path, target: Path) -> None:
        extra_s = self.settings.max_archive_mb / UNPACKED_MIB_PER_S
        if self.isolator.call(tar_to_plain, path, target, self.settings, extra_s=extra_s, writes=[target]) is not None:
            target.write_bytes(b"")  # then each member is looked for in the archive itself

    def _outermost(self) -> Path:
        if not is_s3(self.archive):
            return Path(uri_to_path(self.archive))
        bucket, _, key = self.archive.removeprefix(S3_SCHEME).partition("/")
        entries = open_store(f"{S3_SCHEME}{bucket}").files(key)
        stamps = [f"{entry.size} {entry.modified_ns}" for entry in entries if entry.path == key]
        return _archives().path_of(_digest(f"{self.archive} {stamps}"), partial(_fetch_object, self.archive))


def _name_in(document: Document) -> str:
    name = document.uri.removeprefix(f"{document.archive}{MEMBER_MARK}")
    return name.replace("%25", "%") if document.archive.startswith(FILE_SCHEME) else name


def _stamp(path: Path) -> str:
    status = path.stat()
    return f"{status.st_mtime_ns} {status.st_ino} {status.st_size}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _fetch(document: Document, path: Path) -> None:
    _fetch_object(document.uri, path)
    check_unchanged(document, path)


def _fetch_object(uri: str, path: Path) -> None:
    bucket, _, key = uri.removeprefix(S3_SCHEME).partition("/")
    with open_store(f"{S3_SCHEME}{bucket}").open(key) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, _BLOCK_BYTES)


def _link(document: Document, path: Path) -> None:
    path.unlink(missing_ok=True)  # one that leads nowhere any more
    path.symlink_to(uri_to_path(document.uri))


@cache
def _copies() -> _Copies:
    return _Copies(KEPT_COPIES)


@cache
def _archives() -> _Copies:
    return _Copies(KEPT_ARCHIVES)
