"""Knows kinds of files that cannot be read, so that the failure says what to do with them.

Asked after the readers of what can be read, before plain text.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.failure_codes import FailureCode
from qwen_batch.reading.archive.kinds import TAR_MAGIC, TAR_MAGIC_AT
from qwen_batch.reading.parts.ole import ole_kind
from qwen_batch.reading.parts.reader import Reader, Unreadable, without_page_images
from qwen_batch.reading.parts.zip import BROKEN_ZIP, DAMAGED, PACKAGE, zip_kind
from qwen_batch.records import Page

ENCRYPTED_OFFICE = "application/x-ole-storage; encrypted"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a kind of file cannot be read, and what to do about it."""

    code: FailureCode
    message: str


def _unsupported(what: str, remedy: str) -> Refusal:
    return Refusal("unsupported", f"{what} cannot be read: {remedy}.")


MAGIC = (
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"%!PS", "application/postscript"),
    (b"\x7fELF", "application/x-executable"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"PAR1", "application/vnd.apache.parquet"),
)
OLE_MIMES = {
    "encrypted": ENCRYPTED_OFFICE,
    "ole": "application/x-ole-storage",
}
ZIP = "application/zip"
TAR = "application/x-tar"
_UNPACK = "unpack it and give the files in it"
REFUSALS: dict[str, Refusal] = {
    ENCRYPTED_OFFICE: Refusal("encrypted", "The document is protected with a password: save it without one."),
    "application/x-ole-storage": _unsupported("This Microsoft file of the old kind", "save it as PDF"),
    BROKEN_ZIP: Refusal("damaged", DAMAGED),
    PACKAGE: _unsupported("A package of this kind", "save it as PDF or in another common format"),
    ZIP: _unsupported("A zip archive within a mail, or packed too deep in others,", _UNPACK),
    TAR: _unsupported("A tar archive within a mail, or packed too deep in others,", _UNPACK),
    "application/vnd.rar": _unsupported("A RAR archive", _UNPACK),
    "application/x-7z-compressed": _unsupported("A 7z archive", _UNPACK),
    "application/gzip": _unsupported("A gzip file", _UNPACK),
    "application/x-bzip2": _unsupported("A bzip2 file", _UNPACK),
    "application/x-xz": _unsupported("An xz file", _UNPACK),
    "application/zstd": _unsupported("A Zstandard file", _UNPACK),
    "application/postscript": _unsupported("A PostScript file", "convert it to PDF"),
    "application/x-executable": _unsupported("A program", "leave it out"),
    "application/vnd.sqlite3": _unsupported("A database", "export what is needed as CSV"),
    "application/vnd.apache.parquet": _unsupported("A Parquet table", "export it as CSV"),
}


def sniff(head: bytes, path: Path) -> str | None:
    """The MIME type of a kind that is known and cannot be read."""
    if kind := ole_kind(head, path):
        return OLE_MIMES.get(kind)
    if kind := zip_kind(head, path):
        return kind if kind in REFUSALS else ZIP if kind == "zip" else PACKAGE
    if head[TAR_MAGIC_AT : TAR_MAGIC_AT + len(TAR_MAGIC)] == TAR_MAGIC:
        return TAR
    return next((mime for magic, mime in MAGIC if head.startswith(magic)), None)


def read(path: Path, settings: ReadSettings) -> tuple[Page, ...]:  # noqa: ARG001
    """Always raises Unreadable, with the remedy."""
    with path.open("rb") as file:
        head = file.read(512)
    refusal = REFUSALS[sniff(head, path) or ZIP]
    raise Unreadable(refusal.code, refusal.message)


READER: Reader = Reader("refused", tuple(REFUSALS), sniff, read, without_page_images, sniff_order=20)
