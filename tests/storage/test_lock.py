"""lock: one writer at a time on a local folder and on S3; a dead one's place is taken, a live one's never."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from qwen_batch.errors import OutputError
from qwen_batch.storage.lock import Holder, LockTimes, hold, holder_of
from qwen_batch.storage.lock.holder import LOCK, ourselves, this_machine
from qwen_batch.storage.lock.objects import write_holder
from qwen_batch.storage.places import Store, open_store

HOLDER = """
import sys, time
from qwen_batch.storage.lock import hold
from qwen_batch.storage.places import open_store
with hold(open_store(sys.argv[1]), "first"):
    print("held", flush=True)
    time.sleep(600)
"""
QUICK = LockTimes(beat_s=0.2, stale_s=2.0)


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "s3":
        return open_store(f"{request.getfixturevalue('s3_bucket')}/out")
    return open_store(str(tmp_path / "out"))


@pytest.fixture
def s3_store(s3_bucket: str) -> Store:
    return open_store(f"{s3_bucket}/out")


@contextmanager
def other_process(store: Store) -> Iterator[subprocess.Popen[str]]:
    """A run of another process that holds the lock."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, store.root], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def elsewhere(run_id: str) -> Holder:
    """A holder on another machine."""
    return replace(ourselves(run_id), host="far-away", machine="another start of another machine", pid=4711)


def remote_lock(store: Store, holder: Holder) -> str:
    path = f"{LOCK}/{holder.run_id}.json"
    write_holder(store, path, holder)
    return path


def locks(store: Store) -> list[str]:
    return [entry.path for entry in store.files(LOCK)]


def server_time_ns(store: Store) -> int:
    def write(file: BinaryIO) -> None:
        file.write(b"?")

    store.put("probe", write)
    return next(entry.modified_ns for entry in store.files() if entry.path == "probe")


@pytest.mark.subprocess
def test_a_lock_is_held_while_it_is_held(store: Store) -> None:
    assert holder_of(store) is None
    with hold(store, "first") as lease:
        lease.check()
        holder = holder_of(store)
        assert holder is not None
        assert (holder.run_id, holder.pid, holder.machine) == ("first", os.getpid(), this_machine())
    assert holder_of(store) is None
    with hold(store, "second") as lease:
        lease.check()


@pytest.mark.subprocess
@pytest.mark.parametrize("break_lock", [False, True])
def test_a_second_run_is_refused_and_told_of_the_first(store: Store, break_lock: bool) -> None:
    with other_process(store) as process:
        with pytest.raises(OutputError) as caught, hold(store, "second", break_lock=break_lock):
            pass
        assert re.search(
            rf"{re.escape(store.root)}: run first is writing here \(process {process.pid} on \S+, for 0 minutes, "
            r"last sign of life \d+ s ago\)",
            caught.value.message,
        )
        assert f"kill {process.pid}" in caught.value.remedy
        holder = holder_of(store)
        assert holder is not None
        assert holder.run_id == "first"


@pytest.mark.subprocess
def test_the_place_of_a_killed_run_is_taken(store: Store) -> None:
    with other_process(store) as process:
        process.kill()
        process.wait()
        assert holder_of(store) is None
        with hold(store, "second") as lease:
            lease.check()


@pytest.mark.subprocess
def test_a_run_that_is_killed_but_not_yet_buried_is_dead(s3_store: Store) -> None:
    with other_process(s3_store) as process:
        os.kill(process.pid, 9)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with hold(s3_store, "second") as lease:
            lease.check()


def test_the_lock_of_another_machine_on_s3_is_broken_only_when_asked(s3_store: Store) -> None:
    remote_lock(s3_store, elsewhere("first"))
    with pytest.raises(OutputError, match=r"run first is writing here .* on far-away") as caught, hold(s3_store, "x"):
        pass
    assert "--break-lock" in caught.value.remedy
    with hold(s3_store, "second", break_lock=True) as lease:
        lease.check()
        assert locks(s3_store) == [f"{LOCK}/second.json"]


def test_the_lock_of_a_network_folder_whose_host_is_gone_is_broken_when_asked(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    with hold(store, "first") as first:  # the kernel still holds it, for a client that the server has lost
        (tmp_path / LOCK).write_bytes(elsewhere("first").to_json())
        with pytest.raises(OutputError, match="on far-away") as caught, hold(store, "second"):
            pass
        assert "--break-lock" in caught.value.remedy
        with hold(store, "second", break_lock=True) as second:
            second.check()
            with pytest.raises(OutputError, match="lost its lock"):
                first.check()
            with pytest.raises(OutputError, match="run second is writing here"), hold(store, "third", break_lock=True):
                pass
        assert holder_of(store) is None


def test_a_broken_lock_is_found_by_the_fence(store: Store) -> None:
    with hold(store, "first") as lease:
        store.delete(LOCK)
        with pytest.raises(OutputError, match="lost its lock") as caught:
            lease.check()
        assert "run the same command again" in caught.value.remedy


def test_an_object_that_is_not_renewed_is_stale_by_the_servers_clock(s3_store: Store) -> None:
    times = LockTimes(beat_s=1, stale_s=1)
    path = remote_lock(s3_store, replace(elsewhere("first"), since_s=time.time() + 86400))
    written_ns = s3_store.files(LOCK)[0].modified_ns
    while server_time_ns(s3_store) - written_ns <= times.stale_s * 1e9:
        time.sleep(0.2)
    with hold(s3_store, "second", times=times):
        assert path not in locks(s3_store)


def test_a_holder_that_lives_renews_its_object(s3_store: Store) -> None:
    with hold(s3_store, "first", times=QUICK) as lease:
        before_ns = s3_store.files(LOCK)[0].modified_ns
        while s3_store.files(LOCK)[0].modified_ns == before_ns:
            lease.check()
            time.sleep(0.1)


def test_a_holder_that_stood_still_too_long_counts_itself_out_for_good(
    s3_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr("qwen_batch.storage.lock.objects._uptime_s", lambda: clock[0])
    with hold(s3_store, "first", times=LockTimes(beat_s=15, stale_s=60)) as lease:
        clock[0] += 44
        lease.check()
        clock[0] += 2
        for _ in range(2):
            with pytest.raises(OutputError, match="lost its lock"):
                lease.check()
            lease.beat()
            clock[0] = 101.0


def test_of_two_that_come_at_once_never_both_hold(s3_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another contender's object appears between our write and our listing, and stays."""
    listed = s3_store.files

    def files_with_a_contender(folder: str = "") -> list[object]:
        remote_lock(s3_store, replace(elsewhere("rival"), since_s=time.time()))
        return listed(folder)

    monkeypatch.setattr(s3_store, "files", files_with_a_contender)
    with pytest.raises(OutputError, match="run rival"), hold(s3_store, "ours"):
        pass
    monkeypatch.undo()
    assert locks(s3_store) == [f"{LOCK}/rival.json"]


def test_only_our_own_folder_is_locked(tmp_path: Path) -> None:
    with hold(open_store(str(tmp_path / "a")), "first"), hold(open_store(str(tmp_path / "b")), "second") as lease:
        lease.check()


def test_a_process_number_that_came_again_is_not_the_holder() -> None:
    holder = ourselves("run")
    assert holder.here_and_alive()
    assert replace(holder, pid_began=holder.pid_began - 1).here_and_gone()
    assert not replace(holder, machine="another").here_and_gone()
