"""What is an archive: told by content, never by name. Office files and books are zip files too, and no archives."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Literal, cast

from qwen_batch.reading.parts.zip import ZIP_MAGIC, zip_kind

Kind = Literal["zip", "tar", "packed tar", "packed file", "mbox"]
OPENERS: tuple[tuple[bytes, Callable[[Path], BinaryIO]], ...] = (
    (b"\x1f\x8b\x08", lambda path: cast("BinaryIO", gzip.GzipFile(path))),
    (b"BZh", lambda path: cast("BinaryIO", bz2.BZ2File(path))),
    (b"\xfd7zXZ\0", lambda path: cast("BinaryIO", lzma.LZMAFile(path))),  # noqa: SIM115 - as the others
)
"""How a compressed stream begins, and what opens it."""
TAR_MAGIC_AT = 257
TAR_MAGIC = b"ustar"
TAR_HEADER_BYTES = 512
MBOX_MAGIC = b"From "
OFFICE_FIRST = (b"[Content_Types].xml", b"mimetype", b"_rels/.rels")
"""The first entry of nearly all Office files and books, which need no second look."""
ZIP_NAME_AT, ZIP_NAME_LENGTH_AT = 30, 26
HEAD_BYTES = 1024
BROKEN_STREAM = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError)

MESSAGE_START = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From [^\r\n]*\r?\n(?=[!-9;-~]+:)")
"""A line that begins a message of a mailbox (RFC 4155): behind an empty line, in front of a header field."""


def may_be_archive(head: bytes) -> bool:
    """Whether a file that begins so is worth a look in the child process."""
    if head.startswith(ZIP_MAGIC):
        length = int.from_bytes(head[ZIP_NAME_LENGTH_AT : ZIP_NAME_LENGTH_AT + 2], "little")
        return head[ZIP_NAME_AT : ZIP_NAME_AT + length] not in OFFICE_FIRST
    return _is_tar(head) or head.startswith((MBOX_MAGIC, *(magic for magic, _ in OPENERS)))


def archive_kind(path: Path) -> Kind | None:
    """The kind of an archive, None for any other file. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(ZIP_MAGIC):
        return "zip" if zip_kind(head, path) == "zip" else None
    if _is_tar(head):
        return "tar"
    if head.startswith(MBOX_MAGIC):
        return "mbox" if _holds_messages(path) else None
    opener = stream_opener(head)
    return None if opener is None else _packed_kind(path, opener)


def stream_opener(head: bytes) -> Callable[[Path], BinaryIO] | None:
    """What opens a compressed stream that begins so."""
    return next((opener for magic, opener in OPENERS if head.startswith(magic)), None)


def _packed_kind(path: Path, opener: Callable[[Path], BinaryIO]) -> Kind:
    try:
        with opener(path) as stream:
            return "packed tar" if _is_tar(stream.read(TAR_HEADER_BYTES)) else "packed file"
    except BROKEN_STREAM:
        return "packed file"  # which says so when it is read


def _is_tar(head: bytes) -> bool:
    return head[TAR_MAGIC_AT : TAR_MAGIC_AT + len(TAR_MAGIC)] == TAR_MAGIC


def _holds_messages(path: Path) -> bool:
    """Whether a file is more than one message: a single one may begin with such a line too."""
    return len(message_starts(path.read_bytes(), most=2)) > 1


def message_starts(data: bytes, most: int | None = None) -> list[int]:
    """Where the messages of a mailbox begin."""
    found: list[int] = []
    for start in MESSAGE_START.finditer(data):
        found.append(start.start())
        if most is not None and len(found) == most:
            break
    return found
