"""What a zip file is, and whether it may be opened: its size unpacked, its number of entries, its passwords.

Shared by all office formats that are zip files. Python's zipfile never unpacks more of an entry than the directory
states, so that the sum over the directory is a limit, not a promise.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.reader import MIB, Unreadable

ZIP_MAGIC = b"PK\x03\x04"
MAX_ENTRIES = 50_000
MAX_TYPES_BYTES = 4 * MIB
ENCRYPTED_FLAG = 0x1
BROKEN_ZIP = "application/zip; damaged"
"""The kind of a zip file whose list of contents cannot be read."""
PACKAGE = "application/zip; package"
"""The kind of a zip file that is one document or program of another kind than those known here."""
PROGRAM_PARTS = frozenset(("META-INF/MANIFEST.MF", "AndroidManifest.xml", "Index/Document.iwa", "Index.zip"))
CONTENT_TYPES = "[Content_Types].xml"
DAMAGED = "The file is cut off or damaged: copy it again from where it came from, or open it and save it anew."
OFFICE_KINDS = (
    ("docx", re.compile(rb"wordprocessingml\.(?:document|template)\.main|ms-word\.(?:document|template)\.macro")),
    ("pptx", re.compile(rb"presentationml\.(?:presentation|slideshow|template)\.main|ms-powerpoint\.\w+\.macro")),
    ("xlsx", re.compile(rb"spreadsheetml\.(?:sheet|template)\.main|ms-excel\.(?:sheet|template)\.(?:macro|binary)")),
)
"""Kinds of Office Open XML by the content type of the main part (ECMA-376 part 1, 11 to 13)."""


def zip_kind(head: bytes, path: Path) -> str | None:
    """One of OFFICE_KINDS, the MIME type that an OpenDocument or EPUB states, PACKAGE, BROKEN_ZIP.

    "zip" for a plain one, None for no zip.
    """
    if not head.startswith(ZIP_MAGIC):
        return None
    state = path.stat()
    return _kind(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _kind(path: Path, _modified: int, _size: int) -> str:
    """`zip_kind` of a zip file, kept for a moment: several readers ask."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if CONTENT_TYPES in names:
                types = _beginning(archive, CONTENT_TYPES)
                return next((kind for kind, pattern in OFFICE_KINDS if pattern.search(types)), PACKAGE)
            if PROGRAM_PARTS & names:
                return PACKAGE
            stated = _beginning(archive, "mimetype").decode("ascii", "replace").strip() if "mimetype" in names else ""
            return stated if stated.startswith("application/") else "zip"
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return BROKEN_ZIP


def _beginning(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        return file.read(MAX_TYPES_BYTES)


@contextmanager
def opened_zip(path: Path, settings: ReadSettings) -> Iterator[zipfile.ZipFile]:
    """A zip file within the limits. Raises Unreadable: "damaged", "too_large", "encrypted"; also for its entries."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive.infolist(), path.stat().st_size, settings)
            yield archive
    except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error, KeyError) as error:
        raise Unreadable("damaged", f"{DAMAGED} ({error})") from None


def _check(entries: list[zipfile.ZipInfo], archive_size: int, settings: ReadSettings) -> None:
    # zipfile asks for as many bytes at once as the directory states, up to 2 GiB of them
    if beyond := [entry for entry in entries if entry.header_offset + entry.compress_size > archive_size]:
        raise Unreadable("damaged", f"{DAMAGED} ({beyond[0].filename!r} would end behind the end of the file)")
    if sum(entry.file_size for entry in entries) > settings.max_expanded_mb * MIB:
        limit = f"{settings.max_expanded_mb:g} MiB"
        raise Unreadable("too_large", f"Unpacked it is larger than {limit}: split it or raise read.max_expanded_mb.")
    if len(entries) > MAX_ENTRIES:
        message = f"It packs {len(entries)} files, more than {MAX_ENTRIES}: open it and save it anew, or split it."
        raise Unreadable("too_large", message)
    if any(entry.flag_bits & ENCRYPTED_FLAG for entry in entries):
        raise Unreadable("encrypted", "It is protected with a password: save it without one.")
