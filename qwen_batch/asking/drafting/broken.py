"""What a valid answer breaks of the limits of its job's texts: one problem each, in words for the model.

Compared is what the prompt showed of the document. A term that the model chose itself is asked for again, but it costs
no text: such a problem is `soft`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwen_batch.asking.drafting.counting import characters_in, emoji_in
from qwen_batch.asking.drafting.kept import MAX_NAMED, differences, numbers_lacking
from qwen_batch.asking.drafting.python_code import python_problems
from qwen_batch.asking.drafting.shape import shape_problems, with_marks
from qwen_batch.asking.drafting.wording import is_not_spoken, is_unchanged, terms_lacking, wrong_language
from qwen_batch.asking.prompts import shown
from qwen_batch.cjk import is_cjk
from qwen_batch.job.definition import Job, job_limits
from qwen_batch.job.drafting.limits import AIMED_SHARE, FieldLimits, words_in
from qwen_batch.records import Prompt
from qwen_batch.value_paths import nodes, of_each_item

LIMITS_VERSION = 1
"""Part of the fingerprint of every job with limits: raise it when other texts are refused, or in other words."""


CJK_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Broken:
    """A limit that a text breaks: the text's path in the answer, what is wrong with it, and what the model may do."""

    path: str
    problem: str
    is_soft: bool = False
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


async def broken_limits(result: dict[str, Any], job: Job, prompt: Prompt) -> tuple[Broken, ...]:
    """All that an answer to a prompt breaks. Code is checked in a process of its own, which takes seconds."""
    limits = job_limits(job)
    if not limits:
        return ()
    source = shown(prompt.chunk)
    found = [*_broken(result, limits, source, job.language), *_own_terms(result, limits, prompt.terms, source)]
    for path, text, one in _texts(result, limits):
        if one.python:
            found += [Broken(path, problem) for problem in await asyncio.to_thread(python_problems, text)]
    return tuple(found)


def with_layout(result: dict[str, Any], job: Job, prompt: Prompt) -> dict[str, Any]:
    """An answer in which texts of the document's shape have its marks of headings and items: layout is no words."""
    shaped = [one.path for one in job_limits(job) if one.shape]
    source = shown(prompt.chunk) if shaped else ""
    return {**result, **{path: with_marks(source, result[path]) for path in shaped if isinstance(result[path], str)}}


def over_limits(result: dict[str, Any], job: Job) -> tuple[Broken, ...]:
    """What of a row is longer, or has more emoji, than its job allows."""
    return tuple(
        Broken(path, problem) for path, text, one in _texts(result, job_limits(job)) for problem in _over(text, one)
    )


def _texts(result: dict[str, Any], limits: Sequence[FieldLimits]) -> Iterator[tuple[str, str, FieldLimits]]:
    by_path = {one.path: one for one in limits}
    for node in nodes(result):
        one = by_path.get(of_each_item(node.path))
        if one is not None and isinstance(node.value, str):
            yield node.path, node.value, one


def _broken(result: dict[str, Any], limits: Sequence[FieldLimits], source: str, language: str) -> Iterator[Broken]:
    for path, text, one in _texts(result, limits):
        problems = [*_over(text, one), *_kept(text, one, source)]
        if language and not one.python and (wrong := wrong_language(text, source, language)):
            problems.append(wrong)
        advice = _advice(text, one)
        for number, problem in enumerate(problems):
            yield Broken(path, problem, advice="" if number else advice)
    said = {path: text for path, text, _ in _texts(result, limits)}
    if language == "yue" and is_not_spoken(said.values()):
        yield Broken(", ".join(said), "it is written Chinese, not spoken Cantonese (嘅, 係, 唔, 喺, 咗)")


def _over(text: str, one: FieldLimits) -> Iterator[str]:
    if one.characters is not None and (has := characters_in(text)) > one.characters:
        yield f"it has {has} characters, at most {one.characters} are allowed"
    if one.emoji is not None and (has := emoji_in(text)) > one.emoji:
        yield f"it has {has} emoji, {f'at most {one.emoji} are' if one.emoji else 'none is'} allowed"


def _advice(text: str, one: FieldLimits) -> str:
    """What helps a text that is too long or has too many emoji; empty where neither is so."""
    long = one.characters is not None and characters_in(text) > one.characters
    loud = one.emoji is not None and emoji_in(text) > one.emoji
    said = [f"Write {_room(text, one.characters)}." if long and one.characters else "", "Use no emoji." if loud else ""]
    return " ".join(filter(None, said))


def _room(text: str, most: int) -> str:
    """How much a text may say, in what its writer can count: words, or characters of Chinese."""
    chinese = sum(map(is_cjk, text)) > len(text) * CJK_SHARE
    return f"about {round(most * AIMED_SHARE)} characters" if chinese else f"about {words_in(most)} words"


def _kept(text: str, one: FieldLimits, source: str) -> Iterator[str]:
    if one.most and len(text) >= one.most:
        yield f"it was cut off at {one.most} characters; be shorter"
    found = differences(source, text, one.keeps)
    if found.lacking:
        yield f"it lacks {', '.join(found.lacking[:MAX_NAMED])} of the document"
    if found.made_up:
        yield f"it has {', '.join(found.made_up[:MAX_NAMED])}, which the document does not have"
    if one.stated and (made_up := numbers_lacking(text, source)):
        yield f"the document does not have the number {', '.join(made_up[:MAX_NAMED])}"
    for term, said in terms_lacking(one.terms, source, text):
        yield _lacks_term(term, said)
    if one.reworded and is_unchanged(source, text):
        yield "it is the document's own text, unchanged"
    if one.shape:
        yield from shape_problems(source, text)


def _own_terms(
    result: dict[str, Any], limits: Sequence[FieldLimits], terms: Sequence[tuple[str, str]], source: str
) -> Iterator[Broken]:
    """The terms that the model has chosen for the document and does not keep to."""
    for path, text, one in _texts(result, limits):
        own = [pair for pair in terms if pair[0] not in dict(one.terms)]
        for term, said in terms_lacking(own, source, text):
            yield replace(Broken(path, _lacks_term(term, said)), is_soft=True)


def _lacks_term(term: str, said: str) -> str:
    return f'it lacks the term "{said}"' + ("" if term == said else f' for "{term}"')
