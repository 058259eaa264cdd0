"""lock.holder: who holds a lock, whether it lives, and what a second run is told."""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from qwen_batch.storage.lock.holder import Holder, beating, lost, ourselves, parse_holder, refused
from qwen_batch.storage.places import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "out"))


def test_what_stands_in_a_lock_names_its_holder_and_the_time_is_that_of_the_file() -> None:
    holder = ourselves("r1")
    assert parse_holder(holder.to_json().decode(), 5.0) == replace(holder, seen_s=5.0)
    assert (holder.run_id, holder.pid) == ("r1", os.getpid())


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '{"run_id": "r1"}', '{"unknown": 1}'])
def test_a_lock_that_is_being_written_or_is_none_of_ours_names_nobody(text: str) -> None:
    assert parse_holder(text, 5.0) is None


def test_a_key_that_we_do_not_know_makes_it_no_lock_of_ours() -> None:
    content = json.loads(ourselves("r1").to_json())
    assert parse_holder(json.dumps({**content, "more": 1}), 5.0) is None


def test_a_holder_is_here_or_elsewhere_and_alive_or_gone() -> None:
    here = ourselves("r1")
    later = replace(here, pid_began=here.pid_began + 1)  # the number came again
    elsewhere = replace(here, machine="another start of this machine")
    told = [(one.here_and_alive(), one.here_and_gone()) for one in (here, later, elsewhere)]
    assert told == [(True, False), (False, True), (False, False)]


def test_a_process_that_is_dead_but_not_buried_is_gone() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert replace(ourselves("r1"), pid=pid).here_and_gone()
    finally:
        os.waitpid(pid, 0)


def test_a_second_run_is_told_who_writes_and_since_when(store: Store) -> None:
    now = time.time()
    holder = Holder("first", "node7", 4711, 1, "another", since_s=now - 600, seen_s=now - 12)
    error = refused(store, holder)
    assert error.message.startswith(f"{store.root}: run first is writing here (process 4711 on node7, for 10 minutes, ")
    assert "last sign of life 12 s ago" in error.message
    assert "--break-lock" in error.remedy
    assert refused(store, replace(holder, seen_s=now + 60)).message.endswith("0 s ago)")  # clocks differ


def test_the_remedy_for_a_live_run_of_this_machine_is_to_stop_it(store: Store) -> None:
    assert f"kill {os.getpid()}" in refused(store, ourselves("first")).remedy


def test_a_lock_that_names_nobody_is_still_a_refusal(store: Store) -> None:
    assert refused(store, None).message == f"{store.root}: another run is writing here"


def test_a_lost_lock_says_that_nothing_is_lost_with_it() -> None:
    error = lost("/out")
    assert error.message.startswith("/out: this run has lost its lock")
    assert "what is staged is safe" in error.remedy


def test_signs_of_life_are_given_while_it_is_held_and_not_after() -> None:
    beaten = threading.Semaphore(0)
    with beating(beaten.release, 0.01):
        assert all(beaten.acquire(timeout=30) for _ in range(3))
    while beaten.acquire(blocking=False):
        pass
    assert not beaten.acquire(timeout=0.05)


def test_a_lock_that_is_held_shortly_gives_no_sign_and_does_not_wait_for_one() -> None:
    beats: list[int] = []
    began_s = time.monotonic()
    with beating(lambda: beats.append(1), 600):
        pass
    assert beats == []
    assert time.monotonic() - began_s < 60
