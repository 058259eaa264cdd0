"""From prompts to answers: through the engine, validation, and repair of what was rejected.

Of an answer that was cut off what is whole is kept, and the rest is asked for from there. One of which nothing is whole
is asked again with more room. Where there is no more, its chunk is cut in two and both halves are asked: each leaves
more room, and has less to say.
Of a job whose texts have limits an answer that breaks one is asked again with the reason; none is kept in part.
What happens to one prompt never touches another of its shard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qwen_batch.asking.answering import Answering
from qwen_batch.asking.cut_off import Kept, closed, joined, kept_of, rest_prompt, unfinished_of
from qwen_batch.asking.drafting.broken import Broken, broken_limits, with_layout
from qwen_batch.asking.prompts import halved, repair_prompt, shorter_prompt
from qwen_batch.asking.validate import Invalid, Valid, completion_to_result
from qwen_batch.failure_codes import FailureCode
from qwen_batch.job.definition import Job, job_limits
from qwen_batch.records import Answer, Completion, Prompt, tokens_of

MAX_ATTEMPTS = 3  # the first answer and two repairs
MORE_ROOM = 2  # a truncated answer is asked again with this many times its tokens
MAX_PROBLEM_CHARS = 600
"""What an answer breaks is told in so many characters."""
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
    """A prompt on its way, with what it cost so far; `place` is its number, then 0 or 1 for each halving.

    `kept` is the beginning of the answer, if the prompt asks for its rest for the `continued`th time.
    `asked_again` are the limits that earlier tries broke, `second_best` an answer among them that only lacks terms.
    """

    place: tuple[int, ...]
    original: Prompt
    prompt: Prompt
    attempt: int = 1
    prompt_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    kept: Kept | None = None
    continued: int = 0
    asked_again: tuple[str, ...] = ()
    second_best: Answer | None = None


async def prompts_to_answers(prompts: Sequence[Prompt], answering: Answering) -> list[Answer | Rejected]:
    """One answer or rejection a prompt, in their order. Raises EngineError when the engine is dead."""
    done: dict[tuple[int, ...], Answer | Rejected] = {}
    open_tries = [_Try((place,), prompt, prompt) for place, prompt in enumerate(prompts)]
    while open_tries:
        completions = await answering.shards.complete([one.prompt for one in open_tries])
        again: list[_Try] = []
        judged = zip(open_tries, completions, strict=True)
        outcomes = await asyncio.gather(*(_judge(one, completion, answering) for one, completion in judged))
        for one, outcome in zip(open_tries, outcomes, strict=True):
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


async def _judge(one: _Try, completion: Completion, answering: Answering) -> Answer | Rejected | list[_Try]:
    """An answer, a rejection, or what is asked next: the same prompt once more, or its two halves."""
    cost = replace(one, **tokens_of((one, completion)))
    if one.kept and completion.error is not None:
        return _unfinished(cost, one.kept, answering) or Rejected(
            "engine_error", completion.error, completion.text, one.attempt
        )
    if one.kept:
        completion = joined(one.kept, completion)
    job = answering.job_of(one.prompt)
    checked = completion_to_result(completion, job.schema)
    if not isinstance(checked, Invalid):
        checked = Valid(with_layout(checked.result, job, one.prompt))
        broken = await broken_limits(checked.result, job, one.prompt) if answering.limits else ()
        answer = _answer(cost, completion, checked)
        return _within_limits(cost, answer, broken, answering) if broken else answer
    if checked.code == "truncated" and (further := _from_there(cost, completion, answering)):
        return further
    if checked.code == "truncated" and not _has_more_room(one, completion, answering):
        halves = _halves(cost, answering)
        if halves:
            return halves
    if one.attempt >= MAX_ATTEMPTS or checked.code == "engine_error":
        kept = _kept_of(completion, job) if checked.code == "truncated" else one.kept
        incomplete = one.second_best or (_unfinished(cost, kept, answering) if kept else None)
        return incomplete or Rejected(checked.code, checked.problem, completion.text, one.attempt)
    better = _better_prompt(one, completion, checked, answering)
    return [replace(cost, prompt=better, attempt=one.attempt + 1, kept=None)]


def _answer(one: _Try, completion: Completion, checked: Valid, unfinished: tuple[str, ...] = ()) -> Answer:
    return Answer(
        chunk=one.prompt.chunk,
        result=checked.result,
        completion=completion,
        attempts=one.attempt + one.continued,
        unfinished=unfinished,
        asked_again=one.asked_again,
        **tokens_of((one,)),
    )


def _within_limits(
    one: _Try, answer: Answer, broken: Sequence[Broken], answering: Answering
) -> Answer | Rejected | list[_Try]:
    """What comes of an answer that breaks limits: the same question with the reason, at most twice, then a rejection.

    One that only lacks terms of the model's own is second best, and stands where no other came of it.
    """
    problem = "; ".join(map(str, broken))[:MAX_PROBLEM_CHARS]
    second_best = one.second_best
    if all(each.is_soft for each in broken):
        second_best = replace(answer, lacking=tuple(map(str, broken)))
    if one.attempt >= MAX_ATTEMPTS:
        if second_best is None:
            return Rejected("broken_limit", problem, answer.completion.text, one.attempt)
        return replace(second_best, attempts=answer.attempts, asked_again=one.asked_again, **tokens_of((one,)))
    original = replace(one.original, max_tokens=one.prompt.max_tokens)
    advice = " ".join(filter(None, [f"{problem}.", *(each.advice for each in broken)]))
    again = shorter_prompt(original, _to_change(one, answer), advice, answering.tokenizer)
    if len(again.token_ids) + again.max_tokens > answering.plan.max_model_len:
        again = original
    reasons = (*one.asked_again, problem)
    return [
        replace(one, prompt=again, attempt=one.attempt + 1, kept=None, asked_again=reasons, second_best=second_best)
    ]


def _to_change(one: _Try, answer: Answer) -> str | None:
    """The text that the model is to change; none for the last try, and where it only says again what it has said."""
    text = answer.completion.text
    is_last = one.attempt + 1 >= MAX_ATTEMPTS
    return None if is_last or any(text == content for _, content in one.prompt.messages) else text


def _kept_of(completion: Completion, job: Job) -> Kept | None:
    """What is whole of an answer that was cut off; of texts with limits nothing, for they are compared as a whole."""
    return None if job_limits(job) else kept_of(completion, job)


def _from_there(one: _Try, completion: Completion, answering: Answering) -> Answer | list[_Try] | None:
    """What comes of an answer that was cut off and has a beginning: its rest is asked for, or it stays as it is.

    None if there is none, if it must not be asked for, or if there is no room for it.
    """
    job = answering.job_of(one.prompt)
    kept = _kept_of(completion, job)
    if kept is None or not answering.continuations:
        return None
    if not kept.open_list and not kept.left:  # only its end is missing
        return _unfinished(one, kept, answering)
    if one.continued >= answering.continuations or not kept.goes_beyond(one.kept):
        return _unfinished(one, kept, answering)
    rest = rest_prompt(one.original, kept, job, answering.tokenizer, answering.plan.max_model_len)
    return [replace(one, prompt=rest, kept=kept, continued=one.continued + 1)] if rest else None


def _unfinished(one: _Try, kept: Kept, answering: Answering) -> Answer | None:
    """What was kept as the answer, if the job's schema takes it so."""
    job = answering.job_of(one.prompt)
    completion = closed(kept, job)
    checked = completion_to_result(completion, job.schema) if completion else None
    if completion is None or not isinstance(checked, Valid):
        return None
    unfinished = unfinished_of(kept)
    return _answer(one, replace(completion, finish_reason="length") if unfinished else completion, checked, unfinished)


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
    first = replace(one, place=(*one.place, 0), original=halves[0], prompt=halves[0], attempt=attempt, kept=None)
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
