"""All members of an archive with the hashes of their bytes, also of the archives in it; or why it is not opened.

A member that cannot be unpacked is one all the same: its reading says why. What the archive as a whole does against a
limit is an Unreadable.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from qwen_batch.config import ReadSettings
from qwen_batch.reading.archive.container import BROKEN, Container, Entry, opened_container
from qwen_batch.reading.archive.kinds import archive_kind
from qwen_batch.reading.archive.names import is_hidden, leads_out, member_name
from qwen_batch.reading.parts.files import PREFIX
from qwen_batch.reading.parts.reader import MIB, Unreadable
from qwen_batch.reading.parts.zip import DAMAGED
from qwen_batch.storage.uris import MEMBER_MARK

CUT_OFF = (
    "The archive is cut off or damaged, and files behind that place are lost: copy it again from where it came from."
)
BLOCK_BYTES = 1 << 20
FREE_RATIO_BYTES = 16 * MIB
"""A file no larger than this may be packed as tightly as it likes."""


class BeyondLimitError(Unreadable):
    """The archive as a whole is larger than it may be, whatever is in it."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its path as text, the hash of its bytes and its size.

    Of one that cannot be unpacked the hash is that of its name below `seed`, and the size what the archive states.
    """

    name: str
    doc_id: str
    size: int


@dataclass(frozen=True, slots=True)
class Contents:
    """The members, by name, and what was left out of them, for people.

    `cut_off` says that more may be lost. With `limited` a limit kept something packed that higher ones would not.
    """

    members: tuple[Member, ...]
    left_out: tuple[str, ...] = ()
    cut_off: str = ""
    limited: bool = False


@dataclass(slots=True)
class _Look:
    """What has been found so far, and what of the limits is used."""

    settings: ReadSettings
    seed: str
    members: dict[str, Member] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    entries: int = 0
    unpacked: int = 0
    cut_off: str = ""
    limited: bool = False

    def count(self, entry: Entry) -> None:
        """Counts an entry. Raises Unreadable beyond a limit."""
        self.entries += 1
        if self.entries > self.settings.max_archive_entries:
            limit = self.settings.max_archive_entries
            raise BeyondLimitError(
                "too_large", f"It packs more than {limit:,} files: split it or raise read.max_archive_entries."
            )
        self.unpack(max(entry.size, 0))

    def unpack(self, size: int) -> None:
        """Counts unpacked bytes. Raises Unreadable beyond the limit."""
        self.unpacked += size
        if self.unpacked > self.settings.max_archive_mb * MIB:
            limit = f"{self.settings.max_archive_mb:g} MiB"
            raise BeyondLimitError(
                "too_large", f"Unpacked it is larger than {limit}: split it or raise read.max_archive_mb."
            )

    def add(self, name: str, member: Member) -> None:
        """The last one of a name is what unpacking would leave."""
        if name in self.members:
            self.left_out["name that another file has too (the last one is read)"] += 1
        self.members[name] = member

    def failed(self, name: str, size: int) -> Member:
        """A member whose bytes cannot be had."""
        return Member(name, hashlib.sha256(f"{self.seed}{MEMBER_MARK}{name}".encode()).hexdigest(), size)


def archive_to_contents(path: Path, name: str, seed: str, settings: ReadSettings) -> Contents | None:
    """What is in an archive, None if the file is none; `name` is what it is called, `seed` the hash of its bytes.

    Raises Unreadable: "too_large", "encrypted" if all of it is, "empty_file", "damaged".
    """
    look = _Look(settings, seed)
    if not _look_into(path, name, "", look, depth=1):
        return None
    if not look.members:
        raise Unreadable("empty_file", "The archive holds no files: pack it anew.")
    members = tuple(look.members[key] for key in sorted(look.members))
    return Contents(
        members, tuple(f"{n} x {why}" for why, n in sorted(look.left_out.items())), look.cut_off, look.limited
    )


def _look_into(path: Path, name: str, prefix: str, look: _Look, depth: int) -> bool:
    """Adds the members of an archive; False for what is none, or cannot be listed as one that is in another."""
    kind = archive_kind(path)
    if kind is None:
        return False
    if depth > look.settings.max_archive_depth:
        look.limited = True
        return False
    files = sealed = 0
    try:
        with opened_container(path, kind, name) as container:
            for entry in container.entries():
                look.count(entry)
                if _is_document(entry, look):
                    files += 1
                    sealed += entry.encrypted
                    _add(container, entry, prefix, look, depth)
    except BROKEN as error:
        if files == 0:
            raise Unreadable("damaged", f"{DAMAGED} ({error})") from None
        if depth > 1:
            look.add(
                prefix.removesuffix(MEMBER_MARK), look.failed(prefix.removesuffix(MEMBER_MARK), path.stat().st_size)
            )
        else:
            look.cut_off = f"{CUT_OFF} ({error})"
    if files and sealed == files and depth == 1:
        raise Unreadable("encrypted", "The archive is protected with a password: unpack it and give the files in it.")
    return True


def _is_document(entry: Entry, look: _Look) -> bool:
    if entry.kind in {"link", "device"}:
        look.left_out[entry.kind] += 1
    return entry.kind == "file" and not is_hidden(entry.name)


def _add(container: Container, entry: Entry, prefix: str, look: _Look, depth: int) -> None:
    """A member, or the members of an archive that it is."""
    name = prefix + member_name(entry.name)
    try:
        check_entry(entry, look.settings)
        with tempfile.TemporaryDirectory(prefix=PREFIX) as folder, container.open(entry) as stream:
            first = stream.read(BLOCK_BYTES)
            copy = Path(folder, "packed")
            digest, size = hashlib.sha256(), 0
            with copy.open("wb") as target:
                for block in _blocks(first, stream):
                    size += len(block)
                    check_size(entry, size, look.settings)
                    digest.update(block)
                    target.write(block)
            if entry.size < 0:
                look.unpack(size)
            if _holds_members(copy, entry.name, f"{name}{MEMBER_MARK}", look, depth + 1):
                return
    except BeyondLimitError:
        raise
    except Unreadable as error:
        look.limited |= error.code == "too_large"
        look.add(name, look.failed(name, max(entry.size, 0)))
        return
    except (*BROKEN, RuntimeError):
        look.add(name, look.failed(name, max(entry.size, 0)))
        return
    look.add(name, Member(name, digest.hexdigest(), size))


def _holds_members(path: Path, name: str, prefix: str, look: _Look, depth: int) -> bool:
    """Whether an inner archive could be opened; one that could not is a document, whose reading says why."""
    try:
        return _look_into(path, name, prefix, look, depth)
    except BeyondLimitError:
        raise
    except Unreadable:
        return False


def _blocks(first: bytes, stream: BinaryIO) -> Iterator[bytes]:
    block = first
    while block:
        yield block
        block = stream.read(BLOCK_BYTES)


def check_entry(entry: Entry, settings: ReadSettings) -> None:
    """Raises Unreadable for a member that is not to be unpacked."""
    if leads_out(entry.name):
        raise Unreadable("unsupported", "Its path leads out of the archive: pack it anew under a plain name.")
    if entry.encrypted:
        raise Unreadable("encrypted", "It is protected with a password: unpack it and give the file.")
    check_size(entry, entry.size, settings)


def check_size(entry: Entry, size: int, settings: ReadSettings) -> None:
    """Raises Unreadable for a member of so many bytes."""
    if size > settings.max_file_mb * MIB:
        limit = f"{settings.max_file_mb:g} MiB"
        raise Unreadable("too_large", f"Unpacked it is larger than {limit}: split it or raise read.max_file_mb.")
    if size > FREE_RATIO_BYTES and 0 <= entry.packed_size * settings.max_archive_ratio < size:
        raise Unreadable(
            "too_large",
            f"It unpacks to more than {settings.max_archive_ratio:g} times its packed size, as a zip bomb does: "
            "unpack it and give the file, or raise read.max_archive_ratio.",
        )


@contextmanager
def broken_as_unreadable(remedy: str = DAMAGED) -> Iterator[None]:
    """Turns what the libraries say of a broken archive into an Unreadable."""
    try:
        yield
    except NotImplementedError as error:
        message = f"It is packed in a way that is not read ({error}): unpack it and give the file."
        raise Unreadable("unsupported", message) from None
    except (*BROKEN, RuntimeError) as error:
        raise Unreadable("damaged", f"{remedy} ({error})") from None
