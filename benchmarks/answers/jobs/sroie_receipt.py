"""The four facts of a receipt that SROIE labels, each with the words that say it."""

import datetime as dt

from pydantic import BaseModel, Field

from qwen_batch import Job, Quoted, Sampling


class Company(Quoted):
    """The seller."""

    name: str = Field(max_length=80, description="name as printed")


class Day(Quoted):
    """A date."""

    date: dt.date = Field(description="YYYY-MM-DD; day before month on the receipt")


class Address(Quoted):
    """An address."""

    text: str = Field(max_length=160, description="the whole address on one line")


class Amount(Quoted):
    """An amount of money."""

    value: float = Field(description="number without currency")


class SroieReceipt(BaseModel):
    """Facts of one receipt."""

    company: Company | None = Field(description="who sold")
    date: Day | None = Field(description="when it was sold")
    address: Address | None = Field(description="the seller's address")
    total: Amount | None = Field(description="the sum to be paid, tax included")


JOB = Job(
    name="sroie_receipt",
    schema=SroieReceipt,
    instruction="Extract the facts of this receipt.",
    sampling=Sampling("greedy", temperature=0.0),
    max_output_tokens=500,
)
