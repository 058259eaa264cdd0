"""cut_off: what is whole of an answer that was cut off stays, and the rest is asked for from there, not for ever."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from qwen_batch.asking.answer import MAX_ATTEMPTS, Rejected, prompts_to_answers
from qwen_batch.asking.answering import Answering
from qwen_batch.asking.cut_off import closed, joined, kept_of, rest_prompt, unfinished_of
from qwen_batch.asking.prompts import chunk_to_prompt
from qwen_batch.config import EngineSettings
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.shards import Shards
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.job.definition import Job, Quoted
from qwen_batch.records import Answer, Chunk, CleanDocument, Completion, Document, Prompt


class Duty(Quoted):
    who: str = Field(max_length=40)


class Deed(BaseModel):
    title: str = Field(max_length=40)
    duties: list[Duty] = Field(max_length=6)
    law: Duty | None
    dates: list[Annotated[str, Field(max_length=10)]] | None = Field(max_length=3)


class Strict(BaseModel):
    duties: list[Duty] = Field(max_length=6)
    summary: str = Field(max_length=40)


JOB = Job("deed", Deed, "List the duties.", max_output_tokens=100)
STRICT = Job("strict", Strict, "List the duties.", max_output_tokens=100)
TOKENIZER = ApproximateTokenizer()
TEXT = "\n".join(f"Side {number} shall pay {number} dollars on the first day." for number in range(6))
CLEAN = CleanDocument(Document("1", "deed.txt", "text/plain", 60), TEXT, (), (), "en", 1, 0, None)
CHUNK = Chunk(TEXT, 0, len(TEXT))


def duty(number: int) -> dict[str, str]:
    return {"quote": f"Side {number} shall pay", "who": f"Side {number}"}


def told(data: dict[str, Any], cut: int | None = None, more: str = "") -> Completion:
    """A completion whose tokens have three characters each; with `cut` it breaks off so many before its end."""
    text = json.dumps(data)[: -cut if cut else None] + more
    tokens = tuple(text[at : at + 3] for at in range(0, len(text), 3))
    logprobs = tuple(-0.1 - at / 1000 for at in range(len(tokens)))
    return Completion(text, "length" if cut else "stop", 50, len(tokens), 32, tokens, logprobs)


WHOLE = {"title": "Deed", "duties": [duty(0), duty(1), duty(2)], "law": None, "dates": ["a", "b"]}
IN_LIST = told({"title": "Deed", "duties": [duty(0), duty(1)]}, cut=5)  # within the second item
REST = {"duties": [duty(1), duty(2)], "law": None, "dates": ["a", "b"]}


class FakeEngine:
    """Gives the completions of its script, and remembers the prompts."""

    def __init__(self, *script: Completion) -> None:
        self.script = list(script)
        self.asked: list[Prompt] = []

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        self.asked += shard
        return [self.script.pop(0) for _ in shard]

    def close(self) -> None: ...


def ask(*script: Completion, job: Job = JOB, context: int = 4096, **changes: Any) -> tuple[Answer | Rejected, Any]:
    engine = FakeEngine(*script)
    plan = engine_plan(EngineSettings(kind="null", max_model_len=context), "null", gpus=0, cpu_dtype="float32")

    async def run() -> list[Answer | Rejected]:
        answering = Answering(Shards(engine, 4, 2), plan, {job.name: job}, TOKENIZER, **changes)
        return await prompts_to_answers([chunk_to_prompt(CLEAN, CHUNK, job, TOKENIZER)], answering)

    (outcome,) = asyncio.run(run())
    return outcome, engine


def answered(*script: Completion, **how: Any) -> tuple[Answer, Any]:
    outcome, engine = ask(*script, **how)
    assert isinstance(outcome, Answer), outcome
    return outcome, engine


@pytest.mark.parametrize(
    ("text", "kept", "open_list"),
    [
        ('{"title": "De', {}, None),
        ('{"title": "Deed"', {"title": "Deed"}, None),
        ('{"title": "Deed", "du', {"title": "Deed"}, None),
        ('{"title": "Deed", "duties": [', {"title": "Deed"}, None),
        (IN_LIST.text, {"title": "Deed", "duties": [duty(0)]}, "duties"),
        (json.dumps(WHOLE)[:-1], WHOLE, None),
        ("Sure! Here", {}, None),
        ('{"unknown": 1, "x', {}, None),
        ("", {}, None),
        ("{", {}, None),
        ('{"title": "a \\', {}, None),
    ],
)
def test_what_is_whole_of_an_answer(text: str, kept: dict[str, Any], open_list: str | None) -> None:
    found = kept_of(Completion(text, "length", 1, 1), JOB)
    assert (found.data if found else {}) == kept
    assert (found.open_list if found else None) == open_list


def test_a_number_that_may_go_on_is_not_whole() -> None:
    class Sums(BaseModel):
        first: int = Field(ge=0)
        second: int = Field(ge=0)

    sums = Job("sums", Sums, "Count.")
    found = kept_of(Completion('{"first": 12, "second": 3', "length", 1, 1), sums)
    assert found is not None
    assert (found.data, found.left) == ({"first": 12}, ("second",))


@pytest.mark.parametrize("cut", range(1, len(json.dumps(WHOLE)) - 1))
def test_wherever_an_answer_is_cut_off_kept_and_rest_are_the_whole(cut: int) -> None:
    kept = kept_of(told(WHOLE, cut=cut), JOB)
    if kept is None:
        assert len(json.dumps(WHOLE)) - cut <= len('{"title": "Deed"')
        return
    rest: dict[str, Any] = {name: WHOLE[name] for name in kept.left}
    if kept.open_list:
        rest = {kept.open_list: WHOLE[kept.open_list][len(kept.items) :], **rest}
    if rest:
        both = joined(kept, told(rest))
        assert json.loads(both.text) == WHOLE
        assert "".join(both.token_texts) == both.text
        assert len(both.token_texts) == len(both.logprobs)
    ended = closed(kept, JOB)
    assert ended is not None
    assert json.loads(ended.text).items() >= kept.data.items()


def test_the_rest_is_asked_for_from_where_the_last_item_stood() -> None:
    outcome, engine = answered(IN_LIST, told(REST))
    assert outcome.result == WHOLE
    assert (outcome.attempts, outcome.unfinished) == (2, ())
    first, rest = engine.asked
    assert rest.messages[: len(first.messages)] == first.messages
    assert json.loads(rest.messages[-2][1]) == {"title": "Deed", "duties": [duty(0)]}
    said = rest.messages[-1][1]
    assert "the first 1 of duties" in said
    assert 'stands at "Side 0 shall pay 0 dollars on the first day. Side 1 shall pay' in said
    assert "then the keys law, dates" in said
    schema = json.loads(rest.json_schema)
    assert list(schema["properties"]) == schema["required"] == ["duties", "law", "dates"]
    duties = schema["properties"]["duties"]
    assert (duties["minItems"], duties["maxItems"]) == (0, 5)
    assert outcome.prompt_tokens == 100


def test_a_list_that_is_full_is_not_asked_for_again() -> None:
    full = {"title": "Deed", "duties": [duty(number) for number in range(6)]}
    outcome, engine = answered(told(full, cut=2), told({"law": None, "dates": None}))
    assert len(outcome.result["duties"]) == 6
    assert list(json.loads(engine.asked[1].json_schema)["properties"]) == ["law", "dates"]


def test_an_answer_that_lacks_only_its_end_is_not_asked_again() -> None:
    outcome, engine = answered(told(WHOLE, cut=1))
    assert (outcome.result, outcome.unfinished, outcome.attempts) == (WHOLE, (), 1)
    assert len(engine.asked) == 1


def test_it_goes_on_as_often_as_allowed_and_then_says_what_is_not_complete() -> None:
    parts = [told({"duties": [duty(number), duty(number + 1)]}, cut=5) for number in range(1, 9)]
    outcome, engine = answered(IN_LIST, *parts, continuations=3)
    assert len(engine.asked) == 4
    assert [one["who"] for one in outcome.result["duties"]] == ["Side 0", "Side 1", "Side 2", "Side 3"]
    assert outcome.unfinished == ("duties", "law", "dates")
    assert (outcome.result["law"], outcome.completion.finish_reason) == (None, "length")


@pytest.mark.parametrize("stuck", ['{"du', '{"duties": [{"quote": "Side', "no JSON", '{"law": '])
def test_a_rest_that_brings_nothing_new_is_the_last(stuck: str) -> None:
    outcome, engine = answered(IN_LIST, Completion(stuck, "length", 50, 100), continuations=20)
    assert len(engine.asked) == 2
    assert outcome.result["duties"] == [duty(0)]
    assert outcome.unfinished == ("duties", "law", "dates")


def test_what_was_kept_stands_where_the_engine_refuses_the_rest() -> None:
    outcome, _ = answered(IN_LIST, Completion("", "error", 0, 0, error="ValueError: no"))
    assert outcome.result["duties"] == [duty(0)]
    assert outcome.unfinished == ("duties", "law", "dates")


def test_a_field_that_must_say_something_cannot_be_left_out() -> None:
    cut_off = told({"duties": [duty(0), duty(1)]}, cut=5)
    outcome, engine = ask(cut_off, *[Completion('{"d', "length", 50, 100)] * 9, job=STRICT)
    assert isinstance(outcome, Rejected)
    assert outcome.code == "truncated"
    assert len(engine.asked) == MAX_ATTEMPTS + 1 + 2 + 4, "its rest once, then all of it, its halves and their halves"


def test_a_rest_that_is_rejected_is_repaired_as_a_whole_answer() -> None:
    outcome, engine = answered(IN_LIST, Completion("no JSON", "stop", 50, 5), told(WHOLE))
    assert outcome.result == WHOLE
    assert "rejected" in engine.asked[-1].messages[-1][1]


def test_without_continuations_all_of_it_is_asked_again() -> None:
    outcome, engine = answered(IN_LIST, told(WHOLE), continuations=0)
    assert outcome.result == WHOLE
    assert engine.asked[1].messages == engine.asked[0].messages
    assert engine.asked[1].max_tokens > IN_LIST.output_tokens


def test_where_nothing_more_helps_the_beginning_stands() -> None:
    outcome, engine = answered(*[IN_LIST] * 20, continuations=0)
    assert len(engine.asked) == MAX_ATTEMPTS + 2 + 4
    assert [part.unfinished for part in outcome.parts] == [("duties", "law", "dates")] * 4


def test_where_there_is_no_room_for_all_that_is_there_the_last_items_are_shown() -> None:
    many = {"title": "Deed", "duties": [duty(number) for number in range(5)]}
    kept = kept_of(told(many, cut=3), JOB)
    assert kept is not None
    prompt = chunk_to_prompt(CLEAN, CHUNK, JOB, TOKENIZER)
    whole = rest_prompt(prompt, kept, JOB, TOKENIZER, 4096)
    assert whole is not None
    context = len(whole.token_ids) + 60
    short = rest_prompt(prompt, kept, JOB, TOKENIZER, context)
    assert short is not None
    assert json.loads(short.messages[-2][1]) == {"duties": [duty(1), duty(2), duty(3)]}
    assert len(short.token_ids) + short.max_tokens <= context
    assert rest_prompt(prompt, kept, JOB, TOKENIZER, len(prompt.token_ids) + 60) is None


def test_the_tokens_of_what_was_kept_and_what_followed_belong_to_their_values() -> None:
    outcome, _ = answered(IN_LIST, told(REST))
    one = outcome.completion
    assert "".join(one.token_texts) == one.text
    assert len(one.logprobs) == len(one.token_texts)


def test_nobody_said_what_closes_an_answer() -> None:
    kept = kept_of(IN_LIST, JOB)
    assert kept is not None
    ended = closed(kept, JOB)
    assert ended is not None
    assert len(ended.logprobs) < len(ended.token_texts)
    assert unfinished_of(kept) == ("duties", "law", "dates")
