"""Small archives that tests make: zips and tars with entries of any name."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path


def zip_bytes(entries: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with these entries."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return file.getvalue()


def tar_bytes(entries: Mapping[str, bytes], mode: str = "w", others: tuple[tarfile.TarInfo, ...] = ()) -> bytes:
    """A tar with these files and other entries, compressed by `mode` ("w:gz")."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for other in others:
            archive.addfile(other)
    return file.getvalue()


def sealed(data: bytes, *names: str) -> bytes:
    """A zip whose entries of these names are marked as encrypted."""
    found = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        offsets = [info.header_offset for info in archive.infolist() if info.filename in names]
    for offset in offsets:
        found[offset + 6] |= 1
    at = found.find(b"PK\x01\x02")
    while at >= 0:
        length = int.from_bytes(found[at + 28 : at + 30], "little")
        if found[at + 46 : at + 46 + length].decode() in names:
            found[at + 8] |= 1
        at = found.find(b"PK\x01\x02", at + 46)
    return bytes(found)


def written(path: Path, data: bytes) -> Path:
    """A file with these bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
