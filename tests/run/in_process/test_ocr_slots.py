"""ocr_slots: as many pages at a time as there are slots, over all processes; a dead one's slot is free."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from qwen_batch.config import Config
from qwen_batch.run.in_process import ocr_slots
from qwen_batch.run.in_process.ocr_slots import Slots, SpreadOverSlots

HOLDS = """
import sys
from pathlib import Path
from qwen_batch.run.in_process.ocr_slots import Slots
with Slots(Path(sys.argv[1]), 1).one():
    print("held", flush=True)
    sys.stdin.read()
"""
SOON_S = 60


@pytest.mark.subprocess
def test_a_slot_is_free_again_when_the_process_that_held_it_is_killed(tmp_path: Path) -> None:
    held = threading.Event()

    def wait() -> None:
        with Slots(tmp_path, 1).one():
            held.set()

    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], **pipes) as holder:  # type: ignore[call-overload]
        assert holder.stdout.readline() == b"held\n"
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not held.wait(0.3)
        holder.kill()
        assert held.wait(SOON_S)
    waiting.join()


@pytest.fixture
def pages_at_a_time(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pages were in OCR whenever one began."""
    seen: list[int] = []
    inside: set[int] = set()
    all_there = threading.Barrier(2)

    def recognise(_task: object, page: int, _tools: object) -> int:
        inside.add(page)
        seen.append(len(inside))
        all_there.wait(SOON_S)
        inside.discard(page)
        return page

    monkeypatch.setattr(ocr_slots, "recognise_page", recognise)
    monkeypatch.setattr(ocr_slots, "make_tools", lambda _config: None)
    return seen


def test_pages_are_recognised_on_all_slots_and_on_no_more(tmp_path: Path, pages_at_a_time: list[int]) -> None:
    spread = SpreadOverSlots(Config(), Slots(tmp_path, 2))
    assert sorted(spread(None, [1, 2, 3, 4, 5, 6])) == [1, 2, 3, 4, 5, 6]  # type: ignore[arg-type, list-item, type-var]
    assert max(pages_at_a_time) == 2
