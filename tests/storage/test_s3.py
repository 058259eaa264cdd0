"""S3: a move that is no rename, uploads that are cut off, a bucket that is not there."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
from helpers.stores import content, fill, names

from qwen_batch.errors import OutputError
from qwen_batch.storage.places import open_store


def test_a_move_on_s3_that_died_half_way_is_completed_with_what_is_to_be_last_last(
    s3_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(f"{s3_bucket}/out")
    fill(store, "from/part-0.parquet", "from/part-1.parquet")

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
    assert names(store) == ["to/part-0.parquet", "to/part-1.parquet"]
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


def test_objects_beside_the_prefix_are_not_of_the_store(s3_bucket: str) -> None:
    fill(open_store(f"{s3_bucket}/out2"), "a.txt")
    store = open_store(f"{s3_bucket}/out/")
    fill(store, "b.txt")
    assert names(store) == ["b.txt"]
    assert store.uri("b.txt") == f"{s3_bucket}/out/b.txt"
