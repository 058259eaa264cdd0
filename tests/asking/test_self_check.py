"""self_check: the model is asked of each value whether it is right; no answer is lost by that."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel, Field

from qwen_batch.asking.answer import Rejected
from qwen_batch.asking.answering import Answering
from qwen_batch.asking.prompts import chunk_to_prompt
from qwen_batch.asking.self_check import MAX_VALUE_CHARS, answer_to_checks, checked_answers
from qwen_batch.asking.true_or_false import probability_true
from qwen_batch.config import EngineSettings
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.shards import Shards
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.job.definition import Job, Quoted
from qwen_batch.job.facts.kinds import Day
from qwen_batch.records import Answer, Chunk, CleanDocument, Completion, Document, Prompt

TOKENIZER = ApproximateTokenizer()
TEXT = "This lease of Acme Corp. and Beta Ltd. begins on 1 May 2024."
DOCUMENT = CleanDocument(Document("1", "lease.txt", "text/plain", 60), TEXT, (), (), "en", 1, 0, None)
CHUNK = Chunk(TEXT, 0, len(TEXT))


class Party(Quoted):
    name: str = Field(max_length=40)


class Lease(BaseModel):
    parties: list[Party] = Field(max_length=4)
    begins: Day | None = Field(description="first day of the term")
    rent: float | None
    remark: str = Field(max_length=2000)


JOB = Job("lease", Lease, "Extract the facts of this lease.")
RESULT = {
    "parties": [{"quote": "Acme Corp.", "name": "Acme Corp."}, {"quote": "Beta Ltd.", "name": "Beta Ltd."}],
    "begins": {"quote": "1 May 2024", "date": "2024-05-01", "original": "1 May 2024"},
    "rent": None,
    "remark": "",
}
PROMPT = chunk_to_prompt(DOCUMENT, CHUNK, JOB, TOKENIZER)


def answer(**changes: Any) -> Answer:
    return Answer(CHUNK, {**RESULT, **changes}, Completion(json.dumps(RESULT), "stop", 100, 50), 1, 100, 50)


class FakeJudge:
    """Says `true` with a probability of 0.9 to what names a day, `false` with 0.7 to all else."""

    def __init__(self) -> None:
        self.asked: list[Prompt] = []

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        self.asked += shard
        return [verdict("true", 0.9) if "2024-05-01" in question(prompt) else verdict("false", 0.7) for prompt in shard]

    def close(self) -> None: ...


class FakeRefusal:
    """An engine that refuses every prompt, and goes on."""

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        return [Completion("", "error", 0, 0, error="ValueError: too long") for _ in shard]

    def close(self) -> None: ...


def verdict(text: str, probability: float) -> Completion:
    return Completion(text, "length", 70, 1, 64, token_texts=(text,), logprobs=(math.log(probability),))


def checked(answers: Sequence[Answer | Rejected], engine: Any, max_model_len: int = 4096) -> list[Answer | Rejected]:
    plan = engine_plan(EngineSettings(kind="null"), "", gpus=0, cpu_dtype="float32")

    async def ask() -> list[Answer | Rejected]:
        answering = Answering(
            Shards(engine, 4, 2), replace(plan, max_model_len=max_model_len), {"lease": JOB}, TOKENIZER, self_check=True
        )
        return await checked_answers([PROMPT] * len(answers), answers, answering)

    return asyncio.run(ask())


def question(prompt: Prompt) -> str:
    return prompt.messages[-1][1].rpartition("\n")[2]


def test_each_field_with_a_value_is_one_question_without_quotes_and_what_the_code_filled_in() -> None:
    checks = answer_to_checks(answer(), PROMPT, JOB, TOKENIZER)
    assert list(checks) == ["parties", "begins"]
    assert 'the parties is "Acme Corp."; "Beta Ltd."' in question(checks["parties"])
    assert 'the begins (first day of the term) is "2024-05-01".' in question(checks["begins"])


def test_a_check_shares_everything_up_to_its_question_with_the_prompt_and_costs_one_token() -> None:
    check = answer_to_checks(answer(), PROMPT, JOB, TOKENIZER)["begins"]
    shared = f"<document>\n{TEXT}\n</document>"
    assert check.messages[0] == PROMPT.messages[0]
    assert check.messages[1][1].startswith(shared)
    assert PROMPT.messages[1][1].startswith(shared)
    assert (check.max_tokens, check.temperature) == (1, 0.0)
    assert json.loads(check.json_schema or "") == {"type": "boolean"}
    assert check.token_ids == TOKENIZER.render(check.messages)


def test_prose_is_not_asked_about() -> None:
    said = answer_to_checks(answer(remark="x" * (MAX_VALUE_CHARS - 2)), PROMPT, JOB, TOKENIZER)
    assert "remark" in said
    assert "remark" not in answer_to_checks(answer(remark="x" * MAX_VALUE_CHARS), PROMPT, JOB, TOKENIZER)


@pytest.mark.parametrize(
    ("completion", "probability"),
    [
        (verdict("true", 0.9), 0.9),
        (verdict("false", 0.7), 0.3),
        (Completion("true", "length", 1, 1), None),
        (Completion("", "error", 0, 0, error="refused"), None),
        (verdict("maybe", 0.9), None),
    ],
)
def test_the_probability_of_true(completion: Completion, probability: float | None) -> None:
    assert probability_true(completion) == (None if probability is None else pytest.approx(probability))


def test_answers_get_their_checks_and_pay_for_them() -> None:
    (done,) = checked([answer()], FakeJudge())
    assert isinstance(done, Answer)
    assert done.checks == {"parties": pytest.approx(0.3), "begins": pytest.approx(0.9)}
    assert (done.prompt_tokens, done.output_tokens, done.cached_tokens) == (100 + 2 * 70, 50 + 2, 2 * 64)


def test_each_half_of_an_answer_is_checked_against_its_own_text() -> None:
    halves = tuple(
        replace(answer(begins=begins), chunk=Chunk(text, 0, len(text)))
        for text, begins in (("first half", None), ("second half", RESULT["begins"]))
    )
    judge = FakeJudge()
    (done,) = checked([replace(answer(), parts=halves)], judge)
    assert isinstance(done, Answer)
    assert [list(part.checks) for part in done.parts] == [["parties"], ["parties", "begins"]]
    assert [prompt.chunk.text for prompt in judge.asked] == ["first half", "second half", "second half"]
    assert (done.prompt_tokens, done.cached_tokens) == (100 + 3 * 70, 3 * 64)


def test_what_was_rejected_stays_rejected_and_in_its_place() -> None:
    rejected = Rejected("invalid", "no", "{", 3)
    first, second, third = checked([answer(), rejected, answer(begins=None)], FakeJudge())
    assert second is rejected
    assert isinstance(first, Answer)
    assert isinstance(third, Answer)
    assert (list(first.checks), list(third.checks)) == (["parties", "begins"], ["parties"])


def test_an_engine_that_refuses_a_check_leaves_the_answer_as_it_was() -> None:
    assert checked([answer()], FakeRefusal()) == [answer()]


def test_a_check_that_does_not_fit_the_context_is_not_asked() -> None:
    judge = FakeJudge()
    (done,) = checked([answer()], judge, max_model_len=len(PROMPT.token_ids) // 4)
    assert judge.asked == []
    assert done == answer()


def test_days_are_said_as_the_table_has_them() -> None:
    day = Day(quote="1 May 2024", date=dt.date(2024, 5, 1))
    checks = answer_to_checks(answer(begins=day.model_dump(mode="json")), PROMPT, JOB, TOKENIZER)
    assert '"2024-05-01"' in question(checks["begins"])
