"""A local store: what the disk refuses is named, what was begun is not left, what has moved stays moved."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers.stores import content, fill, names

from qwen_batch.errors import OutputError
from qwen_batch.storage.places import open_store


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


def test_a_folder_moves_by_one_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(str(tmp_path))
    fill(store, "from/part-0.parquet", "from/part-1.parquet")
    renamed: list[Path] = []
    real = Path.rename

    def watched(before: Path, after: Path) -> Path:
        renamed.append(before)
        return real(before, after)

    monkeypatch.setattr(Path, "rename", watched)
    store.move("from", "deep/to")
    assert renamed == [tmp_path / "from"]
    assert names(store) == ["deep/to/part-0.parquet", "deep/to/part-1.parquet"]


def test_files_and_their_folders_are_made_durable_before_they_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    store = open_store(str(tmp_path))
    fill(store, "new/a.txt")
    assert synced == [str(tmp_path), str(tmp_path / "new" / "a.txt.tmp"), str(tmp_path / "new")]
    synced.clear()
    store.move("new/a.txt", "b.txt")
    assert set(synced) == {str(tmp_path), str(tmp_path / "new")}


def test_a_folder_that_is_a_link_is_removed_as_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept.txt").write_text("kept")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path / "elsewhere")
    open_store(str(tmp_path / "out")).delete("link")
    assert (tmp_path / "elsewhere" / "kept.txt").exists()
    assert not (tmp_path / "out" / "link").is_symlink()
