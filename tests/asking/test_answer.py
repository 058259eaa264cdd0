"""answer: shards of the right size, repair of what was rejected, and neighbours that don't notice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import BaseModel, Field

from qwen_batch.asking.answer import MAX_ATTEMPTS, MORE_ROOM, Rejected, prompts_to_answers
from qwen_batch.asking.answering import Answering
from qwen_batch.asking.prompts import chunk_to_prompt
from qwen_batch.config import EngineSettings
from qwen_batch.engine.engine import EnginePlan
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.shards import Shards
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.errors import EngineError
from qwen_batch.job.definition import Job
from qwen_batch.records import Answer, Chunk, CleanDocument, Completion, Document, Prompt


class Note(BaseModel):
    pages: int = Field(ge=0)


JOB = Job("note", Note, "Count the pages.", max_output_tokens=100)
TOKENIZER = ApproximateTokenizer()
PROMPT_TOKENS, CACHED_TOKENS = 50, 32


def good(pages: int = 1, tokens: int = 10) -> Completion:
    return Completion(json.dumps({"pages": pages}), "stop", PROMPT_TOKENS, tokens, CACHED_TOKENS)


def bad(text: str = '{"pages": -1}', tokens: int = 10) -> Completion:
    return Completion(text, "stop", PROMPT_TOKENS, tokens, CACHED_TOKENS)


def truncated(tokens: int = 100) -> Completion:
    return Completion('{"pages"', "length", PROMPT_TOKENS, tokens, CACHED_TOKENS)


REFUSED = Completion("", "error", PROMPT_TOKENS, 0, error="ValueError: too long")


class FakeEngine:
    """Answers each document's prompts from its own script, and remembers the shards that it got."""

    def __init__(self, script: dict[str, list[Completion]] | None = None) -> None:
        self.script = script or {}
        self.shards: list[list[Prompt]] = []
        self.running = 0
        self.most_running = 0

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        self.shards.append(list(shard))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        for _ in range(5):
            await asyncio.sleep(0)
        self.running -= 1
        return [self._next(prompt) for prompt in shard]

    def _next(self, prompt: Prompt) -> Completion:
        script = self.script.get(prompt.doc_id)
        return script.pop(0) if script else good(int(prompt.doc_id))

    def close(self) -> None: ...


class FakeDeadEngine:
    """An engine that has died."""

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        raise EngineError("the engine died", "start again")

    def close(self) -> None: ...


def plan(**settings: Any) -> EnginePlan:
    return engine_plan(EngineSettings(kind="null", **settings), "null", gpus=0, cpu_dtype="float32")


def prompts(count: int) -> list[Prompt]:
    made = []
    for number in range(count):
        clean = CleanDocument(Document(str(number), "file", "m", 1), "text", (), (), "en", 1, 0, None)
        made.append(chunk_to_prompt(clean, Chunk("text", 0, 4), JOB, TOKENIZER))
    return made


def answer_all(asked: Sequence[Prompt], engine: Any, gate: int = 2, **settings: Any) -> list[Answer | Rejected]:
    async def run() -> list[Answer | Rejected]:
        chosen = plan(**settings)
        answering = Answering(Shards(engine, chosen.batch_size, gate), chosen, {"note": JOB}, TOKENIZER)
        return await prompts_to_answers(asked, answering)

    return asyncio.run(run())


def one(script: list[Completion], **settings: Any) -> tuple[Answer | Rejected, FakeEngine]:
    engine = FakeEngine({"0": script})
    (outcome,) = answer_all(prompts(1), engine, **settings)
    return outcome, engine


@pytest.mark.parametrize(
    ("count", "size", "sizes"),
    [(0, 4, []), (1, 4, [1]), (4, 4, [4]), (5, 4, [4, 1]), (10, 4, [4, 4, 2]), (3, 1, [1, 1, 1]), (7, 256, [7])],
)
def test_shards_are_full_but_for_the_last(count: int, size: int, sizes: list[int]) -> None:
    engine = FakeEngine()
    assert len(answer_all(prompts(count), engine, batch_size=size)) == count
    assert [len(shard) for shard in engine.shards] == sizes


def test_neighbours_stay_neighbours_and_answers_keep_the_order_of_the_prompts() -> None:
    engine = FakeEngine()
    outcomes = answer_all(prompts(10), engine, batch_size=4)
    assert [[prompt.doc_id for prompt in shard] for shard in engine.shards] == [
        ["0", "1", "2", "3"],
        ["4", "5", "6", "7"],
        ["8", "9"],
    ]
    assert [outcome.result["pages"] for outcome in outcomes] == list(range(10))


@pytest.mark.parametrize("gate", [1, 2, 3])
def test_the_gate_limits_the_shards_in_flight_and_is_filled(gate: int) -> None:
    engine = FakeEngine()
    answer_all(prompts(8), engine, gate=gate, batch_size=1)
    assert engine.most_running == gate


def test_the_gate_is_shared_by_documents_that_are_answered_together() -> None:
    engine = FakeEngine()

    async def run() -> None:
        answering = Answering(Shards(engine, 1, 2), plan(batch_size=1), {"note": JOB}, TOKENIZER)
        await asyncio.gather(*(prompts_to_answers(prompts(3), answering) for _ in range(3)))

    asyncio.run(run())
    assert engine.most_running == 2
    assert len(engine.shards) == 9


def test_documents_that_come_together_fill_shards_together() -> None:
    engine = FakeEngine()

    async def run() -> None:
        answering = Answering(Shards(engine, 4, 2), plan(), {"note": JOB}, TOKENIZER)
        await asyncio.gather(*(prompts_to_answers(prompts(2), answering) for _ in range(5)))

    asyncio.run(run())
    assert [len(shard) for shard in engine.shards] == [4, 4, 2]


def test_a_shard_that_is_not_full_waits_for_no_document() -> None:
    engine = FakeEngine()

    async def run() -> list[str]:
        order: list[str] = []
        answering = Answering(Shards(engine, 4, 2), plan(), {"note": JOB}, TOKENIZER)
        first_answered = asyncio.Event()

        async def read_first() -> None:
            await prompts_to_answers(prompts(1), answering)
            order.append("first is answered")
            first_answered.set()

        async def read_for_long() -> None:
            await first_answered.wait()  # would wait for ever if the first waited for this one
            await prompts_to_answers(prompts(1), answering)
            order.append("second is answered")

        await asyncio.wait_for(asyncio.gather(read_first(), read_for_long()), timeout=10)
        return order

    assert asyncio.run(run()) == ["first is answered", "second is answered"]
    assert [len(shard) for shard in engine.shards] == [1, 1]


def test_a_valid_answer_is_taken_as_it_is() -> None:
    outcome, engine = one([good(7, tokens=12)])
    assert outcome == Answer(Chunk("text", 0, 4), {"pages": 7}, good(7, tokens=12), 1, PROMPT_TOKENS, 12, CACHED_TOKENS)
    assert len(engine.shards) == 1


@pytest.mark.parametrize("first", [bad("Sure!"), bad('{"pages": -1}'), bad("{}")])
def test_a_rejected_answer_is_repaired_with_the_validators_words(first: Completion) -> None:
    outcome, engine = one([first, good(7)])
    assert isinstance(outcome, Answer)
    assert (outcome.result, outcome.attempts) == ({"pages": 7}, 2)
    (asked,), (repair,) = engine.shards
    assert repair.messages[: len(asked.messages)] == asked.messages
    assert repair.messages[2] == ("assistant", first.text)
    assert "rejected" in repair.messages[3][1]


def test_a_second_repair_starts_from_the_question_not_from_the_first_repair() -> None:
    outcome, engine = one([bad("one"), bad("two"), good(7)])
    assert isinstance(outcome, Answer)
    assert outcome.attempts == 3
    assert [text for role, text in engine.shards[2][0].messages if role == "assistant"] == ["two"]


def test_the_cost_of_every_attempt_is_counted() -> None:
    outcome, _ = one([bad(tokens=3), bad(tokens=4), good(tokens=5)])
    assert isinstance(outcome, Answer)
    assert (outcome.prompt_tokens, outcome.output_tokens) == (3 * PROMPT_TOKENS, 12)
    assert outcome.cached_tokens == 3 * CACHED_TOKENS


def test_after_the_last_attempt_the_answer_is_rejected_with_its_text() -> None:
    outcome, engine = one([bad("one"), bad("two"), bad("three"), good()])
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.raw_text, outcome.attempts) == ("invalid_json", "three", MAX_ATTEMPTS)
    assert "not valid JSON" in outcome.message
    assert len(engine.shards) == MAX_ATTEMPTS


def test_a_truncated_answer_gets_more_room_for_the_same_question() -> None:
    outcome, engine = one([truncated(100), good()])
    assert isinstance(outcome, Answer)
    (asked,), (again,) = engine.shards
    assert asked.max_tokens == 100
    assert again.max_tokens == 100 * MORE_ROOM
    assert again.messages == asked.messages


def test_the_room_grows_with_each_attempt() -> None:
    _, engine = one([truncated(100), truncated(200), good()])
    assert [shard[0].max_tokens for shard in engine.shards] == [100, 200, 400]


def test_the_room_never_exceeds_the_context() -> None:
    (asked,) = prompts(1)
    context = len(asked.token_ids) + 150
    _, engine = one([truncated(100), truncated(150), good()], max_model_len=context)
    assert [shard[0].max_tokens for shard in engine.shards][:2] == [100, 150]
    assert max(shard[0].max_tokens for shard in engine.shards) == 150


def test_an_answer_that_is_always_truncated_is_rejected_as_such() -> None:
    outcome, _ = one([truncated(100), truncated(200), truncated(400)])
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.attempts) == ("truncated", MAX_ATTEMPTS)


def test_a_repair_that_does_not_fit_the_context_asks_the_question_again() -> None:
    (asked,) = prompts(1)
    outcome, engine = one([bad("x" * 400), good()], max_model_len=len(asked.token_ids) + asked.max_tokens + 20)
    assert isinstance(outcome, Answer)
    assert engine.shards[1][0] == asked


def test_every_prompt_fits_the_context() -> None:
    (asked,) = prompts(1)
    context = len(asked.token_ids) + 160
    _, engine = one([truncated(100), bad("x" * 300), good()], max_model_len=context)
    for (prompt,) in engine.shards:
        assert len(prompt.token_ids) + prompt.max_tokens <= context


def test_an_engine_error_on_one_prompt_leaves_its_shard_alone_and_is_not_repaired() -> None:
    engine = FakeEngine({"2": [REFUSED]})
    outcomes = answer_all(prompts(4), engine, batch_size=4)
    assert outcomes[2] == Rejected("engine_error", "ValueError: too long", "", 1)
    assert [outcomes[place].result for place in (0, 1, 3)] == [{"pages": 0}, {"pages": 1}, {"pages": 3}]
    assert len(engine.shards) == 1


def test_only_what_was_rejected_is_asked_again_in_shards_of_its_own() -> None:
    engine = FakeEngine({str(number): [bad(), good(number)] for number in (1, 4, 5, 8, 9)})
    outcomes = answer_all(prompts(10), engine, batch_size=4)
    assert [[prompt.doc_id for prompt in shard] for shard in engine.shards[3:]] == [["1", "4", "5", "8"], ["9"]]
    assert [outcome.result["pages"] for outcome in outcomes] == list(range(10))
    assert [outcome.attempts for outcome in outcomes] == [1, 2, 1, 1, 2, 2, 1, 1, 2, 2]


def test_a_dead_engine_is_no_rejection() -> None:
    with pytest.raises(EngineError, match="died"):
        answer_all(prompts(5), FakeDeadEngine())


LINES = "\n".join(f"Line {number} of a contract that lists many things." for number in range(8))


def long_prompt(text: str = LINES) -> Prompt:
    clean = CleanDocument(Document("0", "file", "m", 1), text, (), (), "en", 1, 0, None)
    return chunk_to_prompt(clean, Chunk(text, 0, len(text)), JOB, TOKENIZER)


def ask_long(script: list[Completion], text: str = LINES, room: int = 100) -> tuple[Answer | Rejected, FakeEngine]:
    asked = long_prompt(text)
    engine = FakeEngine({"0": script})
    (outcome,) = answer_all([asked], engine, max_model_len=len(asked.token_ids) + room)
    return outcome, engine


def test_an_answer_without_more_room_is_asked_of_both_halves() -> None:
    outcome, engine = ask_long([truncated(100), good(1, tokens=10), good(2, tokens=20)])
    assert isinstance(outcome, Answer)
    assert [part.result["pages"] for part in outcome.parts] == [1, 2]
    first, second = (part.chunk for part in outcome.parts)
    assert first.text + second.text == LINES
    assert first.text.endswith("\n")
    assert (first.start, first.end, second.end) == (0, second.start, len(LINES))
    assert outcome.chunk.text == LINES
    assert (outcome.prompt_tokens, outcome.output_tokens, outcome.attempts) == (3 * PROMPT_TOKENS, 130, 2)
    assert outcome.cached_tokens == 3 * CACHED_TOKENS
    halves = engine.shards[1]
    assert first.text.strip() in halves[0].messages[1][1]
    assert second.text not in halves[0].messages[1][1]
    assert max(len(half.token_ids) for half in halves) < len(engine.shards[0][0].token_ids)


def test_halves_that_are_still_too_long_are_halved_once_more_and_no_further() -> None:
    outcome, engine = ask_long([truncated(5000)] * 50)
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.attempts) == ("truncated", MAX_ATTEMPTS)
    assert sum(map(len, engine.shards)) == 7
    outcome, _ = ask_long([truncated(5000)] * 3 + [good(number) for number in range(4)])
    assert isinstance(outcome, Answer)
    assert "".join(part.chunk.text for part in outcome.parts) == LINES
    assert len(outcome.parts) == 4


def test_a_half_without_an_answer_rejects_the_whole() -> None:
    outcome, _ = ask_long([truncated(100), good(1), bad("no"), bad("no")])
    assert isinstance(outcome, Rejected)
    assert outcome.code == "invalid_json"


def test_more_room_is_tried_before_halving() -> None:
    outcome, engine = ask_long([truncated(100), good(7)], room=300)
    assert isinstance(outcome, Answer)
    assert outcome.parts == ()
    assert [len(shard) for shard in engine.shards] == [1, 1]


def test_chinese_text_without_lines_is_halved_too() -> None:
    text = "甲方应当按照本合同约定向乙方交付货物。" * 20
    outcome, _ = ask_long([truncated(100), good(1), good(2)], text=text)
    assert isinstance(outcome, Answer)
    assert "".join(part.chunk.text for part in outcome.parts) == text
