"""waiting: small documents go together, large ones alone, and what ended a process one by one."""

from __future__ import annotations

from qwen_batch.records import Document
from qwen_batch.run.document.work import SMALL_BYTES, Work
from qwen_batch.run.in_process.waiting import Waiting


def works(*sizes: int) -> list[Work]:
    return [Work(Document(str(number), f"{number}.txt", "", size), ("notice",)) for number, size in enumerate(sizes)]


def taken(waiting: Waiting, most: int = 3) -> list[list[str]]:
    calls = []
    while len(waiting):
        calls.append([work.document.id for work in waiting.take(most)])
    return calls


def test_small_documents_go_together_and_a_large_one_alone() -> None:
    assert taken(Waiting(works(1, 1, 1, 1, SMALL_BYTES + 1, 1, 1))) == [["0", "1", "2"], ["3"], ["4"], ["5", "6"]]
    assert taken(Waiting(works(1, 1)), most=0) == [["0"], ["1"]]


def test_those_of_a_call_that_ended_its_process_are_taken_one_by_one_and_before_all_others() -> None:
    waiting = Waiting(works(1, 1, 1, 1, 1))
    waiting.suspect(waiting.take(3))
    assert taken(waiting) == [["0"], ["1"], ["2"], ["3", "4"]]


def test_what_was_handed_back_comes_in_its_order() -> None:
    waiting = Waiting(works(1, 1, 1, 1, 1))
    waiting.put_back(waiting.take(4)[1:])
    assert taken(waiting, most=4) == [["1", "2", "3", "4"]]


def test_once_nothing_may_be_begun_nothing_is_waiting() -> None:
    waiting = Waiting(works(1, 1, 1, 1, 1, 1))
    waiting.suspect(waiting.take(2))
    waiting.put_back(waiting.take(1))
    waiting.clear()
    assert len(waiting) == 0
