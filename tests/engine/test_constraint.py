"""constraint: an engine that does not obey a schema is found before the first document."""

from __future__ import annotations

import asyncio
import json

import pytest

from qwen_batch.engine.constraint import FORCED, binding_problem, check_constraint, constraint_prompt
from qwen_batch.engine.kinds.null import NullEngine
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.errors import ConstraintError, ServerError
from qwen_batch.records import Completion


class FakeEngine:
    """An engine that says one thing, whatever the schema; or refuses all questions, or those with a schema."""

    def __init__(self, text: str, error: str | None = None, *, refuses_all: bool = False) -> None:
        self.text, self.error, self.refuses_all = text, error, refuses_all

    async def generate(self, shard):
        return [self.completion(prompt) for prompt in shard]

    def completion(self, prompt):
        refused = self.error if self.refuses_all or prompt.json_schema else None
        return Completion(self.text, "error" if refused else "stop", 1, 1, error=refused)

    def close(self) -> None: ...


def test_the_null_engine_is_bound() -> None:
    asyncio.run(check_constraint(NullEngine(), ApproximateTokenizer()))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("4, because", "no JSON"),
        ('{"sum": 4, "reason": "arithmetic"}', "breaks its schema"),
        (json.dumps({**FORCED, "more": 1}), "breaks its schema"),
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_an_engine_that_ignores_the_schema_is_refused_with_its_answer(text: str, problem: str) -> None:
    with pytest.raises(ConstraintError, match=problem) as caught:
        asyncio.run(check_constraint(FakeEngine(text), ApproximateTokenizer()))
    assert "xgrammar" in caught.value.remedy
    assert len(caught.value.message) < 300


def test_an_engine_that_refuses_schemas_is_named_with_its_words() -> None:
    with pytest.raises(ConstraintError, match="response_format is not supported"):
        asyncio.run(check_constraint(FakeEngine("", "response_format is not supported"), ApproximateTokenizer()))


def test_an_engine_that_answers_nothing_at_all_has_another_fault() -> None:
    engine = FakeEngine("", "Error code: 503 - loading the model", refuses_all=True)
    with pytest.raises(ServerError, match="does not answer the first question: Error code: 503 - loading the model"):
        asyncio.run(check_constraint(engine, ApproximateTokenizer()))


def test_an_engine_that_refused_once_and_then_obeys_is_taken() -> None:
    engine = FakeEngine(json.dumps(FORCED), "Error code: 503 - loading the model", refuses_all=True)

    async def ask() -> None:
        answer = engine.generate

        async def recovering(shard):
            completions = await answer(shard)
            engine.error = None
            return completions

        engine.generate = recovering
        await check_constraint(engine, ApproximateTokenizer())

    asyncio.run(ask())


def test_spaces_and_order_are_no_problem() -> None:
    text = json.dumps(dict(reversed(FORCED.items())), indent=2)
    assert binding_problem([Completion(text, "stop", 1, 1)]) is None


def test_the_question_draws_nothing_by_chance() -> None:
    prompt = constraint_prompt(ApproximateTokenizer())
    assert (prompt.temperature, prompt.token_ids) == (0.0, ApproximateTokenizer().render(prompt.messages))
