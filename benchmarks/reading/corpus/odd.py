"""Files that are not what they should be: damaged, encrypted, empty, mislabelled, and odd ones of other people."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path

from benchmarks.common import SAMPLES, test_helper

SEED = 24
CUT_SHARE = 0.6
FLIPPED_BYTES = 40
MAX_BYTES = 300_000
A_KIND = 2
"""So many files of a suffix are taken from each folder of DATA, the smallest ones."""
EVERY_ROBUST = 6
SUFFIXES = {
    *(".pdf", ".docx", ".pptx", ".xlsx", ".xlsm", ".xls", ".odt", ".ods", ".rtf", ".epub"),
    *(".csv", ".md", ".html", ".xml", ".txt", ".eml", ".mbox", ".png", ".jpg", ".gif", ".tif"),
}
LABELS = {"labels", "key", "box", "headers"}
MISLABELLED = {
    "pdf": "docx",
    "docx": "pdf",
    "xlsx": "csv",
    "png": "txt",
    "html": "pdf",
    "txt": "docx",
    "zip": "xlsx",
    "eml": "html",
    "doc": "docx",
    "epub": "zip",
}
"""What a file is, and what its name says."""
FOREIGN = {
    "program.exe": b"MZ\x90\0" + bytes(range(256)) * 20,
    "program": b"\x7fELF\2\1\1" + bytes(2000),
    "packed.rar": b"Rar!\x1a\x07\x01\0" + bytes(range(256)),
    "packed.7z": b"7z\xbc\xaf\x27\x1c\0\4" + bytes(range(256)),
    "sound.mp3": b"ID3\4\0\0\0\0\0\0" + bytes(range(256)) * 8,
    "film.mp4": b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 8,
    "base.sqlite": b"SQLite format 3\0" + bytes(4000),
    "table.parquet": b"PAR1" + bytes(range(256)) + b"PAR1",
    "blanks.txt": b" \n\t\n" * 50,
    "zeros.bin": bytes(5000),
    "signature.pdf": b"%PDF-1.7\n",
    "begin.docx": b"PK\3\4",
    "picture.png": b"\x89PNG\r\n\x1a\n",
    "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "one.txt": b"x",
}


def make_odd(folder: Path, good: Path) -> None:
    """Writes faulty files below `folder`, most of them made of the good ones."""
    folder.mkdir(parents=True)
    chance = random.Random(SEED)  # noqa: S311 - chance that can be repeated
    for path in sorted([*good.glob("good_0.*"), *good.glob("office_0.*")]):
        data = bytearray(path.read_bytes())
        (folder / f"cut_{path.name}").write_bytes(data[: int(len(data) * CUT_SHARE)])
        for _ in range(FLIPPED_BYTES):
            data[chance.randrange(len(data))] = chance.randrange(256)
        (folder / f"flipped_{path.name}").write_bytes(data)
    for suffix in ("pdf", "docx", "xlsx", "txt", "zip", "eml", "png"):
        (folder / f"empty.{suffix}").write_bytes(b"")
    for kind, name in MISLABELLED.items():
        for path in sorted(good.glob(f"*_0.{kind}"))[:1]:
            shutil.copy(path, folder / f"{kind}_called.{name}")
    for name, data in FOREIGN.items():
        (folder / name).write_bytes(data)
    (folder / "noise.dat").write_bytes(chance.randbytes(4000))
    _encrypted(folder, good)


def _encrypted(folder: Path, good: Path) -> None:
    compound, sealed = test_helper("compound")["compound"], test_helper("archives")["sealed"]
    for suffix in ("docx", "xlsx", "pptx"):
        parts = {"EncryptionInfo": bytes(200), "EncryptedPackage": random.Random(SEED).randbytes(5000)}  # noqa: S311
        (folder / f"encrypted.{suffix}").write_bytes(compound(parts))
    (folder / "encrypted.zip").write_bytes(sealed((good / "good_0.zip").read_bytes(), "a/one.txt", "b.html"))
    for path in sorted((SAMPLES / "bad").iterdir()):
        shutil.copy(path, folder / f"sample_{path.name}")


def take_real(folder: Path, data: Path) -> None:
    """Copies small documents of DATA and the cases: a few of each suffix and folder, of the robust PDFs a share."""
    for place in sorted(path for path in (*data.iterdir(), data.parent / "cases") if path.is_dir()):
        files = sorted(
            (path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES and not LABELS & set(path.parts)),
            key=lambda path: (path.stat().st_size, path),
        )
        taken: Counter[str] = Counter()
        chosen = []
        for at, path in enumerate(path for path in files if path.stat().st_size <= MAX_BYTES):
            if at % EVERY_ROBUST == 0 if place.name == "robust" else taken[path.suffix.lower()] < A_KIND:
                chosen.append(path)
                taken[path.suffix.lower()] += 1
        for path in chosen:
            target = folder / place.name / "_".join(path.relative_to(place).parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
