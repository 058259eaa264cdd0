"""Asks of a document's beginning whether it is what a job is for: one token, yes or no with its probability.

The question stands behind the document as a job's own does, so an engine that keeps prefixes reads the beginning once
for all jobs. Whoever answers without probabilities says nothing here: then every job is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qwen_batch.asking.answering import Answering
from qwen_batch.asking.prompts import question_messages
from qwen_batch.asking.true_or_false import probability_true, true_or_false_prompt
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.definition import Job
from qwen_batch.records import Chunk, CleanDocument, Prompt, Tokens, tokens_of

FITS_VERSION = 1  # part of the fingerprint of every job that says what fits: raise it when the words below change
QUESTION = "The text above is the beginning of a document. Is this document {fits}? Answer true or false."
OPENING_TOKENS = 400
"""What is shown of a document, at most."""
MAX_CHARS_A_TOKEN = 8


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a document is what a job is for; `probability` is None where the engine did not tell it.

    `reason` says for people what was asked and found.
    """

    job: str
    fits: bool
    probability: float | None
    reason: str
    prompt_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


def opening(clean: CleanDocument, tokenizer: Tokenizer, most: int = OPENING_TOKENS) -> str:
    """What a document begins with: at most so many tokens, cut at a paragraph, a line or a blank if one is near."""
    text = clean.text[: most * MAX_CHARS_A_TOKEN]
    ends = tokenizer.token_ends(text)
    if len(ends) <= most and len(text) == len(clean.text):
        return text
    limit = ends[min(len(ends), most) - 1]
    borders = (text.rfind(border, limit // 2, limit) for border in ("\n\n", "\n", " "))
    return text[: next((at for at in borders if at > 0), limit)]


def fits_prompt(clean: CleanDocument, chunk: Chunk, job: Job, tokenizer: Tokenizer, question: str = QUESTION) -> Prompt:
    """The question whether a document with this beginning is what the job is for."""
    messages = question_messages(chunk, question.format(fits=job.fits.strip()))
    return true_or_false_prompt(clean.document.id, job.name, chunk, messages, tokenizer)


async def prompts_to_fits(questions: Sequence[Prompt], answering: Answering) -> list[Fit]:
    """One answer a question, in their order. Raises EngineError when the engine is dead."""
    asked = [one for one in questions if len(one.token_ids) < answering.plan.max_model_len]
    completions = iter(await answering.shards.complete(asked))
    fits = []
    for one in questions:
        words = answering.jobs[one.job].fits.strip()
        if len(one.token_ids) >= answering.plan.max_model_len:
            fits.append(Fit(one.job, True, None, f"{words}: the question does not fit the context"))
            continue
        completion = next(completions)
        fits.append(_fit(one.job, words, probability_true(completion), tokens_of((completion,)), answering))
    return fits


def _fit(job: str, words: str, probability: float | None, cost: Tokens, answering: Answering) -> Fit:
    if probability is None:
        return Fit(job, True, None, f"{words}: the engine told no probability", **cost)
    fits = probability >= answering.fits_threshold
    reason = (
        f"{'it is' if fits else 'it is not'} {words}: {probability:.2f}, and {answering.fits_threshold:g} is enough"
    )
    return Fit(job, fits, probability, reason, **cost)
