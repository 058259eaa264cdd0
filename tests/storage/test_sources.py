"""sources: what an output remembers of its inputs, when it believes a stamp, and which files it takes for deleted."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from qwen_batch.reading import hashing
from qwen_batch.reading.discover import Discovered, inputs_to_sources, sources_to_documents
from qwen_batch.storage.places import open_store
from qwen_batch.storage.sources import INDEX_SCHEMA, KnownSource, covers, read_index, updated_index, write_index

HOUR_S = 3600


def put(path: Path, text: str, age_s: float = HOUR_S) -> Path:
    """A file that was written some time ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    then = time.time() - age_s
    os.utime(path, (then, then))
    return path


def look(folder: Path, known: dict[str, KnownSource]) -> Discovered:
    return sources_to_documents(inputs_to_sources([str(folder)]), known)


def index_of(found: Discovered) -> dict[str, KnownSource]:
    return {source.source_uri: source for source in found.sources}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were opened to be hashed."""
    names: list[str] = []
    real = hashing.opened

    def counting_open(uri: str) -> object:
        names.append(Path(uri).name)
        return real(uri)

    monkeypatch.setattr(hashing, "opened", counting_open)
    return names


def test_a_file_that_has_not_changed_is_not_opened_again(tmp_path: Path, opened: list[str]) -> None:
    put(tmp_path / "a.txt", "a")
    put(tmp_path / "b.txt", "b")
    first = look(tmp_path, {})
    assert opened == ["a.txt", "b.txt"]
    second = look(tmp_path, index_of(first))
    assert opened == ["a.txt", "b.txt"]
    assert second == first


def test_a_changed_file_and_a_new_one_are_opened(tmp_path: Path, opened: list[str]) -> None:
    put(tmp_path / "a.txt", "same size 1")
    put(tmp_path / "b.txt", "b")
    known = index_of(look(tmp_path, {}))
    opened.clear()
    put(tmp_path / "a.txt", "same size 2")
    put(tmp_path / "c.txt", "c")
    found = look(tmp_path, known)
    assert opened == ["a.txt", "c.txt"]
    assert found.documents[0].id != known[str(tmp_path / "a.txt")].doc_id


def test_a_file_that_was_replaced_by_one_of_the_same_size_and_time_is_opened(tmp_path: Path, opened: list[str]) -> None:
    path = put(tmp_path / "a.txt", "one")
    known = index_of(look(tmp_path, {}))
    status = path.stat()
    other = put(tmp_path.parent / "other.txt", "two")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.rename(path)
    look(tmp_path, known)
    assert opened == ["a.txt", "a.txt"]


def test_the_stamp_of_a_file_hashed_right_after_it_was_written_is_not_believed(
    tmp_path: Path, opened: list[str]
) -> None:
    put(tmp_path / "a.txt", "a", age_s=0)
    look(tmp_path, index_of(look(tmp_path, {})))
    assert opened == ["a.txt", "a.txt"]


@pytest.mark.parametrize("kind", ["local", "s3"])
def test_the_index_comes_back_as_it_was_written(tmp_path: Path, request: pytest.FixtureRequest, kind: str) -> None:
    place = request.getfixturevalue("s3_bucket") if kind == "s3" else str(tmp_path)
    store = open_store(place)
    assert read_index(store, "index.parquet") == {}
    write_index(store, "index.parquet", {})
    assert read_index(store, "index.parquet") == {}
    known = KnownSource("/合同.pdf", "ab" * 32, 12, "1-2-3", 1_800_000_000_000_000_000, 1_800_000_000_000_000_001)
    index = {"/合同.pdf": known, "/b.pdf": replace(known, source_uri="/b.pdf", state="deleted")}
    write_index(store, "index.parquet", index)
    assert read_index(store, "index.parquet") == index
    assert INDEX_SCHEMA.names[:2] == ["source_uri", "doc_id"]


def states(index: dict[str, KnownSource]) -> dict[str, str]:
    return {Path(uri).name: known.state for uri, known in index.items()}


def after_deleting(tmp_path: Path, inputs: list[str]) -> dict[str, str]:
    """The states when a.txt has been deleted and the inputs are looked at."""
    for name in ("docs/a.txt", "docs/b.txt", "elsewhere/c.txt"):
        put(tmp_path / name, name)
    known = index_of(look(tmp_path, {}))
    (tmp_path / "docs" / "a.txt").unlink()
    sources = inputs_to_sources(inputs)
    found = sources_to_documents(sources, known)
    return states(updated_index(known, found.sources, [source.uri for source in sources], inputs))


@pytest.mark.parametrize("pattern", ["docs", "docs/*.txt", "**/*.txt", "d*", "docs/**"])
def test_a_file_that_an_input_would_name_and_that_has_gone_is_deleted(tmp_path: Path, pattern: str) -> None:
    assert after_deleting(tmp_path, [str(tmp_path / pattern)]) == {
        "a.txt": "deleted", "b.txt": "present", "c.txt": "present",
    }  # fmt: skip


@pytest.mark.parametrize("pattern", ["elsewhere", "docs/b*", "*/c.txt"])
def test_a_file_that_no_input_would_name_stays_as_it_was(tmp_path: Path, pattern: str) -> None:
    assert set(after_deleting(tmp_path, [str(tmp_path / pattern)]).values()) == {"present"}


def test_a_deleted_file_that_comes_back_is_present(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", "a")
    found = look(tmp_path, {})
    known = {uri: replace(source, state="deleted") for uri, source in index_of(found).items()}
    again = look(tmp_path, known)
    assert states(updated_index(known, again.sources, known, [str(tmp_path)])) == {"a.txt": "present"}


@pytest.mark.parametrize(
    ("item", "covered"),
    [
        ("s3://b", ["a.pdf", "d/x.pdf", "d/e/y.txt"]),
        ("s3://b/d/", ["d/x.pdf", "d/e/y.txt"]),
        ("s3://b/d/x.pdf", ["d/x.pdf"]),
        ("s3://b/*.pdf", ["a.pdf"]),
        ("s3://b/**/*.pdf", ["a.pdf", "d/x.pdf"]),
        ("s3://b/d/?", ["d/e/y.txt"]),
        ("s3://b/d/.h/*", ["d/.h/z.pdf"]),
        ("s3://other", []),
        ("/b", []),
    ],
)
def test_an_input_covers_what_it_would_name(item: str, covered: list[str]) -> None:
    keys = ["a.pdf", "d/x.pdf", "d/e/y.txt", "d/.h/z.pdf"]
    assert [key for key in keys if covers(item, f"s3://b/{key}")] == covered
