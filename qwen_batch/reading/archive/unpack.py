"""One member of an archive as a file, found by the name that it was listed under."""

from __future__ import annotations

from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.archive.container import BROKEN, Container, Entry, opened_container
from qwen_batch.reading.archive.contents import BLOCK_BYTES, broken_as_unreadable, check_entry, check_size
from qwen_batch.reading.archive.kinds import HEAD_BYTES, archive_kind, stream_opener
from qwen_batch.reading.archive.names import is_hidden, member_name
from qwen_batch.reading.parts.reader import MIB, Unreadable


def unpack(path: Path, called: str, name: str, target: Path, settings: ReadSettings) -> None:
    """Writes the member of that name to `target`; `called` is the archive's own name.

    Raises Unreadable: "changed" for one that is not there any more, else as listing the archive found it.
    """
    kind = archive_kind(path)
    if kind is None:
        raise Unreadable("changed", "The archive is none any more: run the same command again.")
    with broken_as_unreadable(), opened_container(path, kind, called) as container:
        entry = _found(container, name)
        check_entry(entry, settings)
        size = 0
        with container.open(entry) as stream, target.open("wb") as file:
            while block := stream.read(BLOCK_BYTES):
                size += len(block)
                check_size(entry, size, settings)
                file.write(block)


def _found(container: Container, name: str) -> Entry:
    """The last entry of that name."""
    found: Entry | None = None
    try:
        for entry in container.entries():
            if entry.kind == "file" and not is_hidden(entry.name) and member_name(entry.name) == name:
                found = entry
    except BROKEN:  # behind the end of what is left of it
        if found is None:
            raise
    if found is None:
        raise Unreadable("changed", "It is not in the archive any more: run the same command again.")
    return found


def tar_to_plain(path: Path, target: Path, settings: ReadSettings) -> None:
    """Writes a compressed tar without its compression to `target`; nothing if it is none, is broken or too large."""
    with target.open("wb") as file:
        if archive_kind(path) != "packed tar":
            return
        with path.open("rb") as source:
            opener = stream_opener(source.read(HEAD_BYTES))
        try:
            with opener(path) if opener else path.open("rb") as stream:
                while block := stream.read(BLOCK_BYTES):
                    file.write(block)
                    if file.tell() > settings.max_archive_mb * MIB:
                        file.truncate(0)
                        return
        except BROKEN:
            file.truncate(0)
