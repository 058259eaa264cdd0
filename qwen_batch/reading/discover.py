"""From files as they lie there to documents by their content: each becomes one document or one failure.

Each member of an archive is a document too. Nothing that was named is passed over in silence. Which files there are is
found by `listing`.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qwen_batch.config import ReadSettings
from qwen_batch.failure_codes import FailureCode
from qwen_batch.outcomes import Failure
from qwen_batch.reading.archive.contents import Contents
from qwen_batch.reading.hashing import Hasher, Unusable
from qwen_batch.reading.listing import inputs_to_listing
from qwen_batch.reading.parts.reader import UNKNOWN_MIME
from qwen_batch.records import Document
from qwen_batch.storage.sources import FILES, KnownSource, Source, archive_of
from qwen_batch.storage.uris import member_uri

DEFAULTS = ReadSettings()
NEVER_NS = 0
"""When an archive was hashed that the next run has to open again: a limit may be another then."""


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


def sources_to_documents(
    sources: Sequence[Source],
    known: Mapping[str, KnownSource],
    settings: ReadSettings = DEFAULTS,
    limit: int | None = None,
) -> Discovered:
    """Hashes the files, and the members of archives; what is known and has not been written since is not read again.

    At most `limit` documents are given.
    """
    look = _Look(_members_of_archives(known))
    with Hasher(settings) as hasher:
        for source in sources:
            if limit is not None and len(look.documents) + len(look.failures) >= limit:
                break
            before = known.get(source.uri)
            if before is not None and before.state in FILES and before.is_still(source):
                look.take_known(source, before)
            else:
                look.take_new(source, hasher)
    return Discovered(tuple(look.documents[:limit]), tuple(look.failures), tuple(look.seen), tuple(look.messages))


def _members_of_archives(known: Mapping[str, KnownSource]) -> dict[str, list[KnownSource]]:
    members: dict[str, list[KnownSource]] = defaultdict(list)
    for uri, one in known.items():
        if one.state == "present" and (archive := archive_of(uri, known)) and known[archive].stamp == one.stamp:
            members[archive].append(one)
    return members


@dataclass(slots=True)
class _Look:
    """What has been found so far."""

    members: Mapping[str, list[KnownSource]]
    documents: list[Document] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    seen: list[KnownSource] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def take_known(self, source: Source, before: KnownSource) -> None:
        """A file that has not been written since it was hashed."""
        file = Document(before.doc_id, source.uri, UNKNOWN_MIME, before.size_bytes)
        self._remember(source, file, before.hashed_at_ns, is_archive=before.state == "archive")
        if before.state != "archive":
            self.documents.append(file)
            return
        for one in self.members.get(source.uri, ()):
            self._member(source, one)

    def take_new(self, source: Source, hasher: Hasher) -> None:
        """A file that is hashed now."""
        hashed_at_ns = time.time_ns()
        found = hasher.hash_source(source)
        if isinstance(found, Unusable):
            self.failures.append(_failure(source.uri, found.code, found.message, found.file))
            return
        contents = found.contents
        if contents is None:
            self._remember(source, found.file, hashed_at_ns, is_archive=False)
            self.documents.append(found.file)
            return
        if contents.cut_off:
            self.failures.append(_failure(source.uri, "damaged", contents.cut_off, found.file))
        again = contents.cut_off or contents.limited
        self._remember(source, found.file, NEVER_NS if again else hashed_at_ns, is_archive=True)
        self._say_what_was_left_out(source, contents)
        for member in contents.members:
            uri, real = (member_uri(place, member.name) for place in (source.uri, source.real_uri))
            stamp = (member.doc_id, member.size, source.stamp, source.modified_ns, hashed_at_ns)
            self._member(source, KnownSource(uri, *stamp, "present", real))

    def _member(self, source: Source, one: KnownSource) -> None:
        self.seen.append(one)
        if not source.members or one.source_uri in source.members:
            document = Document(one.doc_id, one.source_uri, UNKNOWN_MIME, one.size_bytes, archive=source.uri)
            self.documents.append(document)

    def _remember(self, source: Source, file: Document, hashed_at_ns: int, *, is_archive: bool) -> None:
        stamp = (file.id, file.size, source.stamp, source.modified_ns, hashed_at_ns)
        self.seen.append(KnownSource(source.uri, *stamp, "archive" if is_archive else "present", source.real_uri))
        self.seen += [KnownSource(uri, *stamp, "alias", source.real_uri) for uri in source.also]

    def _say_what_was_left_out(self, source: Source, contents: Contents) -> None:
        if contents.left_out:
            self.messages.append(f"{source.uri}: left out of this archive: {', '.join(contents.left_out)}")


def _failure(uri: str, code: FailureCode, message: str, file: Document | None) -> Failure:
    """A failure of a file; without bytes there is nothing to make an id from."""
    return Failure(file or Document(id="", uri=uri, mime=UNKNOWN_MIME, size=0), "discover", code, message)
