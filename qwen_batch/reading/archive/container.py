"""The entries of one archive in their order, and their bytes. Limits are the business of `contents`.

Each kind is a small class with the same two methods. Links, devices and folders are entries too, so that they can be
counted. What is broken raises the error of the library, all of which are in BROKEN.
"""

from __future__ import annotations

import struct
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal, Protocol, cast

from qwen_batch.reading.archive.kinds import BROKEN_STREAM, HEAD_BYTES, Kind, message_starts, stream_opener
from qwen_batch.reading.archive.names import names_encoding
from qwen_batch.reading.parts.encoding import bytes_to_text
from qwen_batch.reading.parts.zip import ENCRYPTED_FLAG

BROKEN = (*BROKEN_STREAM, zipfile.BadZipFile, tarfile.TarError, KeyError, struct.error, NotImplementedError)
UTF8_FLAG = 0x800
UNIX_LINK, UNIX_TYPE_MASK = 0o120000, 0o170000
MANY_DIGITS = 6

EntryKind = Literal["file", "folder", "link", "device"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: sizes in bytes as the archive states them, -1 where it does not; `key` is for its container.

    Where entries are packed together the packed size is that of them all.
    """

    name: str
    kind: EntryKind
    size: int
    packed_size: int
    encrypted: bool
    key: object


class Container(Protocol):
    """An opened archive. Entries are opened in their order, or each on its own."""

    def entries(self) -> Iterator[Entry]:
        """All entries."""

    def open(self, entry: Entry) -> BinaryIO:
        """The bytes of a file among them."""

    def close(self) -> None:
        """Closes the archive."""


def opened_container(path: Path, kind: Kind, name: str) -> AbstractContextManager[Container]:
    """An archive of a kind; `name` is what the file is called. Raises what is in BROKEN."""
    if kind == "zip":
        return closing(_Zip(path))
    if kind == "mbox":
        return closing(_Mailbox(path))
    return closing(_Packed(path, name) if kind == "packed file" else _Tar(path, packed=kind == "packed tar"))


class _Zip:
    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path)
        self._size = path.stat().st_size

    def entries(self) -> Iterator[Entry]:
        infos = self._archive.infolist()
        named = {info: info.filename.encode("cp437", "replace") for info in infos if not info.flag_bits & UTF8_FLAG}
        encoding = names_encoding([raw for raw in named.values() if not _is_utf8(raw)])
        for info in infos:
            raw = named.get(info)
            name = info.filename if raw is None else raw.decode("utf-8" if _is_utf8(raw) else encoding, "replace")
            mode = info.external_attr >> 16 & UNIX_TYPE_MASK
            kind: EntryKind = "folder" if info.is_dir() else "link" if mode == UNIX_LINK else "file"
            encrypted = bool(info.flag_bits & ENCRYPTED_FLAG)
            yield Entry(name, kind, info.file_size, info.compress_size, encrypted, info)

    def open(self, entry: Entry) -> BinaryIO:
        info = cast("zipfile.ZipInfo", entry.key)
        if info.header_offset + info.compress_size > self._size:
            raise zipfile.BadZipFile("it would end behind the end of the archive")
        return cast("BinaryIO", self._archive.open(info))

    def close(self) -> None:
        self._archive.close()


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class _Tar:
    """A tar, also a compressed one, whose entries are best opened in their order."""

    def __init__(self, path: Path, *, packed: bool) -> None:
        self._packed_size = path.stat().st_size if packed else -1
        self._archive = tarfile.open(path, "r:*")  # noqa: SIM115 - closed by close

    def entries(self) -> Iterator[Entry]:
        for info in self._archive:
            kind: EntryKind = "device"
            if info.isdir():
                kind = "folder"
            elif info.isfile():
                kind = "file"
            elif info.issym() or info.islnk():
                kind = "link"
            yield Entry(_tar_name(info.name), kind, info.size, self._packed_size, encrypted=False, key=info)

    def open(self, entry: Entry) -> BinaryIO:
        stream = self._archive.extractfile(cast("tarfile.TarInfo", entry.key))
        if stream is None:
            raise tarfile.TarError("it is no file")
        return cast("BinaryIO", stream)

    def close(self) -> None:
        self._archive.close()


def _tar_name(name: str) -> str:
    raw = name.encode("utf-8", "surrogateescape")
    return name if _is_utf8(raw) else bytes_to_text(raw) or name


class _Packed:
    """A compressed file: the one entry is called like the archive without its last suffix."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    def entries(self) -> Iterator[Entry]:
        name = Path(self._name)
        yield Entry(
            name.stem if name.suffix else f"{name.name}.unpacked", "file", -1, self._path.stat().st_size, False, None
        )

    def open(self, entry: Entry) -> BinaryIO:  # noqa: ARG002
        with self._path.open("rb") as file:
            opener = stream_opener(file.read(HEAD_BYTES))
        if opener is None:
            raise EOFError("it is no compressed file any more")
        return opener(self._path)

    def close(self) -> None:
        pass


class _Mailbox:
    """A mailbox: its messages are called by their numbers."""

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes()

    def entries(self) -> Iterator[Entry]:
        starts = message_starts(self._data)
        for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(self._data)], strict=True), start=1):
            key = start, end
            size = end - start
            yield Entry(f"{number:0{MANY_DIGITS}}.eml", "file", size, size, encrypted=False, key=key)

    def open(self, entry: Entry) -> BinaryIO:
        start, end = cast("tuple[int, int]", entry.key)
        return BytesIO(mbox_message(self._data[start:end]))

    def close(self) -> None:
        pass


def mbox_message(data: bytes) -> bytes:
    """A message of a mailbox as it was sent: without the line that parts it, and the sign before lines like it."""
    _, _, message = data.partition(b"\n")
    return b"".join(
        line[1:] if line.lstrip(b">").startswith(b"From ") and line.startswith(b">") else line
        for line in message.splitlines(keepends=True)
    )
