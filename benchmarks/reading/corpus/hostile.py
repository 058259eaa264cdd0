"""Archives that want more than they should get: too many files, too much in a few bytes, too deep, out of their folder.

Each says what may become of it. Knows nothing of reading.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.common import test_helper

MEMBERS = 1_000
TOO_MANY = 10_001
"""One more than read.max_archive_entries."""
BOMB_BYTES = 1 << 30
DEEP = 20
SECRET = "Heron seven four"  # noqa: S105 - words to look for
"""Stands in a file that links in archives point to: no document may say it."""
EVIL = "evil"
"""Is in the name of every member that leads out: no file of such a name may appear."""
GOOD_MEMBER = "inside.txt"
BLOCK = bytes(1 << 20)


@dataclass(frozen=True, slots=True)
class Hostile:
    """An archive and what may become of it: so many documents, and at least one failure of these codes, if any."""

    name: str
    data: bytes
    documents: int
    codes: frozenset[str] = frozenset()
    failures: int | None = None


def make_hostile(outside: Path) -> list[Hostile]:
    """All of them; their members lead to the folder `outside`, whose `secret.txt` links point to."""
    helper = test_helper("archives")
    zip_bytes, tar_bytes = helper["zip_bytes"], helper["tar_bytes"]
    tricks = _tricks(outside)
    files = {f"{number // 100}/{number}.txt": f"Note {number} of many.".encode() for number in range(MEMBERS)}
    many = {f"{number}.txt": b"x" for number in range(TOO_MANY)}
    bomb = _zip_bomb()
    large, no_kind = frozenset({"too_large"}), frozenset({"unsupported"})
    through_a_link = 1  # its name is a plain path: nothing is ever unpacked to where a link leads
    readable, led_out = 1 + through_a_link, len(tricks) - through_a_link
    return [
        Hostile("thousand.zip", zip_bytes(files), MEMBERS, failures=0),
        Hostile("thousand.tar.gz", tar_bytes(files, "w:gz"), MEMBERS, failures=0),
        Hostile("too_many.zip", zip_bytes(many), 0, large, 1),
        Hostile("too_many.tar.gz", tar_bytes(many, "w:gz"), 0, large, 1),
        Hostile("bomb.zip", bomb, 1, large, 1),
        Hostile("bomb.tar.gz", _tar_bomb(), 1, large),
        Hostile("bomb.txt.gz", _gzip_bomb(), 0, large, 1),
        Hostile("bomb_in.zip", zip_bytes({GOOD_MEMBER: b"Read me.", "more.zip": bomb}), 2, large, 1),
        Hostile("deep.zip", _nested(lambda name, data: zip_bytes({name: data}), "zip"), 0, no_kind, 1),
        Hostile("deep.tar.gz", _nested(lambda name, data: tar_bytes({name: data}, "w:gz"), "tar.gz"), 0, no_kind, 1),
        Hostile("tricks.zip", _tricky_zip(zip_bytes, tricks, outside), readable, no_kind, led_out),
        Hostile(
            "tricks.tar",
            tar_bytes({GOOD_MEMBER: b"Read me."} | tricks, "w", _links(outside)),
            readable,
            no_kind,
            led_out,
        ),
        Hostile(
            "tricks.tar.gz",
            tar_bytes({GOOD_MEMBER: b"Read me."} | tricks, "w:gz", _links(outside)),
            readable,
            no_kind,
            led_out,
        ),
    ]


def _tricks(outside: Path) -> dict[str, bytes]:
    names = [
        f"../{EVIL}_up.txt",
        f"../../../{EVIL}_far.txt",
        f"a/../../{EVIL}_between.txt",
        f"{outside}/{EVIL}_absolute.txt",
        f"C:\\{EVIL}_drive.txt",
        f"C:/{EVIL}_drive2.txt",
        f"..\\..\\{EVIL}_back.txt",
        f"\\\\host\\share\\{EVIL}_unc.txt",
        f"link/{EVIL}_through.txt",
    ]
    return dict.fromkeys(names, b"I lead out.")


def _links(outside: Path) -> tuple[tarfile.TarInfo, ...]:
    made = []
    for name, kind, target in (
        ("link", tarfile.SYMTYPE, str(outside)),
        (f"{EVIL}_link.txt", tarfile.SYMTYPE, str(outside / "secret.txt")),
        (f"{EVIL}_hard.txt", tarfile.LNKTYPE, str(outside / "secret.txt")),
        (f"{EVIL}_device", tarfile.CHRTYPE, ""),
        (f"{EVIL}_pipe", tarfile.FIFOTYPE, ""),
    ):
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, target
        made.append(info)
    return tuple(made)


def _tricky_zip(zip_bytes: Callable[[Mapping[str, bytes]], bytes], tricks: Mapping[str, bytes], outside: Path) -> bytes:
    file = io.BytesIO(zip_bytes({GOOD_MEMBER: b"Read me.", **tricks}))
    with zipfile.ZipFile(file, "a") as archive:
        for name, target in (("link", outside), (f"{EVIL}_link.txt", outside / "secret.txt")):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, 0o120777 << 16  # a symbolic link, as Unix writes it
            archive.writestr(info, str(target))
    return file.getvalue()


def _zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(GOOD_MEMBER, "Read me.")
        with archive.open("zeros.txt", "w", force_zip64=True) as member:
            for _ in range(BOMB_BYTES // len(BLOCK)):
                member.write(BLOCK)
    return file.getvalue()


def _tar_bomb() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, size, stream in ((GOOD_MEMBER, 8, io.BytesIO(b"Read me.")), ("zeros.txt", BOMB_BYTES, _Zeros())):
            info = tarfile.TarInfo(name)
            info.size = size
            archive.addfile(info, stream)
    return file.getvalue()


class _Zeros(io.RawIOBase):
    """Zeros without end."""

    def read(self, size: int = -1) -> bytes:
        return BLOCK[:size] if 0 <= size <= len(BLOCK) else BLOCK


def _gzip_bomb() -> bytes:
    file = io.BytesIO()
    with gzip.GzipFile(fileobj=file, mode="w") as packed:
        for _ in range(BOMB_BYTES // len(BLOCK)):
            packed.write(BLOCK)
    return file.getvalue()


def _nested(pack: Callable[[str, bytes], bytes], suffix: str) -> bytes:
    name, data = "bottom.txt", b"Deep down."
    for level in range(DEEP):
        data = pack(name, data)
        name = f"level{level}.{suffix}"
    return data
