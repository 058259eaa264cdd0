"""A job that is asked of each passage alone: its prompts, the terms that they share, and its answers in their places.

A passage without a valid answer is not left out: its own text stands in its place, marked, and a warning names it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from qwen_batch.asking.answering import Answering
from qwen_batch.asking.passages.cut import document_to_passages
from qwen_batch.asking.passages.terms import ChosenTerms, choose_terms, prompt_terms
from qwen_batch.asking.prompts import chunk_to_prompt, with_terms
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.definition import Job
from qwen_batch.job.drafting.passages import IN_ORDER
from qwen_batch.records import Answer, Chunk, CleanDocument, Completion, Prompt
from qwen_batch.run.document.spec import job_rules
from qwen_batch.run.document.work import ChunkAnswers, RejectedPrompt, Work

NOTHING_SAID = Completion("", "stop", 0, 0)


def passage_prompts(
    clean: CleanDocument, chunks: Sequence[Chunk], job: Job, tokenizer: Tokenizer
) -> tuple[Prompt, ...]:
    """A prompt for each passage of a document."""
    return tuple(chunk_to_prompt(clean, chunk, job, tokenizer) for chunk in chunks)


def job_passages(clean: CleanDocument, job: Job, room: int, tokenizer: Tokenizer) -> tuple[Chunk, ...]:
    """The passages that a job is asked of; `room` is how many tokens of text a prompt has."""
    return document_to_passages(clean, min(job.passages.tokens, room), tokenizer) if job.passages else ()


async def with_chosen_terms(works: Sequence[Work], answering: Answering) -> list[Work]:
    """The works with the terms of their documents chosen, and asked with those that stand in each passage."""
    return list(await asyncio.gather(*(_with_terms(work, answering) for work in works)))


async def _with_terms(work: Work, answering: Answering) -> Work:
    jobs = [answering.jobs[name] for name in dict.fromkeys(prompt.job for prompt in work.prompts if prompt.chunk.alone)]
    if work.clean is None or not any(job.passages and job.passages.terms for job in jobs):
        return work
    chosen = tuple(await asyncio.gather(*(choose_terms(work.clean, job, answering) for job in jobs)))
    return replace(work, terms=chosen, prompts=tuple(_told(prompt, chosen, answering) for prompt in work.prompts))


def _told(prompt: Prompt, chosen: Sequence[ChosenTerms], answering: Answering) -> Prompt:
    """A passage's prompt with its terms; as it is where it has none, or no room for them."""
    terms = next(
        (prompt_terms(prompt, one.terms) for one in chosen if one.job == prompt.job and prompt.chunk.alone), ()
    )
    if not terms:
        return prompt
    told = with_terms(prompt, terms, answering.tokenizer)
    return told if len(told.token_ids) + told.max_tokens <= answering.plan.max_model_len else prompt


def put_in_place(answers: ChunkAnswers, job: Job) -> ChunkAnswers:
    """The answers to passages as they follow each other in the document, each ended as its passage ends."""
    if not answers.alone:
        return answers
    fields = [rule.field for rule in job_rules(job) if rule.rule == IN_ORDER]
    placed = [*answers.valid, *(_left_as_it_is(one, fields) for one in answers.rejected)]
    placed.sort(key=lambda one: (one.chunk.index, one.chunk.start))
    return replace(answers, valid=tuple(_ended(one, fields) for one in placed))


def passage_warning(rejected: RejectedPrompt, where: str) -> str:
    """What a row says of a passage without a valid answer."""
    why = f": {rejected.why.message}" if rejected.why.message else ""
    return f"{where}: left as it is in the document ({rejected.why.code}{why})"


def _left_as_it_is(one: RejectedPrompt, fields: Sequence[str]) -> Answer:
    chunk = one.prompt.chunk
    text = f"<!-- passage {chunk.index + 1} of {chunk.count}: not done ({one.why.code}) -->\n{chunk.text.strip()}"
    return Answer(chunk, dict.fromkeys(fields, text), NOTHING_SAID, one.why.attempts, 0, 0)


def _ended(one: Answer, fields: Sequence[str]) -> Answer:
    text = one.chunk.text
    behind = text[len(text.rstrip()) :]
    said = {field: f"{one.result[field].strip()}{behind}" for field in fields if (one.result.get(field) or "").strip()}
    return replace(one, result={**one.result, **said})
