"""The terms that all passages of a document share, chosen once before any is asked: repeated names and headings.

Code finds them, the model is asked what each is called in the job's language, and only those stand that came with a
name. What a job's own glossary has is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field, create_model

from qwen_batch.asking.answer import Rejected, prompts_to_answers
from qwen_batch.asking.answering import Answering
from qwen_batch.asking.drafting.kept import numbers_lacking
from qwen_batch.asking.drafting.wording import stands_in, terms_of
from qwen_batch.asking.outlining.document_headings import document_to_headings
from qwen_batch.asking.prompts import chunk_to_prompt
from qwen_batch.cjk import CJK, is_cjk
from qwen_batch.errors import QwenBatchError
from qwen_batch.job.definition import Job, job_limits
from qwen_batch.records import Answer, Chunk, CleanDocument, Prompt, tokens_of

MIN_TIMES = 2
MAX_TERM_CHARS = 60
MAX_HEADING_WORDS, MAX_HEADING_CJK = 4, 8
MAX_NAME_CHARS = 63
TOKENS_A_TERM = 30
CONTEXT_CHARS = 1_500
_NAME = re.compile(r"[A-Z][\w&'’-]*(?:\s(?:of\s|the\s|and\s|for\s)?[A-Z][\w&'’-]*)+|(?<=[a-z,]\s)[A-Z][\w&'’-]{2,}")
_ARTICLE = re.compile(r"^(?:The|An?)\s")
_QUOTED = re.compile(r"[《「『“]([^》」』”\n]{2,30})[》」』”]")
_HAN_NAME = re.compile(rf"[{CJK}]{{2,12}}?(?:有限公司|股份公司|公司|集团|中心|委员会|大学|医院|学校|银行|协会|办公室)")
_NUMBERED = re.compile(
    r"^(?:[\d.]+|[IVX]+\.|[A-Z]\.|第[一二三四五六七八九十百\d]+[章节条]|[一二三四五六七八九十]+、)\s*"
)


@dataclass(frozen=True, slots=True)
class ChosenTerms:
    """What the terms of a document are called in the language of a job; tokens are those of the question."""

    job: str
    terms: tuple[tuple[str, str], ...] = ()
    prompt_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


def document_to_terms(clean: CleanDocument, job: Job) -> tuple[str, ...]:
    """The terms that the model is to choose names for, those that stand most often first."""
    if job.passages is None or not job.passages.terms:
        return ()
    known = {term.casefold() for one in job_limits(job) for term, _ in one.terms}
    names = {name: clean.text.count(name) for name in _names(clean.text)}
    for heading in document_to_headings(clean):
        title = _NUMBERED.sub("", heading.title).strip()
        if _is_short(title) and (times := _times(title, clean.text)) >= MIN_TIMES:
            names.setdefault(title, times)
    repeated = {name: times for name, times in names.items() if times >= MIN_TIMES and name.casefold() not in known}
    whole = [name for name, times in repeated.items() if not _is_part(name, times, repeated)]
    return tuple(sorted(whole, key=lambda name: -repeated[name]))[: job.passages.terms]


def _is_part(name: str, times: int, names: Mapping[str, int]) -> bool:
    """Whether a name stands nowhere but in a longer one."""
    return any(name != other and name in other and times <= count for other, count in names.items())


async def choose_terms(clean: CleanDocument, job: Job, answering: Answering) -> ChosenTerms:
    """What the model calls the terms of a document. Without an answer none is shared: passages go as they are."""
    terms = document_to_terms(clean, job)
    if not terms:
        return ChosenTerms(job.name)
    asked = terms_job(job, terms)
    text = clean.text[:CONTEXT_CHARS]
    prompt = chunk_to_prompt(clean, Chunk(text, 0, len(text)), asked, answering.tokenizer)
    if len(prompt.token_ids) + prompt.max_tokens > answering.plan.max_model_len:
        return ChosenTerms(job.name)
    try:
        (answer,) = await prompts_to_answers([prompt], replace(answering, jobs={asked.name: asked}))
    except QwenBatchError:
        raise
    except Exception:  # noqa: BLE001  passages are worth more than terms in common
        return ChosenTerms(job.name)
    if isinstance(answer, Rejected):
        return ChosenTerms(job.name)
    return ChosenTerms(job.name, tuple(_named(terms, answer)), **tokens_of((answer,)))


def terms_job(job: Job, terms: Sequence[str]) -> Job:
    """The question what these terms are called: a field each, so that none is left out."""
    fields = {
        f"term_{number}": (Annotated[str, Field(max_length=MAX_TERM_CHARS, description=f'"{term}"')], ...)
        for number, term in enumerate(terms, 1)
    }
    schema = create_model("Terms", **fields)  # type: ignore[call-overload]
    return Job(
        f"terms_of_{job.name}"[:MAX_NAME_CHARS],
        schema,
        "Give what each of these terms of the document is called, and nothing beside it.",
        job.sampling,
        TOKENS_A_TERM * len(terms) + TOKENS_A_TERM,
        language=job.language,
    )


def prompt_terms(prompt: Prompt, terms: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The terms that stand in the passage of a prompt."""
    return tuple(terms_of(terms, prompt.chunk.text))


def _named(terms: Sequence[str], answer: Answer) -> Iterator[tuple[str, str]]:
    for number, term in enumerate(terms, 1):
        said = " ".join(str(answer.result[f"term_{number}"]).split()).strip("\"“”'")
        has_its_numbers = not numbers_lacking(term, said) and not numbers_lacking(said, term)
        if said and len(said) < MAX_TERM_CHARS and has_its_numbers:
            yield term, said


def _names(text: str) -> Iterator[str]:
    """What may be a name; where one begins a sentence, its first word may be none of it."""
    for pattern in (_NAME, _QUOTED, _HAN_NAME):
        for found in pattern.finditer(text):
            name = found[1] if pattern is _QUOTED else _ARTICLE.sub("", found[0])
            for one in (name, name.partition(" ")[2] if pattern is _NAME else ""):
                if one and len(one) <= MAX_TERM_CHARS and "\n" not in one:
                    yield one


def _is_short(title: str) -> bool:
    if any(map(is_cjk, title)):
        return 1 < len(title) <= MAX_HEADING_CJK
    return 0 < len(title.split()) <= MAX_HEADING_WORDS


def _times(term: str, text: str) -> int:
    """On how many lines a term stands."""
    return sum(stands_in(term, line) for line in text.splitlines())
