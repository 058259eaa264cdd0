"""lock.file: flock on a file that names its holder, and whose name must stay the same file."""

from __future__ import annotations

import fcntl
import os
from dataclasses import replace
from pathlib import Path

import pytest

from qwen_batch.errors import OutputError
from qwen_batch.storage.lock import file as lock_file
from qwen_batch.storage.lock.file import file_holder, hold_file
from qwen_batch.storage.lock.holder import LOCK, LockTimes, ourselves
from qwen_batch.storage.places import Store, open_store

TIMES = LockTimes()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "out"))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_file, "TRY_AGAIN_S", 0.001)


def path_of(store: Store) -> Path:
    return Path(store.root) / LOCK


def test_the_file_names_its_holder_while_it_is_held_and_nobody_after(store: Store) -> None:
    with hold_file(store, "r1", TIMES, break_lock=False):
        assert b'"r1"' in path_of(store).read_bytes()
        holder = file_holder(store)
        assert holder is not None
        assert (holder.run_id, holder.pid) == ("r1", os.getpid())
    assert path_of(store).read_bytes() == b""
    assert file_holder(store) is None


def test_where_no_run_was_nobody_holds_it(store: Store) -> None:
    assert file_holder(store) is None
    assert not path_of(store).exists()


def test_a_name_that_a_killed_run_left_behind_holds_nothing(store: Store) -> None:
    path_of(store).parent.mkdir(parents=True)
    path_of(store).write_bytes(ourselves("killed").to_json())
    assert file_holder(store) is None
    with hold_file(store, "r2", TIMES, break_lock=False) as lease:
        lease.check()
        assert b"killed" not in path_of(store).read_bytes()


def test_a_held_lock_that_names_nobody_yet_is_tried_again_and_then_refused(store: Store) -> None:
    path_of(store).parent.mkdir(parents=True)
    with path_of(store).open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with (
            pytest.raises(OutputError, match="another run is writing here"),
            hold_file(store, "r2", TIMES, break_lock=True),
        ):
            pass


def test_a_live_holder_of_this_machine_is_not_broken(store: Store) -> None:
    with hold_file(store, "r1", TIMES, break_lock=False) as lease:
        with (
            pytest.raises(OutputError, match="run r1 is writing here"),
            hold_file(store, "r2", TIMES, break_lock=True),
        ):
            pass
        lease.check()


def test_a_broken_lock_is_lost_to_its_holder_and_the_new_file_is_not_touched(store: Store) -> None:
    with hold_file(store, "r1", TIMES, break_lock=False) as first:
        path_of(store).write_bytes(replace(ourselves("r1"), machine="another").to_json())
        with hold_file(store, "r2", TIMES, break_lock=True) as second:
            with pytest.raises(OutputError, match="lost its lock"):
                first.check()
            second.check()
    assert file_holder(store) is None


def test_a_sign_of_life_is_the_time_of_the_file(store: Store) -> None:
    with hold_file(store, "r1", TIMES, break_lock=False) as lease:
        os.utime(path_of(store), (0, 0))
        lease.beat()
        assert path_of(store).stat().st_mtime > 1e9
