"""isolate: each way in which a document can ruin a process, and what the caller sees of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qwen_batch import isolate
from qwen_batch.errors import ToolMissingError
from qwen_batch.isolate import Crash, Isolator


@pytest.fixture
def isolator() -> Iterator[Isolator]:
    with Isolator(timeout_s=20, memory_mb=512) as instance:
        yield instance


def double(number: int) -> int:
    return 2 * number


def child_pid() -> int:
    return os.getpid()


def hang() -> None:
    time.sleep(600)


def hang_with_grandchild(pid_file: str) -> None:
    grandchild = subprocess.Popen(["sleep", "600"])
    Path(pid_file).write_text(str(grandchild.pid))
    grandchild.wait()


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def allocate_without_end() -> None:
    blocks = []
    while True:
        blocks.append(bytearray(16 << 20))


def raise_tool_missing() -> None:
    raise ToolMissingError("no tesseract", "install it")


class UnpicklableError(Exception):
    def __init__(self, first: str, second: str) -> None:
        super().__init__(first)
        self.second = second


def raise_unpicklable() -> None:
    raise UnpicklableError("first", "second")


def exit_quietly() -> None:
    os._exit(7)


def print_and_return() -> str:
    sys.stdout.write("noise that must not reach the wire\n")
    os.write(1, b"more noise\n")
    return "answer"


def big(size: int) -> bytes:
    return b"x" * size


def test_result_comes_back(isolator: Isolator) -> None:
    assert isolator.call(double, 21) == 42


def test_hang_ends_at_the_timeout_and_the_next_call_works(isolator: Isolator) -> None:
    isolator.call(double, 1)
    isolator.timeout_s = 0.3
    started = time.monotonic()
    crash = isolator.call(hang)
    assert isinstance(crash, Crash)
    assert crash.kind == "timeout"
    assert time.monotonic() - started < 3
    isolator.timeout_s = 20
    assert isolator.call(double, 2) == 4


def test_timeout_takes_grandchildren_along(isolator: Isolator, tmp_path: Path) -> None:
    isolator.timeout_s = 2
    crash = isolator.call(hang_with_grandchild, str(tmp_path / "pid"))
    assert isinstance(crash, Crash)
    status = Path(f"/proc/{(tmp_path / 'pid').read_text()}/stat")
    deadline = time.monotonic() + 5
    while status.exists() and status.read_text().split()[2] != "Z" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not status.exists() or status.read_text().split()[2] == "Z"


def test_killed_child_is_a_crash_and_the_next_call_works(isolator: Isolator) -> None:
    crash = isolator.call(kill_itself)
    assert isinstance(crash, Crash)
    assert crash.kind == "crashed"
    assert "SIGKILL" in crash.message
    assert isolator.call(double, 3) == 6


def test_exit_is_a_crash(isolator: Isolator) -> None:
    crash = isolator.call(exit_quietly)
    assert isinstance(crash, Crash)
    assert "status 7" in crash.message


def test_allocation_without_end_is_out_of_memory(isolator: Isolator) -> None:
    crash = isolator.call(allocate_without_end)
    assert isinstance(crash, Crash)
    assert crash.kind == "out_of_memory"
    assert isolator.call(double, 4) == 8


def test_exception_arrives_as_it_is(isolator: Isolator) -> None:
    with pytest.raises(ToolMissingError, match="no tesseract") as caught:
        isolator.call(raise_tool_missing)
    assert caught.value.remedy == "install it"
    assert isolator.call(double, 5) == 10


def test_exception_that_cannot_be_pickled_arrives_by_name(isolator: Isolator) -> None:
    with pytest.raises(RuntimeError, match="UnpicklableError: first"):
        isolator.call(raise_unpicklable)


def test_prints_do_not_corrupt_the_wire(isolator: Isolator) -> None:
    assert isolator.call(print_and_return) == "answer"


def test_large_values_pass_both_ways(isolator: Isolator) -> None:
    assert isolator.call(len, b"y" * (8 << 20)) == 8 << 20
    assert isolator.call(big, 8 << 20) == b"x" * (8 << 20)


def test_many_calls_reuse_the_child_and_are_fast(isolator: Isolator) -> None:
    first = isolator.call(child_pid)
    started = time.monotonic()
    pids = {isolator.call(child_pid) for _ in range(400)}
    assert (time.monotonic() - started) / 400 < 0.005
    assert pids == {first}


def test_child_is_recycled(isolator: Isolator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolate, "MAX_CALLS_PER_CHILD", 2)
    assert len({isolator.call(child_pid) for _ in range(5)}) == 3


def test_child_dies_with_its_parent() -> None:
    code = (
        "import os, signal; from qwen_batch.isolate import Isolator; i = Isolator(20, 512);"
        "print(i.call(os.getpid), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    path = os.pathsep.join(sys.path)
    parent = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    status = Path(f"/proc/{parent.stdout.strip()}/stat")
    deadline = time.monotonic() + 5
    while status.exists() and status.read_text().split()[2] != "Z" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not status.exists() or status.read_text().split()[2] == "Z"
