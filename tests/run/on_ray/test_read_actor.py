"""on_ray.read_actor: documents that are ready together go on together, and each is begun and ended under the Watch."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from helpers.clock import replace_clock

from qwen_batch.config_file import load_config
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.usage import EngineUsage
from qwen_batch.job.files import find_job
from qwen_batch.outcomes import DocumentOutcome, Failure
from qwen_batch.records import Document
from qwen_batch.run.attempts import Attempts, Declined
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.on_ray import read_actor
from qwen_batch.run.on_ray.read_actor import TOGETHER_BYTES, TOGETHER_S, read_each, settle_batch
from qwen_batch.run.on_ray.rows import packed, unpacked

NEVER_S, AT_ONCE_S = 2e9, 1e9


class NotingAttempts(Attempts):
    """The run's counts, in this process; notes who is begun and who ends."""

    def __init__(self, taking_until_s: float = NEVER_S) -> None:
        super().__init__(taking_until_s, now_s=lambda: 1.5e9)
        self.noted: list[str] = []

    def begin_reading(self, doc_id: str) -> Any:
        self.noted.append(f"begin {doc_id}")
        return super().begin_reading(doc_id)

    def end(self, stage: Any, doc_id: str) -> None:
        self.noted.append(f"end {stage} {doc_id}")
        super().end(stage, doc_id)


class Clock:
    """Moves on by what each document takes."""

    def __init__(self, seconds_each: float = 0.0) -> None:
        self.now_s = 0.0
        self.seconds_each = seconds_each

    def read(self, work: Work) -> Work:
        self.now_s += self.seconds_each
        return work


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    replace_clock(monkeypatch, read_actor, lambda: clock.now_s)
    return clock


def work(name: str, size: int = 100) -> Work:
    return Work(Document(name, f"/in/{name}.txt", "", size), ("notice",))


def failed(work: Work) -> Work:
    return Work(work.document, work.jobs, failure=Failure(work.document, "read", "poison", "Twice."))


def rows(batch: dict[str, list[bytes]], watch: Attempts, clock: Clock) -> list[list[Any]]:
    """What is handed on, row by row."""
    return [list(unpacked(row)) for row in read_each(batch, watch, clock.read, failed)]


def names(rows_: list[list[Any]]) -> list[list[str]]:
    return [[one.document.id for one in row] for row in rows_]


def test_what_is_ready_at_once_is_one_row_and_each_document_was_begun_and_ended(clock: Clock) -> None:
    watch = NotingAttempts()
    assert names(rows(packed([work("a"), work("b"), work("c")]), watch, clock)) == [["a", "b", "c"]]
    assert watch.noted == [f"{what} {name}" for name in "abc" for what in ("begin", "end read")]


def test_what_has_waited_long_enough_goes_on_before_the_next_is_begun(clock: Clock) -> None:
    clock.seconds_each = 0.4 * TOGETHER_S
    works = packed([work(name) for name in "abcdefg"])
    assert names(rows(works, NotingAttempts(), clock)) == [["a", "b", "c"], ["d", "e", "f"], ["g"]]


def test_nothing_waits_for_a_large_file_and_a_large_file_waits_for_nobody_before_it(clock: Clock) -> None:
    works = packed([work("a"), work("b"), work("book", TOGETHER_BYTES + 1), work("c")])
    assert names(rows(works, NotingAttempts(), clock)) == [["a", "b"], ["book", "c"]]


def test_long_texts_do_not_pile_up(clock: Clock) -> None:
    long = Document("long", "/in/" + "x" * (TOGETHER_BYTES + 1), "", 100)
    works = packed([Work(long, ("notice",)), work("a"), work("b")])
    assert names(rows(works, NotingAttempts(), clock)) == [["long"], ["a", "b"]]


def test_a_document_that_killed_its_reader_twice_is_a_failure_and_is_not_read(clock: Clock) -> None:
    watch, read = NotingAttempts(), []
    for _ in range(2):
        watch.begin_reading("b")  # its process died
    batch = packed([work("a"), work("b"), work("c")])
    (row,) = read_each(batch, watch, lambda one: read.append(one.document.id) or one, failed)
    assert read == ["a", "c"]
    assert [one.failure is not None for one in unpacked(row)] == [False, True, False]
    assert "end read b" not in watch.noted


def test_when_the_time_is_over_one_word_stands_for_all_that_is_left(clock: Clock) -> None:
    watch = NotingAttempts()
    first = rows(packed([work("a")]), watch, clock)
    watch.take_until(AT_ONCE_S)
    # one that was begun before is finished
    ((again, *declined),) = rows(packed([work("a"), work("b"), work("c")]), watch, clock)
    assert names(first) == [["a"]]
    assert again.document.id == "a"
    assert declined == [Declined()]
    assert watch.noted[-1] == "begin b"


def test_an_empty_batch_gives_no_row(clock: Clock) -> None:
    assert rows(packed([]), NotingAttempts(), clock) == []


@pytest.fixture
def spec(jobs_dir: Path) -> RunSpec:
    config = load_config(None, ("engine.kind=null", "cache.enabled=false"))
    plan = engine_plan(config.engine, "null", gpus=0, cpu_dtype="no numbers")
    return RunSpec(config, (find_job("contract_summary", jobs_dir),), plan, "null", {"contract_summary": "0" * 16})


def failed_work(name: str) -> Work:
    document = Document(name, f"/in/{name}.txt", "", 1)
    return Work(document, ("contract_summary",), failure=Failure(document, "read", "damaged", "It is damaged."))


def test_settling_hands_on_what_is_no_document_and_ends_each_that_is_one(spec: RunSpec) -> None:
    watch = NotingAttempts()
    usage = pickle.loads(pickle.dumps(engine_usage()))  # noqa: S301  as it comes from an engine's actor
    batch = settle_batch(packed([usage, failed_work("a"), Declined()]), spec, watch)
    said, outcome, declined = unpacked(batch)
    assert (said, declined) == (usage, Declined())
    assert isinstance(outcome, DocumentOutcome)
    assert [(one.code, one.job) for one in outcome.failures] == [("damaged", "contract_summary")]
    assert watch.noted == ["end merge a"]


def test_a_document_that_killed_its_settler_twice_is_poison_of_that_stage(spec: RunSpec) -> None:
    watch = NotingAttempts()
    for _ in range(2):
        watch.begin("merge", "a")
    work = Work(Document("a", "/in/a.txt", "", 1), ("contract_summary",))
    (outcome,) = unpacked(settle_batch(packed([work]), spec, watch))
    assert [(one.stage, one.code, one.job) for one in outcome.failures] == [("merge", "poison", "contract_summary")]
    assert watch.noted == []


def engine_usage() -> EngineUsage:
    numbers = dict.fromkeys(("prompts", "prompt_tokens", "cached_tokens", "output_tokens"), 1)
    waits = dict.fromkeys(("waiting", "running", "waiting_most"), 0)
    return EngineUsage(engine="e", process=1, told_s=1.0, start_s=1.0, work_s=1.0, gpu=None, **numbers, **waits)
