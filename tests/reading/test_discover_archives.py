"""discover: each member of an archive is a document of its own, is read as one, and is opened no more than needed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from helpers.archives import sealed, tar_bytes, written, zip_bytes
from helpers.children import warm

from qwen_batch.config import Config, ReadSettings
from qwen_batch.outcomes import Failure
from qwen_batch.reading import hashing
from qwen_batch.reading.discover import Discovered, sources_to_documents
from qwen_batch.reading.document_to_text import ReadText, document_to_text, make_tools
from qwen_batch.reading.listing import check_input, inputs_to_listing
from qwen_batch.records import Document
from qwen_batch.storage.identity import by_known_names
from qwen_batch.storage.places import open_store
from qwen_batch.storage.sources import KnownSource, updated_index
from qwen_batch.storage.uris import document_name

pytestmark = pytest.mark.subprocess

LETTER = b"A letter from Alpha Ltd to Beta Ltd about the price of desks."
DEED = b"A deed between Gamma Ltd and Delta Ltd about the house at the lake."


def old(path: Path, data: bytes) -> Path:
    """A file that was written an hour ago."""
    then = time.time() - 3600
    os.utime(written(path, data), (then, then))
    return path


def look(
    *inputs: object, known: dict[str, KnownSource] | None = None, settings: ReadSettings | None = None
) -> Discovered:
    sources = by_known_names(inputs_to_listing([str(item) for item in inputs]).sources, known or {})
    return sources_to_documents(sources, known or {}, settings or ReadSettings())


def index_of(found: Discovered, known: dict[str, KnownSource], *inputs: object) -> dict[str, KnownSource]:
    named = [one.uri for one in inputs_to_listing([str(item) for item in inputs]).sources]
    return updated_index(known, found.sources, named, [str(item) for item in inputs])


def names(found: Discovered, folder: Path) -> list[str]:
    return [document.uri.removeprefix(f"{folder}/") for document in found.documents]


def text_of(document: Document, config: Config) -> str:
    read = document_to_text(document, warm(make_tools(config)))
    assert isinstance(read, ReadText), read
    return read.clean.text


def failure_of(document: Document, config: Config) -> Failure:
    read = document_to_text(document, warm(make_tools(config)))
    assert isinstance(read, Failure), read
    return read


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were opened to be hashed."""
    opened: list[str] = []
    real = hashing.opened
    monkeypatch.setattr(hashing, "opened", lambda uri: (opened.append(document_name(uri)), real(uri))[1])
    return opened


def test_members_stand_in_the_place_of_their_archive_and_are_read(tmp_path: Path, null_config: Config) -> None:
    inner = tar_bytes({"deed.txt": DEED}, "w:gz")
    old(tmp_path / "b.zip", zip_bytes({"in/letter.txt": LETTER, "more.tgz": inner}))
    old(tmp_path / "a.txt", b"The first file of all, in words.")
    old(tmp_path / "c.txt", b"The last file of all, in words.")
    found = look(tmp_path)
    assert names(found, tmp_path) == ["a.txt", "b.zip!/in/letter.txt", "b.zip!/more.tgz!/deed.txt", "c.txt"]
    assert found.documents[1].archive == str(tmp_path / "b.zip")
    assert [text_of(document, null_config) for document in found.documents[1:3]] == [LETTER.decode(), DEED.decode()]
    assert document_name(found.documents[2].uri) == "deed.txt"


def test_an_unchanged_archive_is_not_opened_again(tmp_path: Path, counted: list[str]) -> None:
    old(tmp_path / "a.zip", zip_bytes({"a.txt": LETTER, "b.txt": DEED}))
    first = look(tmp_path)
    index = index_of(first, {}, tmp_path)
    assert counted == ["a.zip"]
    assert {uri.rpartition("/")[2]: one.state for uri, one in index.items()} == {
        "a.zip": "archive", "a.txt": "present", "b.txt": "present"
    }  # fmt: skip
    second = look(tmp_path, known=index)
    assert counted == ["a.zip"]
    assert second.documents == first.documents
    assert index_of(second, index, tmp_path) == index


def test_a_changed_archive_loses_the_members_that_are_no_longer_in_it(tmp_path: Path) -> None:
    old(tmp_path / "a.zip", zip_bytes({"a.txt": LETTER, "b.txt": DEED}))
    index = index_of(look(tmp_path), {}, tmp_path)
    written(tmp_path / "a.zip", zip_bytes({"b.txt": DEED + b" Changed.", "c.txt": LETTER}))
    index = index_of(look(tmp_path, known=index), index, tmp_path)
    states = {uri.rpartition("/")[2]: one.state for uri, one in index.items()}
    assert states == {"a.zip": "archive", "a.txt": "deleted", "b.txt": "present", "c.txt": "present"}


def test_with_a_removed_archive_go_its_members_and_with_a_failing_one_they_stay(tmp_path: Path) -> None:
    old(tmp_path / "a.zip", zip_bytes({"a.txt": LETTER}))
    old(tmp_path / "b.txt", DEED)
    before = index_of(look(tmp_path), {}, tmp_path)
    (tmp_path / "a.zip").unlink()
    index = index_of(look(tmp_path, known=before), before, tmp_path)
    assert {one.state for uri, one in index.items() if "a.zip" in uri} == {"deleted"}
    written(tmp_path / "a.zip", zip_bytes({"x": b"1", "y": b"2"}))
    failing = look(tmp_path, known=before, settings=ReadSettings(max_archive_entries=1))
    assert [failure.code for failure in failing.failures] == ["too_large"]
    index = index_of(failing, before, tmp_path)
    assert index[f"{tmp_path}/a.zip!/a.txt"].state == "present"


@pytest.mark.parametrize("low", [ReadSettings(max_file_mb=0.00001), ReadSettings(max_archive_depth=1)])
def test_a_member_that_a_limit_kept_packed_is_read_when_the_limit_is_raised(
    tmp_path: Path, null_config: Config, low: ReadSettings
) -> None:
    old(tmp_path / "a.zip", zip_bytes({"in.zip": zip_bytes({"a.txt": LETTER})}))
    index = index_of(look(tmp_path, settings=low), {}, tmp_path)
    (document,) = look(tmp_path, known=index).documents
    assert document.uri.endswith("a.zip!/in.zip!/a.txt")
    assert text_of(document, null_config) == LETTER.decode()


def test_an_archive_that_is_cut_off_is_a_failure_and_what_is_left_of_it_is_read(tmp_path: Path) -> None:
    data = tar_bytes({"a.txt": LETTER, "b.bin": os.urandom(200_000)}, "w:gz")
    old(tmp_path / "a.tgz", data[: len(data) // 2])
    found = look(tmp_path)
    assert f"{tmp_path}/a.tgz!/a.txt" in [document.uri for document in found.documents]
    assert [(failure.code, failure.document.uri) for failure in found.failures] == [("damaged", f"{tmp_path}/a.tgz")]


def test_a_pattern_that_names_no_archive_says_nothing_of_its_members(tmp_path: Path) -> None:
    old(tmp_path / "a.zip", zip_bytes({"a.txt": LETTER}))
    old(tmp_path / "b.txt", DEED)
    index = index_of(look(tmp_path), {}, tmp_path)
    pattern = f"{tmp_path}/**/*.txt"
    assert index_of(look(pattern, known=index), index, pattern) == index


def test_a_member_can_be_named_and_is_read_alone(tmp_path: Path) -> None:
    old(tmp_path / "a.zip", zip_bytes({"a.txt": LETTER, "in/b.txt": DEED}))
    member = f"{tmp_path}/a.zip!/in/b.txt"
    check_input(member)
    assert [document.uri for document in look(member).documents] == [member]
    assert len(look(member, tmp_path).documents) == 2


def test_a_folder_whose_name_ends_in_an_exclamation_mark_is_a_folder(tmp_path: Path, null_config: Config) -> None:
    old(tmp_path / "urgent!" / "a.txt", LETTER)
    old(tmp_path / "b.zip", zip_bytes({"new!/c.txt": DEED}))
    found = look(tmp_path)
    assert names(found, tmp_path) == ["b.zip!/new!/c.txt", "urgent!/a.txt"]
    assert [text_of(document, null_config) for document in found.documents] == [DEED.decode(), LETTER.decode()]


def test_a_failure_names_archive_and_member(tmp_path: Path, null_config: Config) -> None:
    data = zip_bytes({"in/secret.txt": LETTER, "../up.txt": DEED, "ok.txt": DEED})
    old(tmp_path / "a.zip", sealed(data, "in/secret.txt"))
    failures = {
        document.uri.rpartition("/")[2]: failure_of(document, null_config)
        for document in look(tmp_path).documents
        if not document.uri.endswith("ok.txt")
    }
    assert {name: failure.code for name, failure in failures.items()} == {
        "secret.txt": "encrypted",
        "up.txt": "unsupported",
    }
    assert f"in/secret.txt in {tmp_path}/a.zip" in failures["secret.txt"].message


def test_an_archive_with_an_odd_name_and_odd_members(tmp_path: Path, null_config: Config) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 100%.zip"))
    old(path, zip_bytes({"50% off.txt": LETTER, "line\nbreak.txt": DEED}))
    found = look(tmp_path)
    assert [document_name(document.uri) for document in found.documents] == ["50% off.txt", "line%0Abreak.txt"]
    assert [text_of(document, null_config) for document in found.documents] == [LETTER.decode(), DEED.decode()]
    assert look(found.documents[1].uri).documents == found.documents[1:]


def test_a_limit_counts_documents_not_archives(tmp_path: Path) -> None:
    old(tmp_path / "a.zip", zip_bytes({f"{number}.txt": str(number).encode() for number in range(9)}))
    sources = inputs_to_listing([str(tmp_path)]).sources
    assert len(sources_to_documents(sources, {}, limit=4).documents) == 4


def test_an_archive_on_s3(s3_bucket: str, null_config: Config) -> None:
    store = open_store(s3_bucket)
    data = zip_bytes({"in/letter.txt": LETTER, "more.tgz": tar_bytes({"deed.txt": DEED}, "w:gz")})
    store.put("docs/a.zip", lambda file: file.write(data))
    found = look(f"{s3_bucket}/docs")
    assert [document.uri for document in found.documents] == [
        f"{s3_bucket}/docs/a.zip!/in/letter.txt",
        f"{s3_bucket}/docs/a.zip!/more.tgz!/deed.txt",
    ]
    assert [text_of(document, null_config) for document in found.documents] == [LETTER.decode(), DEED.decode()]
    member = found.documents[1].uri
    assert look(member).documents == found.documents[1:]
