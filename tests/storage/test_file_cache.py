"""file_cache: what is kept comes back whole or not at all, and the folder stays within its limit."""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from qwen_batch.storage.file_cache import FileCache

MIB = 1 << 20


def key(number: int) -> str:
    return f"{number:064x}"[::-1]


def noise(seed: int, size: int = 10_000) -> bytes:
    return random.Random(seed).randbytes(size)


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def test_what_was_put_comes_back(tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "new", MIB)
    assert cache.get(key(1)) is None
    cache.put(key(1), b"one")
    cache.put(key(1), b"another")
    assert FileCache(tmp_path / "new", MIB).get(key(1)) == b"another"


@pytest.mark.parametrize("damage", [b"", b"x", None], ids=["emptied", "overwritten", "cut"])
def test_a_damaged_entry_is_a_miss_and_goes(tmp_path: Path, damage: bytes | None) -> None:
    cache = FileCache(tmp_path, MIB)
    cache.put(key(1), noise(1))
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    file.write_bytes(file.read_bytes()[:-5] if damage is None else damage)
    assert cache.get(key(1)) is None
    assert not file.exists()


def test_the_limit_holds_and_what_was_used_last_stays(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, 200_000)
    for number in range(15):
        cache.put(key(number), noise(number))
        os.utime(tmp_path / key(number)[:2] / key(number), (1000 + number, 1000 + number))
    assert cache.get(key(0)) is not None  # reading is using
    for number in range(20, 30):
        cache.put(key(number), noise(number))
    assert size_of(tmp_path) <= 200_000 + 10_100
    assert cache.get(key(0)) is not None
    assert cache.get(key(1)) is None
    assert cache.get(key(29)) is not None


def test_a_folder_that_cannot_be_written_only_means_that_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = FileCache(tmp_path / "file" / "below", MIB)
    cache.put(key(1), b"one")
    assert cache.get(key(1)) is None


def test_what_a_dead_process_left_goes_and_what_a_live_one_writes_stays(tmp_path: Path) -> None:
    (tmp_path / "ab").mkdir()
    old, new = tmp_path / "ab" / "1.tmp", tmp_path / "ab" / "2.tmp"
    for file in (old, new):
        file.write_bytes(b"half")
    two_hours_ago = time.time() - 7200
    os.utime(old, (two_hours_ago, two_hours_ago))
    FileCache(tmp_path, MIB).trim()
    assert not old.exists()
    assert new.exists()


def _hammer(folder: str, seed: int) -> int:
    cache = FileCache(Path(folder), 300_000)
    chosen = random.Random(seed)
    hits = 0
    for _ in range(150):
        number = chosen.randrange(50)
        kept = cache.get(key(number))
        if kept is None:
            cache.put(key(number), noise(number))
        else:
            assert kept == noise(number), "a reader saw half a file"
            hits += 1
    return hits


@pytest.mark.subprocess
def test_several_processes_share_it_and_never_see_half_an_entry(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        hits = list(pool.map(_hammer, [str(tmp_path)] * 4, range(4)))
    assert all(hits)
    assert size_of(tmp_path) <= 300_000 + 4 * 20_000
