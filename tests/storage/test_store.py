"""store: what every place for files must do, tried on a local folder and on S3."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers.stores import content, fill, names

from qwen_batch.storage.places import Store, open_store


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "s3":
        return open_store(f"{request.getfixturevalue('s3_bucket')}/deep/prefix")
    return open_store(str(tmp_path / "deep" / "folder"))


def test_a_file_is_read_as_it_was_written_and_replaced_as_a_whole(store: Store) -> None:
    store.put("a/b.txt", content(b"first and long"))
    store.put("a/b.txt", content(b"second"))
    assert store.read("a/b.txt") == b"second"
    (entry,) = store.files()
    assert (entry.path, entry.size) == ("a/b.txt", 6)
    assert entry.modified_ns > 1_700_000_000 * 10**9


def test_a_writer_that_raises_in_the_middle_leaves_nothing(store: Store) -> None:
    def faulty_writer(file: BinaryIO) -> None:
        file.write(b"a beginning")
        raise ZeroDivisionError

    fill(store, "kept.txt")
    for path in ("new.txt", "kept.txt"):
        with pytest.raises(ZeroDivisionError):
            store.put(path, faulty_writer)
    assert names(store) == ["kept.txt"]
    assert store.read("kept.txt") == b"kept.txt"


def test_a_file_opens_for_lines_and_for_parquet(store: Store) -> None:
    table = pa.table({"a": list(range(1000))})
    store.put("t.parquet", partial(pq.write_table, table))
    with store.open("t.parquet") as file:
        assert pq.read_table(file) == table
    with store.open("t.parquet") as file:
        assert pq.read_metadata(file).num_rows == 1000
    store.put("t.jsonl", content(b'{"a": 1}\n{"a": 2}\n'))
    with store.open("t.jsonl") as file:
        assert list(file) == [b'{"a": 1}\n', b'{"a": 2}\n']


def test_what_is_missing_is_missing(store: Store) -> None:
    for read in (store.read, store.open):
        with pytest.raises(FileNotFoundError):
            read("nowhere/x.txt")
    with pytest.raises(FileNotFoundError):
        store.move("nowhere", "elsewhere")
    assert not store.exists("nowhere")
    assert store.files("nowhere") == []
    store.delete("nowhere")


def test_files_are_listed_to_the_bottom_in_order_without_folders(store: Store) -> None:
    fill(store, "b/2.txt", "a.txt", "b/c/1.txt", ".hidden/x.txt", "b2.txt")
    assert names(store) == [".hidden/x.txt", "a.txt", "b/2.txt", "b/c/1.txt", "b2.txt"]
    assert names(store, "b") == ["b/2.txt", "b/c/1.txt"]
    assert store.exists("b")
    assert store.exists("b/2.txt")
    assert names(store, "a.txt") == ["a.txt"]


def test_an_emptied_folder_is_no_folder(store: Store) -> None:
    fill(store, "a/b/1.txt", "a/b/2.txt", "c.txt")
    store.delete("a/b/1.txt")
    store.delete("a/b/2.txt")
    assert names(store) == ["c.txt"]


def test_a_folder_is_deleted_with_all_in_it_and_nothing_beside_it(store: Store) -> None:
    fill(store, "a/1.txt", "a/b/2.txt", "ab.txt")
    store.delete("a")
    assert names(store) == ["ab.txt"]
    assert not store.exists("a")


def test_files_and_folders_move_whatever_they_are_called(store: Store) -> None:
    fill(store, "staging/t/run=1/part-0.parquet", "staging/t/run=1/_manifest.json", "staging/合同 1.txt")
    store.move("staging/t/run=1", "t/run=1")
    store.move("staging/合同 1.txt", "合同/a b.txt")
    assert names(store) == ["t/run=1/_manifest.json", "t/run=1/part-0.parquet", "合同/a b.txt"]
    assert store.read("合同/a b.txt") == "staging/合同 1.txt".encode()


def test_a_move_that_was_done_before_is_done(store: Store) -> None:
    fill(store, "a/1.txt", "b.txt")
    for _ in range(2):
        store.move("a", "x/y")
        store.move("b.txt", "x/b.txt")
    assert names(store) == ["x/b.txt", "x/y/1.txt"]
