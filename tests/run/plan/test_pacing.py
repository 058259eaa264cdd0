"""pacing: seconds of all documents from those that were timed, each kind by its own."""

from __future__ import annotations

import pytest

from qwen_batch.config import Config
from qwen_batch.records import Document
from qwen_batch.run.document.work import Work
from qwen_batch.run.plan.counting import Counted
from qwen_batch.run.plan.pacing import Looked, places_to_read, prompt_seconds, read_seconds
from qwen_batch.run.plan.sampling import Sampled


def counted(kind: str, pages: int, *, kept: bool = False, read_s: float | None = None) -> Counted:
    work = Work(Document("0" * 64, f"/in/{kind}-{pages}", "text/plain", 1), ("letter",))
    return Counted(work, kind, pages, None, pages, 10 if kept else None, kept, False, read_s)


def test_what_the_sample_read_is_not_read_again_unless_nothing_is_kept() -> None:
    looked = Looked([counted("pdf", 1), counted("pdf", 2), counted("pdf", 3, kept=True)], [Sampled(0, 0)], ())
    assert places_to_read(looked, Config()) == [1]
    assert places_to_read(looked, Config.model_validate({"cache": {"enabled": False}})) == [0, 1]


def test_a_kind_is_told_by_its_own_documents_without_the_first_of_them() -> None:
    """The first one waited for what is loaded once."""
    documents = [*(counted("pdf", 10) for _ in range(10)), *(counted("text", 10) for _ in range(10))]
    sampled = [Sampled(0, 0, read_s=9.0), Sampled(1, 0, read_s=1.0), Sampled(2, 0, read_s=1.0)]
    sampled += [Sampled(10, 0, read_s=0.1)]
    told = read_seconds(Looked(documents, sampled, ()), Config())
    assert told is not None
    assert told.likely == pytest.approx(7 * 1.0 + 9 * 0.1)


def test_a_kind_that_was_not_timed_is_told_by_the_pages_of_the_others() -> None:
    told = read_seconds(Looked([counted("pdf", 4), counted("mail", 4)], [Sampled(0, 0, read_s=2.0)], ()), Config())
    assert told is not None
    assert told.likely == pytest.approx(2.0)


def test_nothing_timed_is_not_known_and_nothing_to_read_takes_nothing() -> None:
    assert read_seconds(Looked([counted("pdf", 4)], (), ()), Config()) is None
    nothing = read_seconds(Looked([counted("pdf", 4, kept=True)], (), ()), Config())
    assert nothing is not None
    assert nothing.high == 0


def test_prompts_are_made_of_all_that_has_pages_also_of_what_the_cache_has() -> None:
    documents = [counted("pdf", 2, kept=True), counted("pdf", 4), counted("pdf", 0)]
    told = prompt_seconds(Looked(documents, [Sampled(0, 0, ask_s=0.5), Sampled(1, 0, ask_s=1.0)], ()))
    assert told is not None
    assert told.likely == pytest.approx(1.5)
