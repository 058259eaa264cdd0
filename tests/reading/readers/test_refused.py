"""refused: a file that cannot be read says what to do; a bomb is not opened."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest
from docx import Document
from helpers.archives import tar_bytes
from helpers.read import failure_of, write

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.reader import sniff_mime


def ole(*streams: str) -> bytes:
    """A compound file with nothing but its directory ([MS-CFB] 2.2, 2.6): the streams' names."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<H", header, 30, 9)
    struct.pack_into("<I", header, 48, 1)
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    fat = struct.pack("<128I", 0xFFFFFFFD, *range(2, 128), 0xFFFFFFFE)
    directory = b""
    for name in ("Root Entry", *streams):
        encoded = name.encode("utf-16-le")
        directory += encoded.ljust(64, b"\0") + struct.pack("<H", len(encoded) + 2) + b"\0" * 62
    return bytes(header) + fat + directory.ljust(-(-len(directory) // 512) * 512, b"\0")


def zipped(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("streams", "code", "remedy"),
    [
        (("EncryptedPackage", "EncryptionInfo"), "encrypted", "without one"),
        (("Something",), "unsupported", "save it as PDF"),
    ],
)
def test_old_office_files_by_their_streams(tmp_path: Path, streams: tuple[str, ...], code: str, remedy: str) -> None:
    failure = failure_of(write(tmp_path / "a.docx", ole(*streams)))
    assert failure.code == code
    assert remedy in failure.message


def test_directory_that_goes_round_in_circles_ends(tmp_path: Path) -> None:
    data = bytearray(ole("Something"))
    struct.pack_into("<I", data, 512 + 4, 1)  # the directory's sector names itself as the next one
    assert failure_of(write(tmp_path / "a.doc", bytes(data))).code == "unsupported"
    assert failure_of(write(tmp_path / "b.doc", bytes(data[:600]))).code == "unsupported"


def test_broken_old_workbook_is_damaged(tmp_path: Path) -> None:
    assert failure_of(write(tmp_path / "a.xls", ole("Workbook"))).code == "damaged"


def test_plain_zip_says_to_unpack_it(tmp_path: Path) -> None:
    failure = failure_of(zipped(tmp_path / "a.docx", **{"notes.txt": b"text"}))
    assert failure.code == "unsupported"
    assert "unpack it" in failure.message


@pytest.mark.parametrize(
    ("streams", "mime"),
    [
        (("WordDocument",), "application/msword"),
        (("a", "b", "c", "d", "e", "PowerPoint Document"), "application/vnd.ms-powerpoint"),
        (("__properties_version1.0",), "application/vnd.ms-outlook"),
    ],
)
def test_old_office_files_that_have_a_reader_of_their_own(tmp_path: Path, streams: tuple[str, ...], mime: str) -> None:
    path = write(tmp_path / "a.docx", ole(*streams))
    assert sniff_mime(path) == mime
    assert failure_of(path).code in {"damaged", "unsupported"}


@pytest.mark.parametrize(
    "entries",
    [{"mimetype": b"application/vnd.oasis.opendocument.graphics"}, {"[Content_Types].xml": b"<Types/>"}],
    ids=["drawing", "office"],
)
def test_packages_that_no_reader_knows_are_not_to_be_unpacked(tmp_path: Path, entries: dict[str, bytes]) -> None:
    failure = failure_of(zipped(tmp_path / "a", **entries))
    assert failure.code == "unsupported"
    assert "save it as PDF" in failure.message


def test_a_tar_within_other_files_says_to_unpack_it(tmp_path: Path) -> None:
    failure = failure_of(write(tmp_path / "a", tar_bytes({"a.txt": b"a"})))
    assert failure.code == "unsupported"
    assert "unpack it" in failure.message


def test_zip_without_its_end_is_damaged(tmp_path: Path) -> None:
    data = zipped(tmp_path / "a.zip", **{"notes.txt": b"text" * 100}).read_bytes()
    assert failure_of(write(tmp_path / "b.docx", data[:-30])).code == "damaged"


@pytest.mark.parametrize("head", [b"Rar!\x1a\x07\x01\0", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08\0", b"%!PS-Adobe-3.0\n"])
def test_other_archives_and_page_descriptions(tmp_path: Path, head: bytes) -> None:
    assert failure_of(write(tmp_path / "a.txt", head + bytes(100))).code == "unsupported"


@pytest.mark.parametrize("part", ["word/document.xml", "word/media/picture.bmp"])
def test_zip_bomb_is_too_large_before_it_is_unpacked(tmp_path: Path, part: str) -> None:
    Document().save(str(tmp_path / "a.docx"))
    with zipfile.ZipFile(tmp_path / "a.docx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    zipped(tmp_path / "bomb.docx", **(parts | {part: bytes(40 << 20)}))
    failure = failure_of(tmp_path / "bomb.docx", ReadSettings(max_expanded_mb=20))
    assert failure.code == "too_large"
    assert "read.max_expanded_mb" in failure.message


def test_zip_that_lies_about_its_size_is_damaged(tmp_path: Path) -> None:
    """The directory says 1,000 bytes where 40 MiB are packed: no more than is stated is ever unpacked."""
    Document().save(str(tmp_path / "a.docx"))
    with zipfile.ZipFile(tmp_path / "a.docx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    path = zipped(tmp_path / "liar.docx", **(parts | {"word/document.xml": bytes(40 << 20)}))
    data = path.read_bytes().replace(struct.pack("<I", 40 << 20), struct.pack("<I", 1000))
    assert failure_of(write(path, data), ReadSettings(max_expanded_mb=20)).code == "damaged"


def test_zip_part_that_would_end_behind_the_file_is_damaged(tmp_path: Path) -> None:
    """The directory says that 1 GiB is packed: zipfile would ask for as much memory at once."""
    Document().save(str(tmp_path / "a.docx"))
    data = (tmp_path / "a.docx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.docx") as archive:
        part = archive.getinfo("word/document.xml")
    stated = struct.pack("<II", part.compress_size, part.file_size)
    changed = data.replace(stated, struct.pack("<II", 1 << 30, part.file_size))
    failure = failure_of(write(tmp_path / "b.docx", changed), ReadSettings())
    assert failure.code == "damaged"
    assert "word/document.xml" in failure.message
