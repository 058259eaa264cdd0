"""From files as they lie there to documents by their content: each becomes one document or one failure.

Nothing that was named is passed over in silence. Which files there are is found by `listing`.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from qwen_batch.errors import QwenBatchError
from qwen_batch.failure_codes import FailureCode
from qwen_batch.outcomes import Failure
from qwen_batch.reading.listing import inputs_to_listing
from qwen_batch.reading.parts.reader import UNKNOWN_MIME
from qwen_batch.records import Document
from qwen_batch.storage.places import S3_SCHEME, is_s3, open_store
from qwen_batch.storage.sources import KnownSource, Source
from qwen_batch.storage.uris import uri_to_path

_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Discovered:
    """All inputs: documents sorted by path, files that cannot even be opened, and what is known of each file now.

    `messages` say what the user should know of the inputs.
    """

    documents: tuple[Document, ...]
    failures: tuple[Failure, ...]
    sources: tuple[KnownSource, ...] = ()
    messages: tuple[str, ...] = ()


def inputs_to_sources(inputs: Sequence[str], limit: int | None = None, skip: str | None = None) -> tuple[Source, ...]:
    """The files of `inputs_to_listing` alone."""
    return inputs_to_listing(inputs, limit, skip).sources


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
        stamp = (found.id, found.size, source.stamp, source.modified_ns, hashed_at_ns)
        seen.append(KnownSource(source.uri, *stamp, "present", source.real_uri))
        seen += [KnownSource(uri, *stamp, "alias", source.real_uri) for uri in source.also]
    return Discovered(tuple(documents), tuple(failures), tuple(seen))


def _document(source: Source) -> Document | Failure:
    uri = source.uri
    try:
        if not is_s3(uri) and (path := Path(uri_to_path(uri))).exists() and not path.is_file() and not path.is_dir():
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
    return Path(uri_to_path(uri)).open("rb")


def _unusable(uri: str, code: FailureCode, message: str) -> Failure:
    """A failure of something that has no bytes to make an id from."""
    nothing = Document(id="", uri=uri, mime=UNKNOWN_MIME, size=0)
    return Failure(nothing, "discover", code, message)
