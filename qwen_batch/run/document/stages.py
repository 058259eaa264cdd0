"""The stages of a run as plain functions from Work to Work. Pure composition: no Ray, no files written.

A stage never raises for what a document contains: it returns the work with a failure, and later stages
pass it through. The last one, `settle_stage`, has a module of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from qwen_batch.asking.answer import prompts_to_answers
from qwen_batch.asking.answering import Answering
from qwen_batch.asking.fits import prompts_to_fits
from qwen_batch.asking.orders.without import prompts_to_without
from qwen_batch.asking.prose import ProseRequest, texts_to_prose
from qwen_batch.asking.self_check import checked_answers
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.errors import QwenBatchError
from qwen_batch.evidence.merge import texts_of
from qwen_batch.job.definition import Job
from qwen_batch.outcomes import Failure
from qwen_batch.reading.document_to_text import ReadTools, document_to_text, unforeseen
from qwen_batch.records import CleanDocument
from qwen_batch.run.document.kinds.logs import text_of
from qwen_batch.run.document.kinds.passages import with_chosen_terms
from qwen_batch.run.document.layouts import clean_for_rows, with_layouts
from qwen_batch.run.document.prompting import prompt_stage
from qwen_batch.run.document.spec import RunSpec, job_rules
from qwen_batch.run.document.work import Work, chunk_answers
from qwen_batch.run.groups.text import group_to_text


def document_to_prompts(
    work: Work, spec: RunSpec, tools: ReadTools, tokenizer: Tokenizer, jobs: Mapping[str, Job]
) -> Work:
    """Reads the document and makes its prompts; what is unforeseen is this document's failure."""
    work = replace(work, began_s=time.time())
    if work.group is None:
        text = document_to_text(work.document, tools)
        if isinstance(text, Failure):
            return replace(work, document=text.document, failure=text)
        work = replace(work, document=text.document, clean=text.clean)
    try:
        if work.group is not None:
            made = group_to_text(work.document, work.group, jobs[work.jobs[0]])
            work = replace(work, clean=made.clean, group=made.group)
        elif work.clean is not None:
            clean = clean_for_rows(work.clean, [jobs[name] for name in work.jobs], tools.isolator)
            work = replace(work, clean=clean)
        return prompt_stage(work, spec, tokenizer, jobs)
    except QwenBatchError:
        raise
    except Exception as error:  # noqa: BLE001  one document must not end the run
        return replace(work, failure=unforeseen(work.document, "chunk", error))


async def engine_stage(works: Sequence[Work], answering: Answering) -> list[Work]:
    """Prompts to answers for a shard of documents; their prompts enter the engine as neighbours.

    What a job is not for is found out before anything else is asked of it.
    Where several chunks of a document answered in prose, a second, small call puts their texts together. Where it is
    asked for, the model is asked of each value whether it is right, and of suspicious passages whether they are orders.
    """
    works = await with_layouts(await _fitting(works, answering), answering)
    works = await with_chosen_terms(works, answering)
    prompts = [prompt for work in works for prompt in work.prompts]
    given = await prompts_to_answers(prompts, answering)
    answers = iter(await checked_answers(prompts, given, answering) if answering.self_check else given)
    without = iter(await prompts_to_without(prompts, answering) if answering.asks_orders else ())
    answered = [
        replace(
            work,
            answers=tuple(next(answers) for _ in work.prompts),
            without=tuple(one for _, one in zip(work.prompts, without, strict=False)),
        )
        for work in works
    ]
    return list(await asyncio.gather(*(_with_prose(work, answering) for work in answered)))


async def _fitting(works: Sequence[Work], answering: Answering) -> list[Work]:
    """The works with the answers to their questions, and the prompts of the jobs that they fit."""
    fits = iter(await prompts_to_fits([question for work in works for question in work.questions], answering))
    found = [replace(work, fits=tuple(next(fits) for _ in work.questions)) for work in works]
    return [
        replace(
            work,
            prompts=tuple(prompt for prompt in work.prompts if prompt.job not in work.unfit),
            layouts=tuple(one for one in work.layouts if one.job not in work.unfit),
        )
        for work in found
    ]


async def _with_prose(work: Work, answering: Answering) -> Work:
    requests = [] if work.failure or work.clean is None else _prose_requests(work, work.clean, answering.jobs)
    if not requests:
        return work
    return replace(work, prose=tuple(await asyncio.gather(*(texts_to_prose(one, answering) for one in requests))))


def _prose_requests(work: Work, clean: CleanDocument, jobs: Mapping[str, Job]) -> list[ProseRequest]:
    """A request for each field of prose on which the chunks say different things."""
    requests = []
    for name in work.jobs:
        answers = chunk_answers(work, name)
        if answers.is_lost:
            continue
        for rule in job_rules(jobs[name]):
            texts = texts_of(rule.field, answers.valid) if rule.rule == "model" else []
            if len(texts) > 1:
                requests.append(ProseRequest(text_of(work, clean, jobs[name]), name, rule, tuple(texts)))
    return requests
