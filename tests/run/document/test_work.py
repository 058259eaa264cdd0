"""work: which answers belong to a job, and from when on a document counts as lost."""

from __future__ import annotations

import pytest

from qwen_batch.asking.answer import Rejected
from qwen_batch.records import Answer, Chunk, Completion, Document, Prompt
from qwen_batch.run.document.work import ChunkAnswers, Work, chunk_answers

DOCUMENT = Document("id", "a.txt", "text/plain", 1)
REJECTED = Rejected("invalid_json", "no JSON", "{", 3)


def prompt(job: str, index: int, count: int) -> Prompt:
    return Prompt("id", job, Chunk("text", 0, 4, index, count), (), (), None, 0, 1, 10)


def answer(number: int, *parts: Answer) -> Answer:
    return Answer(Chunk("text", 0, 4), {"n": number}, Completion("", "stop", 1, 1), 1, 1, 1, parts=parts)


def work(*answers: tuple[str, Answer | Rejected]) -> Work:
    prompts = tuple(prompt(job, index, len(answers)) for index, (job, _) in enumerate(answers))
    return Work(DOCUMENT, ("a", "b"), prompts=prompts, answers=tuple(one for _, one in answers))


def test_a_job_has_its_own_answers_in_document_order() -> None:
    found = chunk_answers(work(("a", answer(1)), ("b", answer(2)), ("a", answer(3)), ("b", REJECTED)), "a")
    assert [one.result["n"] for one in found.valid] == [1, 3]
    assert (found.rejected, found.chunks) == ((), 2)


def test_a_chunk_that_was_halved_has_the_answers_of_its_halves() -> None:
    halved = answer(1, answer(10), answer(11))
    found = chunk_answers(work(("a", halved), ("a", answer(2))), "a")
    assert [one.result["n"] for one in found.valid] == [10, 11, 2]
    assert found.chunks == 2


def test_a_rejection_stands_with_its_prompt() -> None:
    found = chunk_answers(work(("a", answer(1)), ("a", REJECTED)), "a")
    (lost,) = found.rejected
    assert (lost.prompt.chunk.index, lost.why) == (1, REJECTED)
    assert found.share_valid == 0.5


@pytest.mark.parametrize(
    ("chunks", "rejected", "is_lost"), [(1, 0, False), (1, 1, True), (5, 1, False), (5, 2, True), (10, 2, False)]
)
def test_a_document_is_lost_when_more_than_a_fifth_of_its_chunks_has_no_answer(
    chunks: int, rejected: int, is_lost: bool
) -> None:
    given = [("a", REJECTED)] * rejected + [("a", answer(1))] * (chunks - rejected)
    found = chunk_answers(work(*given), "a")
    assert found.is_lost is is_lost
    assert found.share_valid == pytest.approx(1 - rejected / chunks)


def test_a_job_without_any_prompt_is_lost() -> None:
    assert chunk_answers(work(("b", answer(1))), "a") == ChunkAnswers((), (), 0)
    assert chunk_answers(work(("b", answer(1))), "a").is_lost
