"""on_ray.engine_host: an engine that is late, fails or dies in an actor. Without Ray: its context is a fake."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from qwen_batch.config_file import load_config
from qwen_batch.engine.engine import Engine
from qwen_batch.engine.kinds.null import ENGINE, NullEngine
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.usage import EngineUsage
from qwen_batch.errors import EngineError, ModelError, QwenBatchError, ServerError
from qwen_batch.job.files import find_job
from qwen_batch.outcomes import Failure
from qwen_batch.records import Answer, CleanDocument, Completion, Document, Prompt
from qwen_batch.run.attempts import Declined
from qwen_batch.run.document.prompting import prompt_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.work import Work
from qwen_batch.run.on_ray import engine_host, engine_usage
from qwen_batch.run.on_ray.engine_host import EXIT_FOR_RESTART, EngineHost
from qwen_batch.run.on_ray.rows import packed, unpacked

JOB = "contract_summary"


class FakeWatch:
    """Answers with a script of verdicts, "go" by default, and notes what it is told."""

    def __init__(self, **verdicts: str) -> None:
        self.verdicts = verdicts
        self.told: list[tuple[str, object]] = []

    def engine_starts(self, engine: str) -> None:
        self.told.append(("starts", engine))

    async def ask(self, _engine: str, doc_ids: Sequence[str]) -> dict[str, str]:
        self.told.append(("ask", tuple(doc_ids)))
        return {doc_id: self.verdicts.get(doc_id, "go") for doc_id in doc_ids}

    async def is_alone(self, doc_id: str) -> None:
        self.told.append(("alone", doc_id))

    def answered(self, doc_id: str) -> None:
        self.told.append(("answered", doc_id))

    async def engine_fails(self, _engine: str, words: str) -> None:
        self.told.append(("fails", words))

    def run_fails(self, error: QwenBatchError) -> None:
        self.told.append(("run fails", error))

    def of(self, kind: str) -> list[object]:
        return [what for said, what in self.told if said == kind]


class FakeEngine(NullEngine):
    """The null engine, which raises `error` for prompts about documents, and says how many it has at a time."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.closed = False
        self.inside: set[str] = set()
        self.together: list[set[str]] = []

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        names = {prompt.doc_id for prompt in shard if prompt.job == JOB}
        self.inside |= names
        if names:
            self.together.append(set(self.inside))
        for _ in range(5):
            await asyncio.sleep(0)
        self.inside -= names
        if self.error is not None and names:
            raise self.error
        return await super().generate(shard)

    def close(self) -> None:
        self.closed = True


class EndedError(BaseException):
    """Stands for the end of the process."""


@pytest.fixture(autouse=True)
def ended(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Exit codes with which the actor ended itself. Ray is not imported."""
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        raise EndedError

    context = SimpleNamespace(get_actor_id=lambda: "actor-1")
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(get_runtime_context=lambda: context))
    silent = SimpleNamespace(set=lambda *_: None)
    monkeypatch.setattr(engine_usage, "_make_gauges", lambda: dict.fromkeys(engine_usage.GAUGES, silent))
    monkeypatch.setattr(engine_host, "os", SimpleNamespace(**{**vars(os), "_exit": end}))
    return codes


@pytest.fixture
def spec(jobs_dir: Path) -> RunSpec:
    config = load_config(None, ("engine.kind=null",))
    plan = engine_plan(config.engine, "null", gpus=0, cpu_dtype="no numbers")
    return RunSpec(config, (find_job(JOB, jobs_dir),), plan, "null", {JOB: "0" * 16})


Host = Callable[..., EngineHost]


@pytest.fixture
def host(spec: RunSpec, monkeypatch: pytest.MonkeyPatch) -> Host:
    def with_engine(start: Callable[[Any], Engine], watch: FakeWatch) -> EngineHost:
        kind = replace(ENGINE, start=start)
        monkeypatch.setattr(engine_host, "ENGINES", SimpleNamespace(load=lambda _name: kind))
        return EngineHost(spec, watch)

    return with_engine


def prompted(spec: RunSpec, name: str) -> Work:
    document = Document(name, f"/in/{name}.txt", "", 1)
    clean = CleanDocument(document, "Alpha Ltd leases to Beta Ltd.", (), (), "en", 1, 0, None)
    work = prompt_stage(Work(clean.document, (JOB,), clean), spec, make_tokenizer(spec), load_jobs(spec))
    assert work.prompts, work.failure
    return work


def answered(host: EngineHost, *values: Any) -> list[Any]:
    """What comes out of one call."""

    async def call() -> dict[str, list[bytes]]:
        return await host.answer(packed(values))

    return list(unpacked(asyncio.run(call())))


def test_documents_come_back_answered_behind_what_the_engine_used(spec: RunSpec, host: Host) -> None:
    watch = FakeWatch()
    usage, first, second = answered(host(lambda _: FakeEngine(), watch), prompted(spec, "a"), prompted(spec, "b"))
    assert isinstance(usage, EngineUsage)
    assert usage.engine == "actor-1"
    assert [work.document.id for work in (first, second)] == ["a", "b"]
    assert all(isinstance(one, Answer) for work in (first, second) for one in work.answers)
    assert watch.of("ask") == [("a", "b")]
    assert sorted(watch.of("answered")) == ["a", "b"]


def test_what_asks_nothing_goes_on_though_the_engine_is_not_up(host: Host) -> None:
    up = Event()

    def late(_plan: Any) -> FakeEngine:
        up.wait(60)
        return FakeEngine()

    failed = Document("a", "/in/a.txt", "", 1)
    work = Work(failed, (JOB,), failure=Failure(failed, "read", "damaged", "It is damaged."))
    watch = FakeWatch()
    try:
        assert answered(host(late, watch), work, Declined()) == [work, Declined()]
        assert watch.of("ask") == []
    finally:
        up.set()


def test_those_that_need_nothing_keep_their_place_among_those_that_do(spec: RunSpec, host: Host) -> None:
    _usage, first, declined = answered(host(lambda _: FakeEngine(), FakeWatch()), prompted(spec, "a"), Declined())
    assert (first.document.id, declined) == ("a", Declined())


def test_a_document_that_killed_its_engine_twice_is_poison_and_is_not_asked(spec: RunSpec, host: Host) -> None:
    engine = FakeEngine()
    watch = FakeWatch(a="poison")
    _usage, poison, other = answered(host(lambda _: engine, watch), prompted(spec, "a"), prompted(spec, "b"))
    assert (poison.failure.stage, poison.failure.code, poison.answers) == ("engine", "poison", ())
    assert other.failure is None
    assert set().union(*engine.together) == {"b"}
    assert watch.of("answered") == ["b"]


def test_a_document_that_is_to_be_alone_is_with_nobody_else(spec: RunSpec, host: Host) -> None:
    engine = FakeEngine()
    watch = FakeWatch(b="alone")
    works = [prompted(spec, name) for name in "abcd"]
    _usage, *done = answered(host(lambda _: engine, watch), *works)
    assert [work.document.id for work in done] == ["a", "b", "c", "d"]
    assert all(work.answers for work in done)
    assert {"b"} in engine.together
    assert not [names for names in engine.together if "b" in names and len(names) > 1]
    assert watch.of("alone") == ["b"]


def test_an_engine_that_dies_is_told_with_its_words_and_takes_its_process_along(
    spec: RunSpec, host: Host, ended: list[int]
) -> None:
    engine, watch = FakeEngine(EngineError("out of memory")), FakeWatch()
    with pytest.raises(EndedError):
        answered(host(lambda _: engine, watch), prompted(spec, "a"))
    assert watch.of("fails") == ["out of memory"]
    assert (watch.of("answered"), watch.of("run fails")) == ([], [])
    assert engine.closed
    assert ended == [EXIT_FOR_RESTART]


def test_a_server_that_refuses_ends_the_run_and_not_the_process(spec: RunSpec, host: Host, ended: list[int]) -> None:
    error = ServerError("no such key", "give another")
    watch = FakeWatch()
    with pytest.raises(ServerError, match="no such key"):
        answered(host(lambda _: FakeEngine(error), watch), prompted(spec, "a"))
    assert watch.of("run fails") == [error]
    assert ended == []


async def up(host: EngineHost) -> None:
    await host.up()


def raising(error: BaseException) -> Callable[[Any], Engine]:
    def start(_plan: Any) -> Engine:
        raise error

    return start


def test_an_engine_that_cannot_start_says_why_to_all_who_wait_and_once_to_the_run(
    spec: RunSpec, host: Host, ended: list[int]
) -> None:
    watch = FakeWatch()
    broken = host(raising(ModelError("no weights", "fetch them")), watch)

    async def two_wait() -> list[BaseException | None]:
        asks = broken.up(), broken.answer(packed([prompted(spec, "a")]))
        return list(await asyncio.gather(*asks, return_exceptions=True))

    assert [str(error).partition("\n")[0] for error in asyncio.run(two_wait())] == ["no weights"] * 2
    assert [error.message for error in watch.of("run fails")] == ["no weights"]
    assert ended == []


def test_an_error_that_nobody_foresaw_names_the_model_and_the_error(host: Host) -> None:
    watch = FakeWatch()
    with pytest.raises(EngineError, match="the engine did not start with null: SystemError: 3 of 4 shards"):
        asyncio.run(up(host(raising(SystemError("3 of 4 shards")), watch)))
    assert len(watch.of("run fails")) == 1


def test_an_engine_that_dies_of_the_first_question_is_started_again(host: Host, ended: list[int]) -> None:
    class DeadAtOnce(FakeEngine):
        async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
            raise EngineError("the core process is gone")

    watch = FakeWatch()
    with pytest.raises(EndedError):
        asyncio.run(up(host(lambda _: DeadAtOnce(), watch)))
    assert watch.of("fails") == ["the core process is gone"]
    assert (watch.of("run fails"), ended) == ([], [EXIT_FOR_RESTART])


def test_the_watch_hears_of_an_engine_before_it_starts(host: Host) -> None:
    watch = FakeWatch()
    host(lambda _: FakeEngine(), watch)
    assert watch.told[0] == ("starts", "actor-1")
