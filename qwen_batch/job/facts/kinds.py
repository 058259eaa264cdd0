"""Facts that many jobs ask for: an amount, a day, a party. Each with the words of the document that say it.

Only what a document states: an amount whose quote names no number is no amount, and a day is a real one.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from qwen_batch.job.definition import Quote, Quoted
from qwen_batch.job.facts.currencies import to_code
from qwen_batch.job.facts.dates import original_of
from qwen_batch.job.facts.numerals import has_numeral
from qwen_batch.job.rules import DERIVED_KEY

MAX_ORIGINAL_CHARS = 60


def _currency(written: Any) -> Any:
    return to_code(written) if isinstance(written, str) else written


Currency = Annotated[
    Annotated[str, Field(pattern="^[A-Z]{3}$")] | None, BeforeValidator(_currency), Field(description="ISO 4217 code")
]
"""The code of a currency; signs and names become codes, and what is none becomes null."""


class Amount(Quoted):
    """A sum of money. `currency` is null where the document does not name it."""

    value: Annotated[float, Field(description="number alone", allow_inf_nan=False)]
    currency: Currency

    @classmethod
    def is_stated(cls, data: dict[str, Any]) -> bool:
        """Whether the quote of an answer names a number at all."""
        quote = data.get("quote")
        return not isinstance(quote, str) or has_numeral(quote)


class Day(Quoted):
    """A day. `original` is how its quote writes it, found there by the code; null where it is not written out."""

    date: Annotated[dt.date, Field(description="YYYY-MM-DD")]
    original: Annotated[str | None, Field(max_length=MAX_ORIGINAL_CHARS, json_schema_extra={DERIVED_KEY: True})] = None

    @model_validator(mode="after")
    def _find_original(self) -> Self:
        found = original_of(self.date, self.quote)
        self.original = found if found and len(found) <= MAX_ORIGINAL_CHARS else None
        return self


class Party(BaseModel):
    """Someone who takes part. `role` is null where the document gives none.

    Here the name comes before the quote: a 1.5B model that had quoted "CNS Pharmaceuticals, Inc." named it "CNS". Of
    twelve parties of five contracts it gave two in full that way, and nine when it was asked for the name first.
    """

    model_config = Quoted.model_config

    name: Annotated[str, Field(max_length=80, description="full legal name")]
    quote: Quote
    role: Annotated[str | None, Field(max_length=30, description="role as the document names it")]
