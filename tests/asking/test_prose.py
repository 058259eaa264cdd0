"""prose: the texts of a document's chunks are put together by small calls, and what fails says why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel, Field

from qwen_batch.asking.answering import Answering
from qwen_batch.asking.prose import MAX_NAME_CHARS, MAX_ROUNDS, ProseAnswer, ProseRequest, prose_job, texts_to_prose
from qwen_batch.config import EngineSettings
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.shards import Shards
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.errors import EngineError
from qwen_batch.job.definition import Job, job_schema
from qwen_batch.job.rules import FieldRule, field_rules
from qwen_batch.records import CleanDocument, Completion, Document, Prompt


class Report(BaseModel):
    summary: str = Field(max_length=300, description="what it says")


JOB = Job("report", Report, "Read the report.", max_output_tokens=200)
(RULE,) = field_rules("report", job_schema(JOB))
CLEAN = CleanDocument(Document("id", "a.txt", "text/plain", 1), "text", (), (), "en", 1, 0, None)
Says = Callable[[Prompt], str]


class FakeEngine:
    """Answers as a function of the prompt, and remembers what it was asked."""

    def __init__(self, says: Says) -> None:
        self.says = says
        self.asked: list[Prompt] = []

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        self.asked += shard
        return [Completion(self.says(prompt), "stop", 100, 20, 50) for prompt in shard]

    def close(self) -> None: ...


class FakeDeadEngine(FakeEngine):
    """An engine that has died."""

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        raise EngineError("the engine died", "start again")


def merged(texts: Sequence[str], engine: FakeEngine, context: int = 4096, rule: FieldRule = RULE) -> ProseAnswer:
    async def run() -> ProseAnswer:
        plan = engine_plan(EngineSettings(kind="null", max_model_len=context), "null", gpus=0, cpu_dtype="float32")
        answering = Answering(Shards(engine, 4, 2), plan, {"report": JOB}, ApproximateTokenizer())
        return await texts_to_prose(ProseRequest(CLEAN, "report", rule, tuple(texts)), answering)

    return asyncio.run(run())


def said(text: str) -> str:
    return json.dumps({"summary": text})


def test_one_small_call_sees_every_text_in_order_and_gives_the_field() -> None:
    engine = FakeEngine(lambda _: said("Both."))
    done = merged(["It begins.", "It ends."], engine)
    (asked,) = engine.asked
    assert "Part 1: It begins.\n\nPart 2: It ends." in asked.messages[1][1]
    assert (done.job, done.field, done.text, done.problem) == ("report", "summary", "Both.", "")
    assert (done.prompt_tokens, done.output_tokens, done.cached_tokens) == (100, 20, 50)


def test_texts_that_do_not_fit_one_prompt_are_merged_in_rounds_and_all_calls_are_counted() -> None:
    engine = FakeEngine(lambda prompt: said("Short." if prompt.chunk.text.count("Part ") < 3 else "All."))
    done = merged(["word " * 150] * 8, engine, context=1024)
    assert done.text == "All."
    assert [prompt.chunk.text.count("Part ") for prompt in engine.asked] == [3, 3, 2, 3]
    assert all(len(prompt.token_ids) + prompt.max_tokens <= 1024 for prompt in engine.asked)
    assert done.prompt_tokens == 100 * len(engine.asked)


def test_texts_none_of_which_fits_beside_another_are_a_problem_without_a_call() -> None:
    engine = FakeEngine(lambda _: said("x"))
    done = merged(["word " * 400] * 2, engine, context=700)
    assert (done.text, done.problem, engine.asked) == (None, "the texts do not fit the context", [])


def test_a_merge_that_does_not_get_shorter_ends() -> None:
    engine = FakeEngine(lambda _: said("word " * 59))
    done = merged(["word " * 59] * 60, engine, context=580)
    assert (done.text, done.problem) == (None, f"not one text after {MAX_ROUNDS} rounds")
    assert done.prompt_tokens == 100 * len(engine.asked)


@pytest.mark.parametrize(
    ("text", "problem"),
    [("no JSON", "invalid_json: "), (said("  "), "the model's text is empty"), ('{"other": 1}', "invalid_answer: ")],
)
def test_an_answer_that_is_none_is_a_problem_and_no_exception(text: str, problem: str) -> None:
    done = merged(["a", "b"], FakeEngine(lambda _: text))
    assert done.text is None
    assert done.problem.startswith(problem)


def test_what_is_unforeseen_is_a_problem_and_a_dead_engine_is_none() -> None:
    def broken(_: Prompt) -> Any:
        raise ZeroDivisionError("oops")

    assert "ZeroDivisionError: oops" in merged(["a", "b"], FakeEngine(broken)).problem
    with pytest.raises(EngineError):
        merged(["a", "b"], FakeDeadEngine(said))


def test_the_question_has_the_bounds_and_the_description_of_its_field() -> None:
    job = prose_job(JOB, RULE)
    assert job.name == "merge_report"
    assert job_schema(job)["properties"] == {
        "summary": {"maxLength": 300, "description": "what it says", "title": "Summary", "type": "string"}
    }
    assert job.max_output_tokens == 200
    assert job.sampling == JOB.sampling


@pytest.mark.parametrize("field", ["_private", "with space", "1st"])
def test_a_field_whose_name_is_none_in_python_is_asked_as_text(field: str) -> None:
    assert list(job_schema(prose_job(JOB, replace(RULE, field=field)))["properties"]) == ["text"]


def test_the_name_of_a_long_job_is_cut() -> None:
    long = Job("r" * MAX_NAME_CHARS, Report, "Read the report.")
    assert prose_job(long, RULE).name == f"merge_{'r' * (MAX_NAME_CHARS - 6)}"
