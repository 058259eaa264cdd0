"""store: what every place for files must do, tried on a local folder and on S3; and what only one of them can break."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qwen_batch.errors import OutputError
from qwen_batch.storage.places import Store, open_store


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "s3":
        return open_store(f"{request.getfixturevalue('s3_bucket')}/deep/prefix")
    return open_store(str(tmp_path / "deep" / "folder"))


def content(data: bytes) -> Callable[[BinaryIO], None]:
    def write(file: BinaryIO) -> None:
        file.write(data)

    return write


def fill(store: Store, *paths: str) -> None:
    for path in paths:
        store.put(path, content(path.encode()))


def names(store: Store, folder: str = "") -> list[str]:
    return [entry.path for entry in store.files(folder)]


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


def test_a_move_on_s3_that_died_half_way_is_completed_with_the_manifest_last(
    s3_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(f"{s3_bucket}/out")
    fill(store, "from/_manifest.json", "from/part-0.parquet", "from/part-1.parquet")

    class FaultyS3:
        """Dies when it has copied an object, before it removes the original."""

        def __init__(self, real: object) -> None:
            self._real = real

        def __getattr__(self, name: str) -> object:
            return getattr(self._real, name)

        def delete_file(self, _: str) -> None:
            raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(type(store), "_filesystem", FaultyS3(store._filesystem))
        with pytest.raises(KeyboardInterrupt):
            store.move("from", "to")
    assert names(store, "to") == ["to/part-0.parquet"]
    store.move("from", "to")
    assert names(store) == ["to/_manifest.json", "to/part-0.parquet", "to/part-1.parquet"]
    assert store.read("to/part-0.parquet") == b"from/part-0.parquet"


@pytest.mark.subprocess
def test_an_interrupted_upload_leaves_no_beginning_of_an_object(s3_bucket: str) -> None:
    program = f"""
    import signal, threading, _thread
    from qwen_batch.storage.places import open_store
    from qwen_batch.storage.s3 import S3Store
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what runs behind it with it ignored
    real = S3Store._upload
    def slow_upload(self, name, content):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        real(self, name, content)
    S3Store._upload = slow_upload
    store = open_store({s3_bucket!r})
    try:
        store.put("a.txt", lambda file: file.write(b"all of it"))
    except KeyboardInterrupt:
        print("interrupted", [store.read(entry.path) for entry in store.files()])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() in {"interrupted [b'all of it']", "interrupted []"}


def test_a_missing_bucket_is_named_with_a_remedy(s3_bucket: str) -> None:
    store = open_store(f"{s3_bucket}-that-nobody-made/out")
    with pytest.raises(OutputError, match="NO_SUCH_BUCKET") as caught:
        store.put("a.txt", content(b"x"))
    assert f"{store.root}/a.txt" in caught.value.message
    assert caught.value.remedy


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named_with_a_remedy(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied") as caught:
        open_store(str(tmp_path)).put("a.txt", content(b"x"))
    assert str(tmp_path) in caught.value.message


def test_a_disk_without_room_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    def full_disk(_file: BinaryIO) -> None:
        with Path("/dev/full").open("wb", buffering=0) as full:
            pq.write_table(pa.table({"a": [1]}), full)

    store = open_store(str(tmp_path))
    with pytest.raises(OutputError, match="No space left") as caught:
        store.put("a.parquet", full_disk)
    assert "make room" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    store = open_store(str(tmp_path / "out"))
    assert store.files() == []
    with pytest.raises(OutputError, match="out"):
        store.put("a.txt", content(b"x"))
