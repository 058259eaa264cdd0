"""Asks the model of each value that it gave whether it is right, and how probable it thinks that is.

P(True) of Kadavath et al., "Language Models (Mostly) Know What They Know" (arXiv:2207.05221). A question names one
field and its value, and not the quote: of 37 values of a 1.5B model the answers told right from wrong with an AUROC of
0.70 without the quotes, and of 0.18 with them. It shares all of the document with the prompt that gave the value, so
with prefix caching it costs its own words and one token.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qwen_batch.asking.answer import Rejected
from qwen_batch.asking.answering import Answering
from qwen_batch.asking.prompts import question_messages
from qwen_batch.asking.true_or_false import probability_true, true_or_false_prompt
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.definition import Job, job_schema
from qwen_batch.job.nothing import is_absent
from qwen_batch.job.rules import DERIVED_KEY
from qwen_batch.records import Answer, Completion, Prompt, tokens_of
from qwen_batch.schema_walk import definitions_of, resolved

MAX_VALUE_CHARS = 300
"""A longer value is prose, of which true or false says little."""


async def checked_answers(
    prompts: Sequence[Prompt], answers: Sequence[Answer | Rejected], answering: Answering
) -> list[Answer | Rejected]:
    """The answers to these prompts with `checks`, and what these cost. Raises EngineError when the engine is dead.

    A second reading is a check itself and is not asked about.

    A check that does not fit the context, or that the engine refuses, is left out.
    """
    parts = {
        (place, number): (prompt, part)
        for place, (prompt, answer) in enumerate(zip(prompts, answers, strict=True))
        if isinstance(answer, Answer) and not prompt.chunk.second
        for number, part in enumerate(answer.parts or (answer,))
    }
    asked = [
        (key, field, question)
        for key, (prompt, part) in parts.items()
        for field, question in answer_to_checks(part, prompt, answering.job_of(prompt), answering.tokenizer).items()
        if len(question.token_ids) < answering.plan.max_model_len
    ]
    completions = await answering.shards.complete([question for _, _, question in asked])
    found: dict[tuple[int, int], dict[str, Completion]] = {key: {} for key in parts}
    for (key, field, _), completion in zip(asked, completions, strict=True):
        found[key][field] = completion
    return [
        _checked(answer, mine) if mine and isinstance(answer, Answer) else answer
        for place, answer in enumerate(answers)
        for mine in ([found[key] for key in found if key[0] == place],)
    ]


def answer_to_checks(answer: Answer, prompt: Prompt, job: Job, tokenizer: Tokenizer) -> dict[str, Prompt]:
    """The question on each top-level field that has a value."""
    schema = job_schema(job)
    definitions = definitions_of(schema)
    checks = {}
    for field, value in answer.result.items():
        body = schema["properties"][field]
        said = _said(value, body, definitions)
        if is_absent(value) or not said or len(said) > MAX_VALUE_CHARS:
            continue
        described = f" ({body['description']})" if body.get("description") else ""
        question = (
            f"Somebody answered: the {field.replace('_', ' ')}{described} is {said}. "
            "Is that true of this document? Answer true or false."
        )
        messages = question_messages(answer.chunk, question)
        checks[field] = true_or_false_prompt(prompt.doc_id, prompt.job, answer.chunk, messages, tokenizer)
    return checks


def _said(value: Any, schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """A value as a sentence has it, without quotes of the document and what the code filled in."""
    body = resolved(schema, definitions)
    if isinstance(value, dict):
        fields = body.get("properties", {})
        parts = [
            _said(part, fields.get(name, {}), definitions)
            for name, part in value.items()
            if name != "quote" and DERIVED_KEY not in fields.get(name, {})
        ]
        return ", ".join(part for part in parts if part)
    if isinstance(value, list):
        return "; ".join(part for part in (_said(item, body.get("items", {}), definitions) for item in value) if part)
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _checked(answer: Answer, found: Sequence[dict[str, Completion]]) -> Answer:
    """An answer, and each of its parts, with what was found of it."""
    parts = tuple(_with_checks(part, checks) for part, checks in zip(answer.parts, found, strict=False))
    if not parts:
        return _with_checks(answer, found[0])
    spent = [completion for checks in found for completion in checks.values()]
    return replace(_with_cost(answer, spent), parts=parts)


def _with_checks(answer: Answer, checks: dict[str, Completion]) -> Answer:
    known = {field: probability_true(completion) for field, completion in checks.items()}
    said = {field: probability for field, probability in known.items() if probability is not None}
    return replace(_with_cost(answer, list(checks.values())), checks=said)


def _with_cost(answer: Answer, spent: Sequence[Completion]) -> Answer:
    return replace(answer, **tokens_of((answer, *spent)))
