"""Prose of a long document: the chunks' texts of a field are merged by the model, in rounds that fit its context.

The notes are texts of the model about the document: they are fenced like the document itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qwen_batch.answer import Answering
from qwen_batch.confidence import completion_to_probability
from qwen_batch.job import Job
from qwen_batch.merge import Prose
from qwen_batch.prompts import notes_messages
from qwen_batch.records import Answer, Chunk, CleanDocument, Completion, ConfidenceParts, Prompt

CHARS_PER_TOKEN = 2  # the least, of any language: answers get room for their bound
MAX_ROUNDS = 6
MARGIN_TOKENS = 64


@dataclass(frozen=True, slots=True)
class ProseRequest:
    """What is to be merged: a field of a job, its bound in characters, and the chunks' texts in their order."""

    doc_id: str
    job: str
    field: str
    description: str
    max_chars: int
    texts: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class MergedProse:
    """One field's text, None where the model gave no valid one, with what it cost in tokens."""

    job: str
    field: str
    prose: Prose | None
    prompt_tokens: int
    output_tokens: int


def prose_request(clean: CleanDocument, job: Job, field: str, answers: Sequence[Answer]) -> ProseRequest | None:
    """What to ask of the answers to one job; None where one text or none is there and nothing needs merging."""
    shape: dict[str, Any] = job.schema.model_json_schema()["properties"][field]
    texts = tuple(dict.fromkeys(text for answer in answers if (text := str(answer.result[field] or "").strip())))
    if len(texts) < 2:  # noqa: PLR2004
        return None
    bounds = [shape, *shape.get("anyOf", ())]
    longest = int(next(option["maxLength"] for option in bounds if "maxLength" in option))
    description = shape.get("description", field)
    return ProseRequest(clean.document.id, job.name, field, description, longest, texts, clean.language)


async def merge_prose(request: ProseRequest, answering: Answering) -> MergedProse:
    """Merges until one text is left; every round asks about as many notes at a time as the context holds."""
    texts = list(request.texts)
    spent = [0, 0]
    completion: Completion | None = None
    for _ in range(MAX_ROUNDS):
        groups = _groups(texts, request, answering)
        completions = await answering.shards.complete([_prompt(request, group, answering) for group in groups])
        spent[0] += sum(one.prompt_tokens for one in completions)
        spent[1] += sum(one.output_tokens for one in completions)
        merged = [_text_of(one, request) for one in completions]
        texts = [text for text in merged if text]
        completion = completions[0]
        if len(groups) == 1 or not texts:
            break
    if len(texts) != 1 or completion is None:
        return MergedProse(request.job, request.field, None, *spent)
    probability = completion_to_probability(completion)
    parts = ConfidenceParts(request.field, False, False, probability, probability, None, None, None, None)
    return MergedProse(request.job, request.field, Prose(texts[0], parts), *spent)


def _groups(texts: Sequence[str], request: ProseRequest, answering: Answering) -> list[list[str]]:
    """Neighbouring notes, as many together as fit beside the answer; at least two, so that they get fewer."""
    limit = answering.plan.max_model_len - _answer_tokens(request) - MARGIN_TOKENS
    groups: list[list[str]] = [[]]
    for text in texts:
        if len(groups[-1]) > 1 and len(_token_ids(request, [*groups[-1], text], answering)) > limit:
            groups.append([])
        groups[-1].append(text)
    return groups


def _prompt(request: ProseRequest, notes: Sequence[str], answering: Answering) -> Prompt:
    schema = {
        "type": "object",
        "properties": {request.field: {"type": "string", "minLength": 1, "maxLength": request.max_chars}},
        "required": [request.field],
        "additionalProperties": False,
    }
    return Prompt(
        doc_id=request.doc_id,
        job=request.job,
        chunk=Chunk("", 0, 0),
        messages=tuple(notes_messages(request.field, request.description, notes, request.language)),
        token_ids=_token_ids(request, notes, answering),
        json_schema=json.dumps(schema),
        temperature=0.0,
        top_p=1.0,
        max_tokens=_answer_tokens(request),
    )


def _token_ids(request: ProseRequest, notes: Sequence[str], answering: Answering) -> tuple[int, ...]:
    return answering.tokenizer.render(notes_messages(request.field, request.description, notes, request.language))


def _answer_tokens(request: ProseRequest) -> int:
    return request.max_chars // CHARS_PER_TOKEN + MARGIN_TOKENS


def _text_of(completion: Completion, request: ProseRequest) -> str | None:
    try:
        text = json.loads(completion.text)[request.field]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return text.strip()[: request.max_chars] if isinstance(text, str) else None
