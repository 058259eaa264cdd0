"""fits: one token on a document's beginning says whether it is what a job is for; no document is lost by it."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from qwen_batch.asking.answering import Answering
from qwen_batch.asking.fits import OPENING_TOKENS, Fit, fits_prompt, opening, prompts_to_fits
from qwen_batch.asking.prompts import chunk_to_prompt
from qwen_batch.config import EngineSettings
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.shards import Shards
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.job.definition import Job
from qwen_batch.records import Chunk, CleanDocument, Completion, Document

TOKENIZER = ApproximateTokenizer()


class Note(BaseModel):
    pages: int


JOB = Job("note", Note, "Count.", fits="a contract between parties")


def clean(text: str) -> CleanDocument:
    return CleanDocument(Document("1", "a.txt", "text/plain", 9), text, (), (), "en", 1, 0, None)


def fit(completion: Completion, max_model_len: int = 4096, **changes: Any) -> Fit:
    class FakeEngine:
        async def generate(self, shard: Sequence[Any]) -> list[Completion]:
            return [completion for _ in shard]

        def close(self) -> None: ...

    async def ask() -> list[Fit]:
        plan = engine_plan(EngineSettings(kind="null"), "", gpus=0, cpu_dtype="float32")
        plan = replace(plan, max_model_len=max_model_len)
        answering = Answering(Shards(FakeEngine(), 4, 2), plan, {"note": JOB}, TOKENIZER, **changes)
        return await prompts_to_fits([fits_prompt(clean("Text."), Chunk("Text.", 0, 5), JOB, TOKENIZER)], answering)

    (found,) = asyncio.run(ask())
    return found


def told(text: str, probability: float) -> Completion:
    return Completion(text, "length", 70, 1, 64, (text,), (math.log(probability),))


def test_a_short_document_is_shown_whole_and_a_long_one_to_a_paragraph_within_the_budget() -> None:
    assert opening(clean("Short."), TOKENIZER) == "Short."
    paragraphs = "\n\n".join(f"Paragraph {number} says something of no weight." for number in range(500))
    text = opening(clean(paragraphs), TOKENIZER)
    assert paragraphs.startswith(text + "\n\n")
    assert OPENING_TOKENS / 2 < len(TOKENIZER.token_ends(text)) <= OPENING_TOKENS


@pytest.mark.parametrize("text", ["甲方与乙方签订本合同。" * 900, "x" * 20_000, "word " * 9_000])
def test_text_without_paragraphs_has_a_beginning_too(text: str) -> None:
    found = opening(clean(text), TOKENIZER)
    assert text.startswith(found)
    assert 0 < len(TOKENIZER.token_ends(found)) <= OPENING_TOKENS


def test_the_question_costs_one_token_and_shares_the_beginning_with_the_job() -> None:
    document, chunk = clean("The whole text."), Chunk("The whole text.", 0, 15)
    question = fits_prompt(document, chunk, JOB, TOKENIZER)
    assert (question.max_tokens, question.temperature, question.job) == (1, 0.0, "note")
    assert json.loads(question.json_schema or "") == {"type": "boolean"}
    assert "Is this document a contract between parties?" in question.messages[-1][1]
    shared = "<document>\nThe whole text.\n</document>"
    asked = chunk_to_prompt(document, chunk, JOB, TOKENIZER)
    assert question.messages[0] == asked.messages[0]
    assert question.messages[1][1].startswith(shared)
    assert asked.messages[1][1].startswith(shared)


@pytest.mark.parametrize(
    ("completion", "threshold", "fits"),
    [
        (told("true", 0.9), 0.5, True),
        (told("true", 0.55), 0.6, False),
        (told("false", 0.9), 0.5, False),
        (told("false", 0.9), 0.05, True),
    ],
)
def test_the_threshold_decides(completion: Completion, threshold: float, fits: bool) -> None:
    found = fit(completion, fits_threshold=threshold)
    assert found.fits is fits
    assert ("it is not" in found.reason) is not fits
    assert (found.prompt_tokens, found.output_tokens, found.cached_tokens) == (70, 1, 64)


@pytest.mark.parametrize(
    "completion",
    [
        Completion("false", "length", 1, 1),
        Completion("", "error", 0, 0, error="refused"),
        told("maybe", 0.9),
    ],
)
def test_what_says_nothing_skips_nothing(completion: Completion) -> None:
    found = fit(completion)
    assert (found.fits, found.probability) == (True, None)


def test_a_question_that_does_not_fit_the_context_is_not_asked() -> None:
    found = fit(told("false", 0.9), max_model_len=10)
    assert (found.fits, found.probability, found.prompt_tokens) == (True, None, 0)
