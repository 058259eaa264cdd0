"""The eight facts of a contract that CUAD labels, each with the words that say it."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import MUST_BE_GROUNDED, Job, Quote, Quoted, Sampling


class Party(BaseModel):
    """A party to the contract."""

    name: str = Field(max_length=80, description="full legal name")
    quote: Quote


class Day(Quoted):
    """A date."""

    date: dt.date = Field(description="YYYY-MM-DD")


class Law(Quoted):
    """The governing law."""

    jurisdiction: str = Field(max_length=60, description="name of the state or country")


class Fact(Quoted):
    """A clause in a few words."""

    value: str = Field(max_length=80, description="in a few words, a period with its unit")


class CuadContract(BaseModel):
    """Facts of one contract."""

    parties: Annotated[list[Party], MUST_BE_GROUNDED] = Field(
        max_length=6, description="who signs the contract, not who is merely mentioned"
    )
    agreement_date: Annotated[Day | None, MUST_BE_GROUNDED] = Field(description="date of the contract itself")
    effective_date: Annotated[Day | None, MUST_BE_GROUNDED] = Field(description="when it takes effect")
    expiration_date: Annotated[Day | None, MUST_BE_GROUNDED] = Field(
        description="last day of its first term; where only a length is written, count it from the start"
    )
    renewal_term: Annotated[Fact | None, MUST_BE_GROUNDED] = Field(
        description="for how long it is renewed after the first term"
    )
    governing_law: Annotated[Law | None, MUST_BE_GROUNDED] = Field(description="from the clause on governing law")
    notice_period: Annotated[Fact | None, MUST_BE_GROUNDED] = Field(
        description="how long before a term ends notice must be given that it is not renewed"
    )
    cap_on_liability: Annotated[Fact | None, MUST_BE_GROUNDED] = Field(
        description="what limits, caps or excludes liability or damages"
    )


JOB = Job(
    name="cuad_contract",
    schema=CuadContract,
    instruction="Extract the facts of this contract.",
    sampling=Sampling("greedy", temperature=0.0),
    max_output_tokens=1000,
)
