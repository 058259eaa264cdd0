"""Whether a job is shown passages of a document or all of it, and how many passages fit."""

from __future__ import annotations

from dataclasses import dataclass

from qwen_batch.asking.prompts import shown
from qwen_batch.asking.selecting.outline import document_to_outline, with_outline
from qwen_batch.asking.selecting.select import Chosen, Searched, select, selected_chunk
from qwen_batch.config import PromptSettings
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.definition import Job, job_limits, job_looks
from qwen_batch.records import CleanDocument

AUTO_PASSAGES = 2
"""Passages that `auto` shows for each field."""
OUTLINE_SHARE = 0.5
MAX_OUTLINE_TOKENS = 6_000
"""Headings and openings take at most this share of a document's tokens, and no more than so many."""
MIN_KNOWN_SHARE = 0.25
"""Where fewer of a job's words stand in a document it is in another language: `auto` shows all of it."""
MAX_CHARS_A_TOKEN = 20
"""Text in which a token has more characters on average does not occur; what is longer is not counted."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A job is shown all of a document, and `why`."""

    why: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What decides beside job and document: the settings, and how many tokens of text a prompt has room for."""

    settings: PromptSettings
    room: int


def passages_a_field(job: Job, settings: PromptSettings) -> int | Whole:
    """How many passages each field of a job is shown.

    By `auto` a job with a field about the whole document that does not say so is shown all of it: a summary, a list
    that may be long. Those that are marked WHOLE_DOCUMENT are shown headings.
    """
    if job_limits(job):
        return Whole("its texts are compared with all of it")
    if settings.select == "whole":
        return Whole("prompt.select is whole")
    if settings.select != "auto":
        return settings.select
    whole = [look.field for look in job_looks(job) if look.whole and not look.by_headings]
    return Whole(f"about the whole document: {', '.join(whole)}") if whole else AUTO_PASSAGES


def is_short(clean: CleanDocument, settings: PromptSettings, tokenizer: Tokenizer) -> bool:
    """Whether a document is shown whole to every job."""
    if len(clean.text) <= settings.whole_tokens:  # a token has a character at least
        return True
    if len(clean.text) > settings.whole_tokens * MAX_CHARS_A_TOKEN:
        return False
    return len(tokenizer.token_ends(clean.text)) <= settings.whole_tokens


def job_to_passages(searched: Searched, job: Job, limits: Limits, tokenizer: Tokenizer) -> tuple[Chosen, ...] | Whole:
    """The passages that a job is shown: fewer a field where they do not fit, all of the document if that is better."""
    settings = limits.settings
    most = passages_a_field(job, settings)
    if isinstance(most, Whole):
        return most
    looks = job_looks(job)
    by_headings = [look.field for look in looks if look.by_headings]
    stated = [look for look in looks if not look.by_headings]
    if stated and is_short(searched.clean, settings, tokenizer):
        return Whole(f"at most {settings.whole_tokens:,} tokens (prompt.whole_tokens)")
    if settings.select == "auto" and stated and searched.share_known(stated) < MIN_KNOWN_SHARE:
        return Whole("hardly a word of the job's fields stands in it; give them LooksFor words of its language")
    tree: tuple[Chosen, ...] = ()
    if by_headings:
        tree = document_to_outline(
            searched.clean, by_headings, _outline_room(searched.clean, limits, tokenizer), tokenizer
        )
        if not tree:
            return Whole(f"about the whole document: {', '.join(by_headings)}; too few headings were found in it")
        if not stated:
            return tree
    for count in range(most, 0, -1):
        chosen = with_outline(select(searched, stated, count), tree)
        if len(tokenizer.token_ends(shown(selected_chunk(searched.clean, chosen)))) <= limits.room:
            return chosen
    return Whole(f"not even one passage a field fits the {limits.room:,} tokens that a prompt has room for")


def _outline_room(clean: CleanDocument, limits: Limits, tokenizer: Tokenizer) -> int:
    """Tokens that headings and openings may take."""
    share = int(len(tokenizer.token_ends(clean.text)) * OUTLINE_SHARE)
    return min(limits.room, max(limits.settings.whole_tokens, min(share, MAX_OUTLINE_TOKENS)))


def second_passages(
    searched: Searched, job: Job, chosen: tuple[Chosen, ...], settings: PromptSettings
) -> tuple[Chosen, ...]:
    """The passages of a second reading: the best one a field. None where the first reading shows no more than these."""
    if not settings.second_reading:
        return ()
    stated = [look for look in job_looks(job) if not look.by_headings]
    best = select(searched, stated, 1) if stated else ()
    return best if len(best) < len(chosen) else ()
