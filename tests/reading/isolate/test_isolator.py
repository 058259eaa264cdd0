"""isolator: each way in which a document can ruin a process, and what the caller sees of it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.misdeeds import (
    allocate_and_release,
    allocate_in_c,
    allocate_without_end,
    big,
    child_pid,
    double,
    exit_quietly,
    fill_the_result_pipe,
    hang,
    hang_with_generations,
    hang_with_grandchild,
    ignore_sigterm_and_hang,
    kill_itself,
    print_and_return,
    raise_tool_missing,
    raise_unpicklable,
    remembered,
)
from helpers.read import rendered

from qwen_batch.config import ReadSettings
from qwen_batch.errors import ToolMissingError
from qwen_batch.outcomes import Failure
from qwen_batch.reading.isolate.isolator import Crash, Isolator
from qwen_batch.reading.parts.reader import document_to_pages
from qwen_batch.records import Document

pytestmark = pytest.mark.subprocess

PDF = "application/pdf"
LIMITS_S = (0.5, 2, 8)
"""Tried one after the other until there was time for another process to start."""


@pytest.fixture
def isolator() -> Iterator[Isolator]:
    with Isolator(timeout_s=20, memory_mb=512) as instance:
        yield instance


def pdf_of(path: Path, objects: list[bytes]) -> Path:
    """A PDF of the given objects, the first of which is the catalogue."""
    body, places = b"%PDF-1.7\n", []
    for number, data in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, data)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
    path.write_bytes(body + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + end)
    return path


def page_pdf(path: Path, content: bytes, media_box: bytes = b"[0 0 612 792]") -> Path:
    """One page; `content` is its content stream's dictionary and data."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox %s/Contents 4 0 R>>" % media_box
    return pdf_of(path, [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, content])


def document(path: Path) -> Document:
    return Document("id", str(path), PDF, path.stat().st_size)


def stream(data: bytes, filters: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (filters, len(data), data)


def deflated_zeros(size: int) -> bytes:
    """So many zero bytes in a zlib stream (RFC 1950), made from one flushed block that is repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    piece = bytes(16 << 20)
    block = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    adler = (size % 65521) << 16 | 1
    return b"\x78\xda" + block * (size // len(piece)) + b"\x03\x00" + adler.to_bytes(4, "big")


def ended(pid: int) -> bool:
    """Whether a process is gone, or waits to be reaped, within five seconds."""
    status = Path(f"/proc/{pid}/stat")
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if status.read_text("utf-8").split()[2] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_result_comes_back(isolator: Isolator) -> None:
    assert isolator.call(double, 21) == 42


def test_hang_ends_at_the_timeout_and_the_next_call_works(isolator: Isolator) -> None:
    isolator.call(double, 1)
    isolator.timeout_s = 0.3
    started = time.monotonic()
    crash = isolator.call(hang)
    assert isinstance(crash, Crash)
    assert crash.kind == "timeout"
    assert time.monotonic() - started < 300  # it would hang for 600
    isolator.timeout_s = 20
    assert isolator.call(double, 2) == 4


@pytest.mark.parametrize("hangs", [hang_with_grandchild, hang_with_generations])
def test_timeout_takes_along_what_the_child_started(
    isolator: Isolator, tmp_path: Path, hangs: Callable[[str], None]
) -> None:
    isolator.call(double, 1)  # the child's own start is not what is timed
    for isolator.timeout_s in LIMITS_S:
        assert isinstance(isolator.call(hangs, str(tmp_path / "pid")), Crash)
        if (tmp_path / "pid").is_file():
            break
    assert ended(int((tmp_path / "pid").read_text()))


def test_child_that_ignores_sigterm_ends_at_the_timeout(isolator: Isolator) -> None:
    pid = isolator.call(child_pid)
    isolator.timeout_s = 0.5
    crash = isolator.call(ignore_sigterm_and_hang)
    assert isinstance(crash, Crash)
    assert crash.kind == "timeout"
    assert isinstance(pid, int)
    assert ended(pid)


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
    isolator.timeout_s = 120  # a busy machine takes its time to hand out so much memory
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


def test_many_calls_reuse_the_child(isolator: Isolator) -> None:
    first = isolator.call(child_pid)
    assert {isolator.call(child_pid) for _ in range(400)} == {first}


def test_child_is_recycled() -> None:
    with Isolator(timeout_s=20, memory_mb=512, max_calls=2) as isolator:
        assert len({isolator.call(child_pid) for _ in range(5)}) == 3


def test_child_dies_with_its_parent() -> None:
    code = (
        "import os, signal; from qwen_batch.reading.isolate.isolator import Isolator; i = Isolator(20, 512);"
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
    assert ended(int(parent.stdout))


def test_native_allocation_without_end_is_out_of_memory_too(isolator: Isolator) -> None:
    crash = isolator.call(allocate_in_c, 1000)
    assert isinstance(crash, Crash)
    assert crash.kind == "out_of_memory"
    assert "512 MiB" in crash.message
    assert isolator.call(double, 6) == 12


def test_abort_with_memory_left_is_a_crash(isolator: Isolator) -> None:
    crash = isolator.call(allocate_in_c, 4)
    assert isinstance(crash, Crash)
    assert crash.kind == "crashed"
    assert "SIGABRT" in crash.message


@pytest.mark.parametrize("size_mib", [450, 600])
def test_how_large_the_caller_is_does_not_make_a_crash_out_of_memory(size_mib: int) -> None:
    held = b"x" * (size_mib << 20)  # the kernel hands the caller's peak on to its child
    assert len(held) == size_mib << 20
    with Isolator(timeout_s=20, memory_mb=512) as fresh:
        crash = fresh.call(allocate_in_c, 4)
    assert isinstance(crash, Crash)
    assert crash.kind == "crashed"


def test_what_an_earlier_call_used_does_not_make_a_crash_out_of_memory(isolator: Isolator) -> None:
    isolator.call(allocate_and_release, 400 << 20)
    crash = isolator.call(allocate_in_c, 4)
    assert isinstance(crash, Crash)
    assert crash.kind == "crashed"


def test_child_that_fills_the_result_pipe_ends_within_its_limits(isolator: Isolator) -> None:
    isolator.timeout_s = 1
    crash = isolator.call(fill_the_result_pipe)
    assert isinstance(crash, Crash)
    isolator.timeout_s = 20
    assert isolator.call(double, 7) == 14


def test_stream_that_expands_to_10_gb_is_out_of_memory(isolator: Isolator, tmp_path: Path) -> None:
    bomb = page_pdf(tmp_path / "bomb.pdf", stream(deflated_zeros(10 << 30), b"/Filter/FlateDecode"))
    assert bomb.stat().st_size < 16 << 20
    crash = isolator.call(document_to_pages, document(bomb), bomb, ReadSettings())
    assert isinstance(crash, Crash)
    assert crash.kind == "out_of_memory"
    assert isolator.call(double, 8) == 16


def test_page_tree_that_is_a_loop_ends(isolator: Isolator, tmp_path: Path) -> None:
    loop = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Parent 3 0 R/Kids[3 0 R]/Count 3>>",
        b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 3>>",
    ]
    path = pdf_of(tmp_path / "loop.pdf", loop)
    result = isolator.call(document_to_pages, document(path), path, ReadSettings())
    assert isinstance(result, Failure)
    assert result.code == "damaged"


def test_page_of_a_million_points_is_not_rendered(isolator: Isolator, tmp_path: Path) -> None:
    wide = page_pdf(tmp_path / "wide.pdf", stream(b"0 0 9 9 re f"), b"[0 0 1000000 1000000]")
    assert isolator.call(rendered, wide, ReadSettings()) == "too_large"


def test_a_child_that_was_started_ahead_has_loaded_what_it_was_told_to() -> None:
    with Isolator(60, 1024, ahead="helpers.misdeeds:remember") as isolator:
        isolator.start()
        assert isolator.call(remembered) is True
    with Isolator(60, 1024, ahead="helpers.no_such_module:at_all") as isolator:
        assert isolator.call(double, 2) == 4, "what is wrong with it is found by who needs it"


def test_a_call_that_is_interrupted_from_another_thread_comes_back_as_a_crash() -> None:
    with Isolator(60, 1024) as isolator:
        isolator.interrupt()  # there is nothing to end
        isolator.call(double, 1)
        timer = threading.Timer(0.2, isolator.interrupt)
        timer.start()
        crash = isolator.call(hang)
        assert isinstance(crash, Crash)
        assert crash.kind == "crashed"
        assert isolator.call(double, 2) == 4
