"""Tells files in Microsoft's Compound File Binary format apart by the names in their directory ([MS-CFB], 2.6)."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENTRY_BYTES = 128
NAME_LENGTH_AT = 64
MAX_DIRECTORY_SECTORS = 4096
LAST_SECTOR = 0xFFFFFFFA
"""Sector numbers from here on mean something else than a place in the file."""
FAT_SECTORS_IN_HEADER = 109
MIN_SECTOR_SHIFT, MAX_SECTOR_SHIFT = 9, 12
"""Sectors have 512 or 4096 bytes, whatever a broken header says."""
KINDS = (
    ("encrypted", {"encryptedpackage"}),
    ("doc", {"worddocument"}),
    ("xls", {"workbook", "book"}),
    ("ppt", {"powerpoint document"}),
    ("msg", {"__properties_version1.0"}),
)


def ole_kind(head: bytes, path: Path) -> str | None:
    """One of KINDS ("encrypted" is an Office file behind a password), "ole" for others, None for another format."""
    if not head.startswith(OLE_MAGIC):
        return None
    try:
        with path.open("rb") as file:
            names = _directory(file)
    except (struct.error, ValueError):
        return "ole"
    return next((kind for kind, streams in KINDS if streams & names), "ole")


def _directory(file: BinaryIO) -> set[str]:
    """The names of all streams, in lower case. Raises struct.error for a file that ends too early."""
    header = file.read(512)
    (shift,) = struct.unpack_from("<H", header, 30)
    (sector,) = struct.unpack_from("<I", header, 48)
    fat = struct.unpack_from(f"<{FAT_SECTORS_IN_HEADER}I", header, 76)
    size = 1 << min(max(shift, MIN_SECTOR_SHIFT), MAX_SECTOR_SHIFT)
    names: set[str] = set()
    seen: set[int] = set()
    while sector < LAST_SECTOR and sector not in seen and len(seen) < MAX_DIRECTORY_SECTORS:
        seen.add(sector)
        file.seek((sector + 1) * size)
        data = file.read(size)
        for at in range(0, len(data) - ENTRY_BYTES + 1, ENTRY_BYTES):
            (length,) = struct.unpack_from("<H", data, at + NAME_LENGTH_AT)
            names.add(data[at : at + max(min(length, NAME_LENGTH_AT) - 2, 0)].decode("utf-16-le", "replace").lower())
        sector = _next_sector(file, fat, sector, size)
    return names


def _next_sector(file: BinaryIO, fat: tuple[int, ...], sector: int, size: int) -> int:
    index, within = divmod(sector, size // 4)
    if index >= len(fat) or fat[index] >= LAST_SECTOR:
        return LAST_SECTOR
    file.seek((fat[index] + 1) * size + within * 4)
    (following,) = struct.unpack("<I", file.read(4))
    return int(following)
