"""A job that is asked of each passage of a document alone, and whose answers are put together in order.

Knows JSON schema, nothing of documents or answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qwen_batch.errors import JobError
from qwen_batch.job.drafting.limits import LIMITS_KEY
from qwen_batch.job.rules import DERIVED_KEY, REDUCE_KEY

IN_ORDER = "in_order"
MIN_TOKENS = 32
MAX_TOKENS = 4096
MAX_TERMS = 40


@dataclass(frozen=True, slots=True)
class Passages:
    """How a document is cut: passages of at most so many `tokens`, along its headings, paragraphs and tables.

    With `terms` the model is asked first, once a document, what its headings' words and its repeated names are called
    in the job's language, at most so many of them, and each passage is asked with those that stand in it.
    """

    tokens: int = 240
    terms: int = 0

    def __post_init__(self) -> None:
        if not MIN_TOKENS <= self.tokens <= MAX_TOKENS:
            raise JobError(
                f"Passages(tokens={self.tokens}): that is no passage", f"give {MIN_TOKENS} to {MAX_TOKENS} tokens"
            )
        if not 0 <= self.terms <= MAX_TERMS:
            raise JobError(f"Passages(terms={self.terms}): too many for a prompt", f"give at most {MAX_TERMS}")


def check_passages(job: str, schema: dict[str, Any], passages: Passages | None, language: str, of: str) -> None:
    """Raises JobError for a field that could not be put together in order, and for one that is where nothing is cut."""
    for name, field in schema["properties"].items():
        rule = field.get(REDUCE_KEY)
        if passages is None and rule == IN_ORDER:
            raise JobError(
                f"job {job}: {name} is put together in order, but of no passages", "add passages=Passages() to the job"
            )
        if passages is not None and rule != IN_ORDER and DERIVED_KEY not in field:
            raise JobError(
                f"job {job}: each passage is asked alone, and nothing says how {name} is made of their answers",
                'make it Annotated[str, Reduce("in_order")], or ask it in a job of its own',
            )
    limited = [name for name, field in schema["properties"].items() if LIMITS_KEY in field]
    if passages is not None and limited:
        raise JobError(
            f"job {job}: {limited[0]} has Limits, but it is made of as many texts as the document has passages",
            "leave Limits out: a passage decides how long its text is",
        )
    if passages is not None and passages.terms and not language:
        raise JobError(
            f"job {job}: it chooses terms, but it has no language for them", 'say Job(…, language="zh"), or terms=0'
        )
    if passages is not None and of:
        raise JobError(f"job {job}: rows of {of} have no passages", "leave passages out")
