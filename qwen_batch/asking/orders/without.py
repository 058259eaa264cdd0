"""Asks once more without the passages that speak to the reader: what both answers say needs no such passage.

A prompt in which no passage is suspicious costs nothing. One with suspicious passages costs a token for each; and one
whose alarm rings is asked twice. Where the words alone are sure, nobody asks. Which of both answers stands is decided
where the evidence is (`evidence/disputed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qwen_batch.asking.answer import Rejected, prompts_to_answers
from qwen_batch.asking.answering import Answering
from qwen_batch.asking.orders.speaks_to_reader import (
    ALARM,
    chunk_to_suspects,
    probability_speaks,
    suspect_to_question,
)
from qwen_batch.asking.orders.suspects import Suspect
from qwen_batch.asking.prompts import asked_of, shown
from qwen_batch.records import Answer, Chunk, Prompt, tokens_of

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Without:
    """What came of a prompt's suspicious passages: those that speak to the reader, and the answer without them.

    `spans` are characters of the clean text. `answer` is None where nothing speaks to the reader, or where nothing is
    left to ask about. Tokens are those of the questions; the answer has its own.
    """

    spans: tuple[Span, ...]
    asked: int
    answer: Answer | Rejected | None = None
    prompt_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


async def prompts_to_without(prompts: Sequence[Prompt], answering: Answering) -> list[Without | None]:
    """For each prompt what became of its suspicious passages, None where it has none.

    Raises EngineError when the engine is dead. A question that does not fit the context is left out.
    """
    suspects = [chunk_to_suspects(prompt.chunk) for prompt in prompts]
    asked = [
        _Asked(place, suspect, question)
        for place, (prompt, mine) in enumerate(zip(prompts, suspects, strict=True))
        for suspect in mine
        if not suspect.is_sure
        and len((question := suspect_to_question(prompt, suspect, answering.tokenizer)).token_ids)
        < answering.plan.max_model_len
    ]
    completions = await answering.shards.complete([one.question for one in asked])
    told = list(zip(asked, completions, strict=True))
    found = {}
    for place, mine in enumerate(suspects):
        given = [(one.suspect, completion) for one, completion in told if one.place == place]
        speaking = [one for one, completion in given if probability_speaks(completion) >= ALARM]
        spans = joined([(one.start, one.end) for one in mine if one.is_sure or one in speaking])
        at = prompts[place].chunk.start
        if mine:
            own = tuple((at + start, at + end) for start, end in spans)
            found[place] = Without(own, len(given), **tokens_of(completion for _, completion in given))
    return await _answered(prompts, found, answering)


@dataclass(frozen=True, slots=True)
class _Asked:
    place: int
    suspect: Suspect
    question: Prompt


async def _answered(prompts: Sequence[Prompt], found: dict[int, Without], answering: Answering) -> list[Without | None]:
    again = {
        place: prompt
        for place, one in found.items()
        if one.spans and (prompt := prompt_without(prompts[place], one.spans, answering)) is not None
    }
    answers = await prompts_to_answers(list(again.values()), answering)
    for place, answer in zip(again, answers, strict=True):
        found[place] = replace(found[place], answer=answer)
    return [found.get(place) for place in range(len(prompts))]


def prompt_without(prompt: Prompt, spans: Sequence[Span], answering: Answering) -> Prompt | None:
    """The same question where these characters of the clean text are not shown; None where nothing else is."""
    chunk = chunk_without(prompt.chunk, spans)
    return asked_of(prompt, chunk, answering.tokenizer) if shown(chunk).strip() else None


def chunk_without(chunk: Chunk, spans: Sequence[Span]) -> Chunk:
    """A chunk that withholds these characters of the clean text too, and headings that say the same."""
    own = [(start - chunk.start, end - chunk.start) for start, end in spans]
    said = " ".join(chunk.text[start:end] for start, end in own)
    return replace(
        chunk,
        withheld=joined([*chunk.withheld, *own]),
        headings=tuple(one for one in chunk.headings if one not in said),
        passages=tuple(replace(one, label=_label(one.label, said)) for one in chunk.passages),
    )


def _label(label: str, said: str) -> str:
    return " > ".join(title for title in label.split(" > ") if title not in said)


def joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans in order, those that touch as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)
