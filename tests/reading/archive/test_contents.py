"""contents: each file in an archive once, within the limits, and nothing is written where an archive says."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from helpers.archives import sealed, tar_bytes, written, zip_bytes

from qwen_batch.config import ReadSettings
from qwen_batch.reading.archive.contents import Contents, archive_to_contents
from qwen_batch.reading.archive.unpack import tar_to_plain, unpack
from qwen_batch.reading.parts.reader import Unreadable

SETTINGS = ReadSettings()
MIB = 1 << 20


def look(path: Path, data: bytes, settings: ReadSettings = SETTINGS) -> Contents | None:
    return archive_to_contents(written(path, data), path.name, "seed", settings)


def names(contents: Contents | None) -> list[str]:
    assert contents is not None
    return [member.name for member in contents.members]


def unpacked(path: Path, name: str, target: Path, settings: ReadSettings = SETTINGS) -> bytes:
    unpack(path, path.name, name, target, settings)
    return target.read_bytes()


@pytest.mark.parametrize("form", ["a.zip", "a.tar", "a.tar.gz", "a.tar.bz2", "a.tar.xz", "no suffix"])
def test_members_are_found_by_content_with_their_hashes(tmp_path: Path, form: str) -> None:
    entries = {"b/one.txt": b"one", "two.txt": b"two" * 1000}
    mode = {"gz": "w:gz", "bz2": "w:bz2", "xz": "w:xz"}.get(form.rpartition(".")[2], "w")
    data = tar_bytes(entries, mode) if "tar" in form else zip_bytes(entries)
    contents = look(tmp_path / form, data)
    assert names(contents) == ["b/one.txt", "two.txt"]
    assert contents is not None
    assert [member.doc_id for member in contents.members] == [
        hashlib.sha256(bytes_).hexdigest() for bytes_ in entries.values()
    ]
    assert unpacked(tmp_path / form, "two.txt", tmp_path / "out") == entries["two.txt"]


@pytest.mark.parametrize(("pack", "suffix"), [(gzip.compress, "gz"), (bz2.compress, "bz2")])
def test_a_compressed_file_is_an_archive_of_one(tmp_path: Path, pack: object, suffix: str) -> None:
    path = tmp_path / f"list.csv.{suffix}"
    assert names(look(path, pack(b"a,b\n1,2\n"))) == ["list.csv"]
    assert unpacked(path, "list.csv", tmp_path / "out") == b"a,b\n1,2\n"


@pytest.mark.parametrize(
    "first", ["[Content_Types].xml", "META-INF/MANIFEST.MF", "mimetype"], ids=["office", "program", "book"]
)
def test_a_zip_that_is_one_document_or_program_is_no_archive(tmp_path: Path, first: str) -> None:
    assert look(tmp_path / "a.zip", zip_bytes({"x.txt": b"x", first: b"application/epub+zip"})) is None


def test_text_is_no_archive(tmp_path: Path) -> None:
    assert look(tmp_path / "a.zip", b"From now on, nothing.\n") is None


def test_members_of_archives_in_archives(tmp_path: Path) -> None:
    inner = tar_bytes({"c.txt": b"deep"}, "w:gz")
    contents = look(tmp_path / "a.zip", zip_bytes({"x/b.tgz": inner, "d.txt": b"flat"}))
    assert names(contents) == ["d.txt", "x/b.tgz!/c.txt"]


def test_a_thousand_members_are_a_thousand_documents(tmp_path: Path) -> None:
    data = zip_bytes({f"{number % 10}/{number}.txt": str(number).encode() for number in range(1000)})
    contents = look(tmp_path / "a.zip", data)
    assert contents is not None
    assert len({member.doc_id for member in contents.members}) == len(contents.members) == 1000


def test_more_files_than_allowed_are_named_with_the_setting(tmp_path: Path) -> None:
    data = zip_bytes({f"{number}": b"" for number in range(12)})
    with pytest.raises(Unreadable, match=r"read\.max_archive_entries"):
        look(tmp_path / "a.zip", data, ReadSettings(max_archive_entries=10))
    nested = zip_bytes({"a.zip": data, "b.zip": data})
    with pytest.raises(Unreadable, match=r"read\.max_archive_entries"):
        look(tmp_path / "b.zip", nested, ReadSettings(max_archive_entries=20))


def test_a_bomb_is_a_failing_member_and_its_neighbours_are_read(tmp_path: Path) -> None:
    data = zip_bytes({"bomb": bytes(40 * MIB), "good.txt": b"good"})
    contents = look(tmp_path / "a.zip", data)
    assert contents is not None
    assert [member.doc_id == hashlib.sha256(b"good").hexdigest() for member in contents.members] == [False, True]
    with pytest.raises(Unreadable, match=r"read\.max_archive_ratio"):
        unpacked(tmp_path / "a.zip", "bomb", tmp_path / "out")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_a_compressed_bomb_is_not_unpacked_to_its_end(tmp_path: Path, pack: object) -> None:
    look(tmp_path / "a.gz", pack(bytes(100 * MIB)))
    with pytest.raises(Unreadable, match=r"read\.max_archive_ratio"):
        unpacked(tmp_path / "a.gz", "a", tmp_path / "out")
    assert (tmp_path / "out").stat().st_size < 40 * MIB


def test_a_compressed_tar_of_a_bomb_is_a_failing_member(tmp_path: Path) -> None:
    contents = look(tmp_path / "a.tgz", tar_bytes({"bomb": bytes(60 * MIB), "good.txt": b"good"}, "w:gz"))
    assert names(contents) == ["bomb", "good.txt"]
    with pytest.raises(Unreadable, match=r"read\.max_archive_ratio"):
        unpacked(tmp_path / "a.tgz", "bomb", tmp_path / "out")


def test_an_archive_larger_than_allowed_is_named_with_the_setting(tmp_path: Path) -> None:
    data = zip_bytes({"a": b"x" * MIB, "b": b"y" * MIB}, zipfile.ZIP_STORED)
    with pytest.raises(Unreadable, match=r"read\.max_archive_mb"):
        look(tmp_path / "a.zip", data, ReadSettings(max_archive_mb=1.5))
    packed = zip_bytes({"x.gz": gzip.compress(b"".join(bytes([n % 251]) * 3 for n in range(MIB)))})
    with pytest.raises(Unreadable, match=r"read\.max_archive_mb"):
        look(tmp_path / "b.zip", packed, ReadSettings(max_archive_mb=1))


def test_archives_nested_twenty_deep_end_at_the_limit(tmp_path: Path) -> None:
    data = zip_bytes({"core.txt": b"core"})
    for _ in range(19):
        data = zip_bytes({"inner.zip": data, "side.txt": b"side"})
    contents = look(tmp_path / "a.zip", data)
    found = names(contents)
    assert sum(name.endswith("side.txt") for name in found) == SETTINGS.max_archive_depth
    assert [name for name in found if not name.endswith("side.txt")] == ["!/".join(["inner.zip"] * 5)]


@pytest.mark.parametrize("name", ["../../out.txt", "/etc/out.txt", "C:\\out.txt", "a/../../out.txt", "..\\out.txt"])
def test_a_path_that_leads_out_is_a_failing_member_and_writes_nothing(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "deep" / "er"
    contents = look(folder / "a.zip", zip_bytes({name: b"evil", "good.txt": b"good"}))
    (trick,) = [found for found in names(contents) if found != "good.txt"]
    assert ".." not in trick.split("/")
    assert not trick.startswith("/")
    with pytest.raises(Unreadable, match="leads out of the archive"):
        unpacked(folder / "a.zip", trick, tmp_path / "target")
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file() and path.name != "target") == ["a.zip"]


def test_links_and_devices_are_counted_and_never_followed(tmp_path: Path) -> None:
    link, device = tarfile.TarInfo("link"), tarfile.TarInfo("device")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    device.type = tarfile.CHRTYPE
    contents = look(tmp_path / "a.tar", tar_bytes({"a.txt": b"a"}, others=(link, device)))
    assert names(contents) == ["a.txt"]
    assert contents is not None
    assert contents.left_out == ("1 x device", "1 x link")


def test_what_is_hidden_is_left_out_as_in_a_folder(tmp_path: Path) -> None:
    data = zip_bytes({"__MACOSX/a.txt": b"1", ".git/x": b"2", "b/.DS_Store": b"3", "./c.txt": b"4"})
    assert names(look(tmp_path / "a.zip", data)) == ["c.txt"]


def test_of_two_members_of_a_name_the_last_is_read_as_unpacking_would_leave_it(tmp_path: Path) -> None:
    contents = look(tmp_path / "a.tar", tar_bytes({"a.txt": b"old", "./a.txt": b"new"}))
    assert contents is not None
    assert [member.doc_id for member in contents.members] == [hashlib.sha256(b"new").hexdigest()]
    assert "another file has too" in contents.left_out[0]
    assert unpacked(tmp_path / "a.tar", "a.txt", tmp_path / "out") == b"new"


def test_a_member_behind_a_password_is_a_failing_one_and_all_of_them_are_a_failing_archive(tmp_path: Path) -> None:
    data = zip_bytes({"secret.txt": b"secret", "open.txt": b"open"})
    assert names(look(tmp_path / "a.zip", sealed(data, "secret.txt"))) == ["open.txt", "secret.txt"]
    with pytest.raises(Unreadable) as caught:
        unpacked(tmp_path / "a.zip", "secret.txt", tmp_path / "out")
    assert caught.value.code == "encrypted"
    with pytest.raises(Unreadable, match="protected with a password"):
        look(tmp_path / "b.zip", sealed(data, "secret.txt", "open.txt"))


def test_a_damaged_member_costs_no_other(tmp_path: Path) -> None:
    data = zip_bytes({"bad.txt": b"0123456789" * 9, "good.txt": b"good"}, zipfile.ZIP_STORED)
    contents = look(tmp_path / "a.zip", data.replace(b"0123456789", b"9876543210", 1))
    assert names(contents) == ["bad.txt", "good.txt"]
    with pytest.raises(Unreadable, match="damaged"):
        unpacked(tmp_path / "a.zip", "bad.txt", tmp_path / "out")


def test_a_tar_that_is_cut_off_gives_what_is_left_and_says_so(tmp_path: Path) -> None:
    noise = hashlib.shake_256(b"x").digest(200_000)
    data = tar_bytes({"a.txt": b"a", "b.bin": noise, "c.txt": b"c"}, "w:gz")
    contents = look(tmp_path / "a.tgz", data[: len(data) // 2])
    assert contents is not None
    assert "a.txt" in names(contents)
    assert "cut off or damaged" in contents.cut_off
    assert "copy it again" in contents.cut_off
    assert unpacked(tmp_path / "a.tgz", "a.txt", tmp_path / "out") == b"a"


def test_an_empty_archive_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="holds no files"):
        look(tmp_path / "a.zip", zip_bytes({"folder/": b"", ".hidden": b"x"}))


def test_names_of_other_alphabets(tmp_path: Path) -> None:
    data = zip_bytes({"XXXXXXXX.txt": b"1", "YYYYYYYY.txt": b"2"})
    for old, new in (("X" * 8, "合同编号"), ("Y" * 8, "付款条件")):
        data = data.replace(old.encode(), new.encode("gb18030"))
    assert names(look(tmp_path / "a.zip", data)) == ["付款条件.txt", "合同编号.txt"]


def test_a_mailbox_is_an_archive_of_its_messages(tmp_path: Path) -> None:
    one = b"From a@x Mon Jan  1 00:00:00 2024\nSubject: one\nMessage-ID: <1@x>\n\nFirst\n>From here on\nFrom there\n\n"
    two = b"From b@x Mon Jan  1 00:00:00 2024\nSubject: two\nMessage-ID: <2@x>\n\nSecond\n"
    assert names(look(tmp_path / "a.mbox", one + two)) == ["000001.eml", "000002.eml"]
    assert unpacked(tmp_path / "a.mbox", "000001.eml", tmp_path / "out").endswith(
        b"First\nFrom here on\nFrom there\n\n"
    )
    assert look(tmp_path / "b.eml", one) is None


def test_a_compressed_tar_is_unpacked_once_for_all_its_members(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tgz", tar_bytes({"a.txt": b"a"}, "w:gz"))
    tar_to_plain(path, tmp_path / "plain", SETTINGS)
    assert unpacked(tmp_path / "plain", "a.txt", tmp_path / "out") == b"a"
    tar_to_plain(written(tmp_path / "b.gz", gzip.compress(b"no tar")), tmp_path / "none", SETTINGS)
    assert (tmp_path / "none").stat().st_size == 0


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    look(tmp_path / "a.zip", zip_bytes({"b.zip": zip_bytes({"c.txt": b"c"}), "../d.txt": b"d"}))
    assert list(place.iterdir()) == []
