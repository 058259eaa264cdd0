"""What rows of tables need of the rest of a run: words of lines for tables without rules, and answers on layouts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from qwen_batch.asking.answering import Answering, Asked, complete_once
from qwen_batch.job.definition import Job, job_rows
from qwen_batch.reading.isolate.isolator import Isolator
from qwen_batch.records import CleanDocument, Completion, Tokens, tokens_of
from qwen_batch.run.document.rows import LayoutQuestion, Told, by_code, is_taken, perhaps_by_code, rows_found, told_of
from qwen_batch.run.document.word_boxes import with_all_words
from qwen_batch.run.document.work import Work

MAX_PAGES_WITH_WORDS = 400
"""Of a longer document the words of all lines are not asked for."""
NO_COST = Tokens(prompt_tokens=0, output_tokens=0, cached_tokens=0)


def clean_for_rows(clean: CleanDocument, jobs: Sequence[Job], isolator: Isolator) -> CleanDocument:
    """The text with the words of its lines, where a job looks for a table that the text does not show as one."""
    if clean.pages > MAX_PAGES_WITH_WORDS or not any(line.box.y1 > line.box.y0 for line in clean.lines):
        return clean
    lacking = any(not one.layouts for job in jobs if job_rows(job) for one in rows_found(clean, job))
    return with_all_words(clean, isolator) if lacking else clean


async def with_layouts(works: Sequence[Work], answering: Answering) -> list[Work]:
    """The works with what the model tells of their tables, and the prompts that are still needed.

    Raises EngineError when the engine is dead.
    """
    questions = [one for work in works for one in work.layouts]
    fitting = [len(one.prompt.token_ids) + one.prompt.max_tokens <= answering.plan.max_model_len for one in questions]
    asked = iter(
        await complete_once([one.prompt for one, fits in zip(questions, fitting, strict=True) if fits], answering)
    )
    told = iter([_told(one, next(asked)) if fits else None for one, fits in zip(questions, fitting, strict=True)])
    answered = [
        replace(work, told=tuple(one for _ in work.layouts if (one := next(told)) is not None)) for work in works
    ]
    return [_with_needed_prompts(work, answering) if work.layouts else work for work in answered]


def _told(question: LayoutQuestion, asked: Asked) -> Told:
    cost = tokens_of((asked.completion,)) if asked.is_first else NO_COST
    return told_of(question, asked.completion, _sureness(asked.completion), cost)


def _sureness(completion: Completion) -> float:
    """The geometric mean probability of an answer's tokens; 1 where the engine tells none."""
    if not completion.logprobs:
        return 1.0
    return math.exp(sum(completion.logprobs) / len(completion.logprobs))


def _with_needed_prompts(work: Work, answering: Answering) -> Work:
    """The work without the prompts that ask for a list which is taken, or leave one out that is not."""
    if work.clean is None:
        return work
    wanted = {}
    for name in {one.job for one in work.layouts}:
        job = answering.jobs[name]
        found = rows_found(work.clean, job)
        every = all(is_taken(one, work.told, job) for one in found if one.layouts)
        wanted[name] = perhaps_by_code(found) if every else by_code(found)
    kept = tuple(one for one in work.prompts if one.job not in wanted or one.left_out == wanted[one.job])
    return replace(work, prompts=kept)
