"""answer: texts that break limits are asked again with the reason, at most twice, and are never cut."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch.asking.answer import MAX_ATTEMPTS, Rejected, prompts_to_answers
from qwen_batch.asking.answering import Answering
from qwen_batch.asking.prompts import chunk_to_prompt, with_terms
from qwen_batch.config import EngineSettings
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.shards import Shards
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.job.definition import DRAFTING, Job
from qwen_batch.job.drafting.limits import REWORDED, Glossary, Keeps, Limits
from qwen_batch.records import Answer, Chunk, CleanDocument, Completion, Document, Prompt

DRAFT = "We now have the Aurora lamp, and it is at only 49 euro in every one of our shops"
GOOD = "The Aurora lamp: 49 euro 💡"
LONG = "The Aurora lamp is here for you and for everybody at 49 euro"


class Copy(BaseModel):
    text: Annotated[
        str, Limits(characters=40, emoji=1), Keeps("numbers", "names"), Glossary("Aurora lamp"), REWORDED
    ] = Field(max_length=200)


JOB = Job("copy", Copy, "Polish.", DRAFTING, max_output_tokens=100)
TOKENIZER = ApproximateTokenizer()


class FakeWriter:
    """Gives one text after the other, and remembers what it was asked."""

    def __init__(self, *texts: str, finish: str = "stop") -> None:
        self.texts = list(texts)
        self.finish = finish
        self.asked: list[str] = []

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        self.asked += [prompt.messages[-1][1] for prompt in shard]
        return [Completion(json.dumps({"text": self.texts.pop(0)}), self.finish, 10, 5) for _ in shard]

    def close(self) -> None: ...


def prompt() -> Prompt:
    clean = CleanDocument(Document("0", "draft.txt", "m", 1), DRAFT, (), (), "en", 1, 0, None)
    return chunk_to_prompt(clean, Chunk(DRAFT, 0, len(DRAFT)), JOB, TOKENIZER)


def answered(writer: FakeWriter, asked: Prompt | None = None, *, limits: bool = True) -> Answer | Rejected:
    plan = engine_plan(EngineSettings(kind="null"), "null", gpus=0, cpu_dtype="float32")
    answering = Answering(Shards(writer, 4, 2), plan, {"copy": JOB}, TOKENIZER, limits=limits)
    (outcome,) = asyncio.run(prompts_to_answers([asked or prompt()], answering))
    return outcome


def test_a_text_within_its_limits_stands_at_once() -> None:
    outcome = answered(FakeWriter(GOOD))
    assert isinstance(outcome, Answer)
    assert (outcome.result, outcome.attempts, outcome.asked_again) == ({"text": GOOD}, 1, ())


def test_a_text_over_its_limits_is_asked_again_with_the_reason() -> None:
    writer = FakeWriter(LONG, GOOD)
    outcome = answered(writer)
    assert isinstance(outcome, Answer)
    assert (outcome.result["text"], outcome.attempts, outcome.output_tokens) == (GOOD, 2, 10)
    reason = "text: it has 60 characters, at most 40 are allowed"
    assert outcome.asked_again == (reason,)
    assert reason in writer.asked[1]


def test_after_two_more_tries_it_is_a_failure_and_nothing_is_cut() -> None:
    outcome = answered(FakeWriter(LONG, LONG, LONG))
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.attempts) == ("broken_limit", MAX_ATTEMPTS)
    assert LONG in outcome.raw_text


def test_every_kind_of_limit_is_told() -> None:
    outcome = answered(FakeWriter(DRAFT, "Lamp 50 euro 💡💡", GOOD))
    assert isinstance(outcome, Answer)
    unchanged, others = outcome.asked_again
    assert "unchanged" in unchanged
    for words in (
        "it has 2 emoji",
        "it lacks 49, Aurora of the document",
        "it has 50, which",
        'the term "Aurora lamp"',
    ):
        assert words in others


def test_a_text_that_was_cut_off_is_not_kept_in_part() -> None:
    outcome = answered(FakeWriter(*[GOOD] * 9, finish="length"))
    assert isinstance(outcome, Rejected)
    assert outcome.code == "truncated"


def test_a_term_of_the_models_own_is_asked_for_but_costs_no_text() -> None:
    asked = with_terms(prompt(), (("shops", "stores"),), TOKENIZER)
    assert 'Terms: "shops" is "stores".' in asked.messages[-1][1]
    outcome = answered(FakeWriter(GOOD, LONG, LONG), asked)
    assert isinstance(outcome, Answer)
    assert (outcome.result["text"], outcome.attempts) == (GOOD, 3)
    assert outcome.lacking == ('text: it lacks the term "stores" for "shops"',)
    assert len(outcome.asked_again) == 2


def test_an_engine_without_a_model_writes_nothing_that_could_be_checked() -> None:
    outcome = answered(FakeWriter(""), limits=False)
    assert isinstance(outcome, Answer)


def test_the_model_is_told_how_much_it_may_write_in_what_it_can_count() -> None:
    writer = FakeWriter(f"{LONG} 💡💡", LONG, GOOD)
    outcome = answered(writer)
    assert isinstance(outcome, Answer)
    assert outcome.attempts == 3
    assert "Write about 5 words. Use no emoji." in writer.asked[1]
    assert "It has to say, in sentences of its own: 49 euro, Aurora lamp." in writer.asked[2]
    assert "Write another one." in writer.asked[2]
    assert LONG not in writer.asked[2]
