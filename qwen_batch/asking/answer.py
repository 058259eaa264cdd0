"""From prompts to answers: through the engine, validation, and repair of what was rejected.

An answer that was cut off is asked again with more room. Where there is no more, its chunk is cut in two and both
halves are asked: each leaves more room, and has less to say.
What happens to one prompt never touches another of its shard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qwen_batch.asking.prompts import halved, repair_prompt
from qwen_batch.asking.validate import Invalid, completion_to_result
from qwen_batch.engine.engine import EnginePlan
from qwen_batch.engine.shards import Shards
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.failure_codes import FailureCode
from qwen_batch.job.definition import Job
from qwen_batch.records import Answer, Completion, Prompt, tokens_of

MAX_ATTEMPTS = 3  # the first answer and two repairs
MORE_ROOM = 2  # a truncated answer is asked again with this many times its tokens
MAX_HALVINGS = 2  # a chunk is asked in four parts at most


@dataclass(frozen=True, slots=True)
class Rejected:
    """A prompt without a valid answer: why, and the last raw text."""

    code: FailureCode
    message: str
    raw_text: str
    attempts: int


@dataclass(frozen=True, slots=True)
class _Try:
    """A prompt on its way, with what it cost so far; `place` is its number, then 0 or 1 for each halving."""

    place: tuple[int, ...]
    original: Prompt
    prompt: Prompt
    attempt: int = 1
    prompt_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Answering:
    """What answering needs: the way into the engine, its plan, jobs by name, the tokenizer.

    `self_check` asks the model of its values whether they are right, `asks_orders` of passages whether they are orders.
    """

    shards: Shards
    plan: EnginePlan
    jobs: Mapping[str, Job]
    tokenizer: Tokenizer
    self_check: bool = False
    asks_orders: bool = False


async def prompts_to_answers(prompts: Sequence[Prompt], answering: Answering) -> list[Answer | Rejected]:
    """One answer or rejection a prompt, in their order. Raises EngineError when the engine is dead."""
    done: dict[tuple[int, ...], Answer | Rejected] = {}
    open_tries = [_Try((place,), prompt, prompt) for place, prompt in enumerate(prompts)]
    while open_tries:
        completions = await answering.shards.complete([one.prompt for one in open_tries])
        again: list[_Try] = []
        for one, completion in zip(open_tries, completions, strict=True):
            outcome = _judge(one, completion, answering)
            if isinstance(outcome, list):
                again += outcome
            else:
                done[one.place] = outcome
        open_tries = again
    return [_assembled(done, (place,), prompt) for place, prompt in enumerate(prompts)]


def _assembled(
    done: Mapping[tuple[int, ...], Answer | Rejected], place: tuple[int, ...], prompt: Prompt
) -> Answer | Rejected:
    """The answer at a place, or the answers to its halves as one; the first rejection if a half has none."""
    if place in done:
        return done[place]
    halves = [_assembled(done, (*place, half), prompt) for half in (0, 1)]
    rejected = next((half for half in halves if isinstance(half, Rejected)), None)
    if rejected:
        return rejected
    parts = [part for half in halves if isinstance(half, Answer) for part in half.parts or (half,)]
    return replace(
        parts[0],
        chunk=prompt.chunk,
        attempts=max(part.attempts for part in parts),
        parts=tuple(parts),
        **tokens_of(parts),
    )


def _judge(one: _Try, completion: Completion, answering: Answering) -> Answer | Rejected | list[_Try]:
    """An answer, a rejection, or what is asked next: the same prompt once more, or its two halves."""
    cost = replace(one, **tokens_of((one, completion)))
    checked = completion_to_result(completion, answering.jobs[one.prompt.job].schema)
    if not isinstance(checked, Invalid):
        return Answer(
            chunk=one.prompt.chunk,
            result=checked.result,
            completion=completion,
            attempts=one.attempt,
            **tokens_of((cost,)),
        )
    if checked.code == "truncated" and not _has_more_room(one, completion, answering):
        halves = _halves(cost, answering)
        if halves:
            return halves
    if one.attempt >= MAX_ATTEMPTS or checked.code == "engine_error":
        return Rejected(checked.code, checked.problem, completion.text, one.attempt)
    better = _better_prompt(one, completion, checked, answering)
    return [replace(cost, prompt=better, attempt=one.attempt + 1)]


def _has_more_room(one: _Try, completion: Completion, answering: Answering) -> bool:
    room = answering.plan.max_model_len - len(one.original.token_ids)
    return one.attempt < MAX_ATTEMPTS and room > completion.output_tokens


def _halves(one: _Try, answering: Answering) -> list[_Try]:
    """Both halves of a prompt's chunk, with its attempts and the room it had; the first carries what it cost."""
    if len(one.place) > MAX_HALVINGS:
        return []
    cut = halved(one.original, answering.tokenizer)
    if cut is None:
        return []
    halves = [replace(prompt, max_tokens=one.prompt.max_tokens) for prompt in cut]
    attempt = min(one.attempt, MAX_ATTEMPTS - 1) + 1
    first = replace(one, place=(*one.place, 0), original=halves[0], prompt=halves[0], attempt=attempt)
    return [first, _Try((*one.place, 1), halves[1], halves[1], attempt)]


def _better_prompt(one: _Try, completion: Completion, invalid: Invalid, answering: Answering) -> Prompt:
    """The prompt of the next try: more room or the validator's words, as far as the context allows."""
    limit = answering.plan.max_model_len
    original = replace(one.original, max_tokens=one.prompt.max_tokens)
    if invalid.code == "truncated":
        room = limit - len(original.token_ids)
        wanted = min(room, completion.output_tokens * MORE_ROOM)
        return replace(original, max_tokens=wanted) if wanted > completion.output_tokens else original
    repair = repair_prompt(original, completion.text, invalid.problem, answering.tokenizer)
    return repair if len(repair.token_ids) + repair.max_tokens <= limit else original
