"""lock.objects: an object for each contender, of whom one stays. On a local store: no more is asked of S3 than that."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.clock import replace_sleep

from qwen_batch.errors import OutputError
from qwen_batch.storage.lock import objects
from qwen_batch.storage.lock.holder import LOCK, Holder, Lease, LockTimes, ourselves
from qwen_batch.storage.lock.objects import hold_object, object_holder, write_holder
from qwen_batch.storage.places import Store, open_store

TIMES = LockTimes(beat_s=15, stale_s=60)
pytestmark = pytest.mark.usefixtures("slept")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "out"))


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited, without waiting."""
    slept: list[float] = []
    replace_sleep(monkeypatch, objects, slept.append)
    return slept


def elsewhere(run_id: str, *, earlier_s: float = 3600) -> Holder:
    us = ourselves(run_id)
    return replace(us, host="far-away", machine="another", since_s=us.since_s - earlier_s)


def contender(store: Store, holder: Holder, *, age_s: float = 0) -> str:
    path = f"{LOCK}/{holder.run_id}.json"
    write_holder(store, path, holder)
    file = Path(store.uri(path))
    os.utime(file, (file.stat().st_atime - age_s, file.stat().st_mtime - age_s))
    return path


def objects_of(store: Store) -> list[str]:
    return sorted(entry.path for entry in store.files(LOCK))


@contextmanager
def held(store: Store, run_id: str, *, break_lock: bool = False) -> Iterator[Lease]:
    with hold_object(store, run_id, TIMES, break_lock=break_lock) as lease:
        yield lease


def test_the_holders_object_is_there_while_it_holds_and_gone_after(store: Store) -> None:
    with held(store, "r1") as lease:
        lease.check()
        assert objects_of(store) == [f"{LOCK}/r1.json"]
        assert json.loads(store.read(f"{LOCK}/r1.json"))["run_id"] == "r1"
        found = object_holder(store)
        assert found is not None
        assert found.run_id == "r1"
    assert objects_of(store) == []
    assert object_holder(store) is None


def test_a_run_that_came_long_before_is_told_at_once_and_ours_is_withdrawn(store: Store, slept: list[float]) -> None:
    path = contender(store, elsewhere("first"))
    with pytest.raises(OutputError, match="run first is writing here"), held(store, "r2"):
        pass
    assert objects_of(store) == [path]
    assert slept == []


def test_one_that_came_with_us_is_waited_for_as_often_as_is_tried(store: Store, slept: list[float]) -> None:
    contender(store, elsewhere("rival", earlier_s=0))
    with pytest.raises(OutputError, match="run rival"), held(store, "r2"):
        pass
    assert len(slept) == objects.TRIES
    assert all(0 <= one <= objects.TRY_AGAIN_S for one in slept)


def test_one_that_came_with_us_and_withdraws_leaves_us_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    path = contender(store, elsewhere("rival", earlier_s=0))
    replace_sleep(monkeypatch, objects, lambda _seconds: store.delete(path))
    with held(store, "r2") as lease:
        lease.check()
        assert objects_of(store) == [f"{LOCK}/r2.json"]


def test_an_object_that_was_not_renewed_is_removed_and_looked_for_once_more(store: Store, slept: list[float]) -> None:
    contender(store, elsewhere("dead"), age_s=TIMES.stale_s + 10)
    with held(store, "r2"):
        assert objects_of(store) == [f"{LOCK}/r2.json"]
    assert slept == [objects.SETTLE_S]


def test_a_renewal_that_brings_a_removed_object_back_is_seen(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = contender(store, elsewhere("slow"), age_s=TIMES.stale_s + 10)
    replace_sleep(monkeypatch, objects, lambda _seconds: contender(store, elsewhere("slow")))
    with pytest.raises(OutputError, match="run slow"), held(store, "r2"):
        pass
    assert objects_of(store) == [dead]


@pytest.mark.parametrize("break_lock", [False, True])
def test_a_process_of_this_machine_that_is_gone_needs_no_breaking(store: Store, break_lock: bool) -> None:
    here = ourselves("gone")
    contender(store, replace(here, pid_began=here.pid_began + 1))
    with held(store, "r2", break_lock=break_lock) as lease:
        lease.check()


def test_a_live_process_of_this_machine_is_not_broken(store: Store) -> None:
    contender(store, replace(ourselves("alive"), since_s=0))
    with pytest.raises(OutputError, match="run alive"), held(store, "r2", break_lock=True):
        pass


def test_an_object_that_names_nobody_is_a_holder_that_is_not_known(store: Store) -> None:
    store.put(f"{LOCK}/odd.json", lambda file: file.write(b"{"))
    found = object_holder(store)
    assert found is not None
    assert (found.run_id, found.host) == ("unknown", "unknown")
    with held(store, "r2", break_lock=True) as lease:
        lease.check()


def test_of_several_the_one_that_came_first_is_named_and_one_that_is_gone_is_not(store: Store) -> None:
    here = ourselves("gone")
    contender(store, replace(here, pid_began=here.pid_began + 1, since_s=0))
    contender(store, elsewhere("second", earlier_s=10))
    contender(store, elsewhere("first", earlier_s=20))
    found = object_holder(store)
    assert found is not None
    assert found.run_id == "first"


def test_a_removed_object_is_lost_and_not_written_again(store: Store) -> None:
    with held(store, "r1") as lease:
        store.delete(LOCK)
        lease.beat()
        assert objects_of(store) == []
        with pytest.raises(OutputError, match="lost its lock"):
            lease.check()


def test_whatever_ends_our_contending_leaves_no_object(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_folder: str = "") -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store, "files", interrupted)
        with pytest.raises(KeyboardInterrupt), held(store, "r1"):
            pass
    assert objects_of(store) == []
