"""The baseline: what one writes in an afternoon. Raw text, one prompt, "answer as JSON", json.loads.

The first 6,000 tokens of pdfplumber's text, the list of keys, no grammar, no chunks, no quotes, no repair. A Markdown
fence around the answer is taken off, as any such script does after its first run.
"""

from __future__ import annotations

import json
import re
from typing import Any

from benchmarks.answers.documents.cases import Case
from benchmarks.answers.variants import BASELINE_TOKENS
from qwen_batch.engine.tokens import Messages, Tokenizer
from qwen_batch.records import Chunk, Completion, Prompt

MAX_TOKENS = 1_000
MARGIN_TOKENS = 16
QUESTION = """Extract the following from this contract and answer as JSON with these keys:
parties: list of the names of the contracting parties
agreement_date: date of the contract, YYYY-MM-DD
effective_date: when it takes effect, YYYY-MM-DD
expiration_date: when its first term ends, YYYY-MM-DD
renewal_term: for how long it is renewed after the first term
governing_law: state or country whose law governs
notice_period: how long before its end notice not to renew must be given
cap_on_liability: what limits or excludes a party's liability
Use null for what the contract does not state."""
_FENCE = re.compile(r"\s*```(?:json)?\s*\n(.*?)\n?\s*```.*", re.DOTALL | re.IGNORECASE)


def baseline_prompt(case: Case, context_tokens: int, tokenizer: Tokenizer) -> Prompt:
    """The one prompt about a contract; in a smaller context there is room for less than the 6,000 tokens."""
    text = case.raw_text or ""
    room = context_tokens - len(tokenizer.render(_messages(""))) - MAX_TOKENS - MARGIN_TOKENS
    tokens = min(BASELINE_TOKENS, room)
    ends = tokenizer.token_ends(text)
    if len(ends) > tokens:
        text = text[: ends[tokens - 1]]
    messages = _messages(text)
    return Prompt(
        doc_id=case.clean.document.id,
        job=case.job,
        chunk=Chunk("", 0, len(text)),
        messages=tuple(messages),
        token_ids=tokenizer.render(messages),
        json_schema=None,
        temperature=0.0,
        top_p=1.0,
        max_tokens=MAX_TOKENS,
    )


def _messages(text: str) -> Messages:
    return (("user", f"{text}\n\n{QUESTION}"),)


def without_fence(text: str) -> str:
    """A text without the Markdown fence around it, if it has one."""
    fenced = _FENCE.fullmatch(text)
    return fenced[1] if fenced else text


def completion_to_object(completion: Completion) -> dict[str, Any] | None:
    """The answer as an object; None if json.loads gives none."""
    try:
        data = json.loads(without_fence(completion.text))
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
