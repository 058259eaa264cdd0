"""A question that is answered by one token, true or false, with its probability. Knows nothing of what is asked."""

from __future__ import annotations

import json
import math

from qwen_batch.engine.tokens import Messages, Tokenizer
from qwen_batch.records import Chunk, Completion, Prompt

_TRUE_OR_FALSE = json.dumps({"type": "boolean"})


def true_or_false_prompt(doc_id: str, job: str, chunk: Chunk, messages: Messages, tokenizer: Tokenizer) -> Prompt:
    """The prompt of such a question; `messages` ask it of the chunk."""
    return Prompt(
        doc_id=doc_id,
        job=job,
        chunk=chunk,
        messages=tuple(messages),
        token_ids=tokenizer.render(messages),
        json_schema=_TRUE_OR_FALSE,
        temperature=0.0,
        top_p=1.0,
        max_tokens=1,
    )


def probability_true(completion: Completion) -> float | None:
    """The probability of `true`, between 0 and 1; None where the engine failed or tells no probabilities."""
    said = completion.text.strip()
    if said not in {"true", "false"} or not completion.logprobs:
        return None
    probability = math.exp(completion.logprobs[0])
    return probability if said == "true" else 1 - probability
