"""From prompts to answers: through the engine, validation, and repair of what was rejected.

What happens to one prompt never touches another of its shard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qwen_batch.engines import EnginePlan
from qwen_batch.job import Job
from qwen_batch.prompts import repair_prompt
from qwen_batch.records import Answer, Completion, Prompt
from qwen_batch.shards import Shards
from qwen_batch.tokens import Tokenizer
from qwen_batch.validate import Invalid, completion_to_result

MAX_ATTEMPTS = 3  # the first answer and two repairs
MORE_ROOM = 2  # a truncated answer is asked again with this many times its tokens


@dataclass(frozen=True, slots=True)
class Rejected:
    """A prompt without a valid answer: why, and the last raw text."""

    code: str
    message: str
    raw_text: str
    attempts: int


@dataclass(frozen=True, slots=True)
class _Try:
    """A prompt on its way, with what it cost so far."""

    place: int
    original: Prompt
    prompt: Prompt
    attempt: int = 1
    prompt_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Answering:
    """What answering needs: the way into the engine, its plan, jobs by name, the tokenizer."""

    shards: Shards
    plan: EnginePlan
    jobs: Mapping[str, Job]
    tokenizer: Tokenizer


async def prompts_to_answers(prompts: Sequence[Prompt], answering: Answering) -> list[Answer | Rejected]:
    """One answer or rejection a prompt, in their order. Raises EngineError when the engine is dead."""
    done: dict[int, Answer | Rejected] = {}
    open_tries = [_Try(place, prompt, prompt) for place, prompt in enumerate(prompts)]
    while open_tries:
        completions = await answering.shards.complete([one.prompt for one in open_tries])
        again: list[_Try] = []
        for one, completion in zip(open_tries, completions, strict=True):
            outcome = _judge(one, completion, answering)
            if isinstance(outcome, _Try):
                again.append(outcome)
            else:
                done[one.place] = outcome
        open_tries = again
    return [done[place] for place in range(len(prompts))]


def _judge(one: _Try, completion: Completion, answering: Answering) -> Answer | Rejected | _Try:
    cost = replace(
        one,
        prompt_tokens=one.prompt_tokens + completion.prompt_tokens,
        output_tokens=one.output_tokens + completion.output_tokens,
    )
    checked = completion_to_result(completion, answering.jobs[one.prompt.job].schema)
    if not isinstance(checked, Invalid):
        return Answer(
            chunk=one.prompt.chunk,
            result=checked.result,
            completion=completion,
            attempts=one.attempt,
            prompt_tokens=cost.prompt_tokens,
            output_tokens=cost.output_tokens,
        )
    if one.attempt >= MAX_ATTEMPTS or checked.code == "engine_error":
        return Rejected(checked.code, checked.problem, completion.text, one.attempt)
    better = _better_prompt(one, completion, checked, answering)
    return replace(cost, prompt=better, attempt=one.attempt + 1)


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
