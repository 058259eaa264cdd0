"""What answering needs, and questions that many documents ask in the same words: those are answered once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qwen_batch.engine.engine import EnginePlan
from qwen_batch.engine.shards import Shards
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.definition import Job
from qwen_batch.job.rows.left_out import job_without
from qwen_batch.records import Completion, Prompt


@dataclass(frozen=True, slots=True)
class Asked:
    """A completion, and whether it was made for this prompt: who asks the same after it has it for nothing."""

    completion: Completion
    is_first: bool


@dataclass(frozen=True, slots=True)
class Answering:
    """What answering needs: the way into the engine, its plan, jobs by name, the tokenizer.

    `self_check` asks the model of its values whether they are right, `asks_orders` of passages whether they are orders.
    A document that is what a job is for with a lower probability than `fits_threshold` is not asked. The rest of an
    answer that was cut off is asked for at most `continuations` times. With `limits` it is
    checked what texts have to keep: an engine without a model writes none. `same` keeps questions that many documents
    ask in the same words, with their answers.
    """

    shards: Shards
    plan: EnginePlan
    jobs: Mapping[str, Job]
    tokenizer: Tokenizer
    self_check: bool = False
    fits_threshold: float = 0.5
    continuations: int = 3
    asks_orders: bool = False
    limits: bool = True
    same: dict[Prompt, asyncio.Future[Completion]] = field(default_factory=dict)

    def job_of(self, prompt: Prompt) -> Job:
        """The job that a prompt asks, without the lists that it leaves out."""
        return job_without(self.jobs[prompt.job], prompt.left_out)


async def complete_once(prompts: Sequence[Prompt], answering: Answering) -> list[Asked]:
    """A completion a prompt, where a prompt that was asked before is not asked again."""
    keys = [replace(prompt, doc_id="") for prompt in prompts]
    new = [key for key in dict.fromkeys(keys) if key not in answering.same]
    loop = asyncio.get_running_loop()
    answering.same.update((key, loop.create_future()) for key in new)
    waiting = [answering.same[key] for key in keys]
    try:
        for key, completion in zip(new, await answering.shards.complete(new), strict=True):
            answering.same[key].set_result(completion)
    except Exception as error:
        for key in new:
            failed = answering.same.pop(key)
            failed.set_exception(error)
            failed.exception()  # who waits for it gets it; without a waiter it was seen
        raise
    answers = [await one for one in waiting]
    for key, answer in zip(keys, answers, strict=True):
        if answer.error is not None:  # whoever asks next may have an answer
            answering.same.pop(key, None)
    firsts = {keys.index(key) for key in new}
    return [Asked(answer, is_first=at in firsts) for at, answer in enumerate(answers)]
