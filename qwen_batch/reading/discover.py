"""From the inputs of the command line to documents: folders, globs and files, local or on S3.

A folder is walked to the bottom; hidden files and folders are left out. Each file becomes one
document or one failure: nothing that was named is passed over in silence.
"""

from __future__ import annotations

import glob
import hashlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from qwen_batch.errors import QwenBatchError, UsageError
from qwen_batch.failure_codes import FailureCode
from qwen_batch.outcomes import Failure
from qwen_batch.reading.parts.reader import UNKNOWN_MIME
from qwen_batch.records import Document
from qwen_batch.storage.places import S3_SCHEME, Entry, is_s3, open_store
from qwen_batch.storage.sources import KnownSource, Source, covers, local_source

_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Discovered:
    """All inputs: documents sorted by path, files that cannot even be opened, and what is known of each file now."""

    documents: tuple[Document, ...]
    failures: tuple[Failure, ...]
    sources: tuple[KnownSource, ...] = ()


def inputs_to_sources(inputs: Sequence[str], limit: int | None = None, skip: str | None = None) -> tuple[Source, ...]:
    """Lists the inputs without reading them; `skip` is a folder to leave out (the output), `limit` a number of files.

    Raises UsageError for an input that names nothing.
    """
    named = (source for item in inputs for source in _sources(item, skip))
    by_uri = {source.uri: source for source in named}  # a file that two inputs name counts once
    if not by_uri:
        raise UsageError(f"no files in {', '.join(inputs)}", "give a folder, a glob or files with documents")
    return tuple(by_uri.values())[:limit]


def sources_to_documents(sources: Sequence[Source], known: Mapping[str, KnownSource]) -> Discovered:
    """Hashes the files; one that is known and has not been written since is not read again."""
    documents: list[Document] = []
    failures: list[Failure] = []
    seen: list[KnownSource] = []
    for source in sources:
        before = known.get(source.uri)
        if before is not None and before.is_still(source):
            found: Document | Failure = Document(before.doc_id, source.uri, UNKNOWN_MIME, before.size_bytes)
            hashed_at_ns = before.hashed_at_ns
        else:
            hashed_at_ns = time.time_ns()
            found = _document(source)
        if isinstance(found, Failure):
            failures.append(found)
            continue
        documents.append(found)
        seen.append(
            KnownSource(source.uri, found.id, found.size, source.stamp, source.modified_ns, hashed_at_ns, "present")
        )
    return Discovered(tuple(documents), tuple(failures), tuple(seen))


def check_input(item: str) -> None:
    """Raises UsageError if an input names nothing; folders are not walked."""
    if is_s3(item):
        next(_s3_sources(item))
    else:
        input_to_paths(item)


def input_to_paths(item: str) -> list[Path]:
    """The local folders and files that an input names, folders not walked. Raises UsageError if there are none."""
    if os.path.lexists(item):
        return [Path(item)]
    matches = sorted(glob.glob(item, recursive=True)) if glob.has_magic(item) else []
    if not matches:
        kind = "the pattern matches nothing" if glob.has_magic(item) else "no such file or folder"
        raise UsageError(f"{item}: {kind}", "check the path; quote a pattern so that the shell leaves it alone")
    return [Path(match) for match in matches]


def _sources(item: str, skip: str | None) -> Iterator[Source]:
    if is_s3(item):
        below = f"{skip.rstrip('/')}/" if skip else None
        yield from (source for source in _s3_sources(item) if not (below and source.uri.startswith(below)))
        return
    for path in _files(item):
        if not (skip and not is_s3(skip) and path.resolve().is_relative_to(Path(skip).resolve())):
            yield local_source(Path(os.path.abspath(path)))  # with its symbolic links: the name that the user knows


def _s3_sources(item: str) -> Iterator[Source]:
    """An object, all objects below a prefix, or those that match a pattern. Raises UsageError if there are none."""
    bucket, _, key = item.removeprefix(S3_SCHEME).partition("/")
    signs = [key.find(sign) for sign in "*?[" if sign in key]
    store = open_store(f"{S3_SCHEME}{bucket}")
    below = store.files(key.rstrip("/"))
    if not below and signs:
        below = store.files(key[: min(signs)].rpartition("/")[0])
    sources = [_s3_source(bucket, entry) for entry in below]
    found = [source for source in sources if covers(item, source.uri)]
    if not found:
        kind = "the pattern matches nothing" if signs else "no such object or prefix"
        raise UsageError(f"{item}: {kind}", "check bucket and key; quote a pattern so that the shell leaves it alone")
    yield from found


def _s3_source(bucket: str, entry: Entry) -> Source:
    return Source(f"{S3_SCHEME}{bucket}/{entry.path}", entry.size, str(entry.modified_ns), entry.modified_ns)


def _files(item: str) -> Iterator[Path]:
    for path in input_to_paths(item):
        if path.is_dir():
            yield from sorted(_walk(path))
        else:
            yield path  # also a broken link: a file that cannot be read


def _walk(folder: Path) -> Iterator[Path]:
    seen: set[Path] = set()
    unreadable: list[Path] = []

    def note(error: OSError) -> None:
        unreadable.append(Path(error.filename))

    for parent, folders, files in os.walk(folder, onerror=note, followlinks=True):
        if (real := Path(parent).resolve()) in seen:  # a link to a folder above would go round for ever
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith("."):
                yield Path(parent, name)
    yield from unreadable  # each becomes a failure, not a gap


def _document(source: Source) -> Document | Failure:
    uri = source.uri
    if not uri.isprintable() and uri != uri.encode("utf-8", "replace").decode():
        printable = os.fsencode(uri).decode("utf-8", "backslashreplace")
        return _unusable(printable, "bad_name", "the file name is not UTF-8; rename the file")
    try:
        if not is_s3(uri) and (path := Path(uri)).exists() and not path.is_file() and not path.is_dir():
            return _unusable(uri, "unsupported", "this is no regular file (a pipe, socket or device); remove it")
        digest = hashlib.sha256()
        size = 0
        with _opened(uri) as file:
            while block := file.read(_READ_BYTES):
                digest.update(block)
                size += len(block)
    except (OSError, QwenBatchError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        return _unusable(uri, "unreadable", f"it cannot be read ({reason}); check that it exists and may be read")
    return Document(id=digest.hexdigest(), uri=uri, mime=UNKNOWN_MIME, size=size)


def _opened(uri: str) -> BinaryIO:
    if is_s3(uri):
        bucket, _, key = uri.removeprefix(S3_SCHEME).partition("/")
        return open_store(f"{S3_SCHEME}{bucket}").open(key)
    return Path(uri).open("rb")


def _unusable(uri: str, code: FailureCode, message: str) -> Failure:
    """A failure of something that has no bytes to make an id from."""
    nothing = Document(id="", uri=uri, mime=UNKNOWN_MIME, size=0)
    return Failure(nothing, "discover", code, message)
