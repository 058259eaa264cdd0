"""The eight facts of a contract that CUAD labels, each with the words that say it."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import MUST_BE_GROUNDED, Job, LooksFor, Mentions, Quote, Quoted, Sampling


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

    parties: Annotated[
        list[Party],
        MUST_BE_GROUNDED,
        LooksFor(
            "entered into by and between", "hereinafter referred to as", "a corporation organized under the laws of"
        ),
    ] = Field(max_length=6, description="who signs the contract, not who is merely mentioned")
    agreement_date: Annotated[
        Day | None,
        MUST_BE_GROUNDED,
        LooksFor("dated as of", "made and entered into as of this day of", "date executed"),
    ] = Field(description="date of the contract itself")
    effective_date: Annotated[
        Day | None,
        MUST_BE_GROUNDED,
        LooksFor("effective date", "shall become effective", "commence on", "commencement date", "effective as of"),
    ] = Field(description="when it takes effect")
    expiration_date: Annotated[
        Day | None,
        MUST_BE_GROUNDED,
        LooksFor(
            "term of this agreement",
            "shall continue in effect until",
            "initial term of years",
            "expire",
            "unless sooner terminated",
        ),
    ] = Field(description="last day of its first term; where only a length is written, count it from the start")
    renewal_term: Annotated[
        Fact | None,
        MUST_BE_GROUNDED,
        Mentions(en=("renew", "extend", "extension", "successive", "perpetu")),
        LooksFor("renew automatically", "successive additional terms", "extended for", "renewal term"),
    ] = Field(description="for how long it is renewed after the first term")
    governing_law: Annotated[
        Law | None,
        MUST_BE_GROUNDED,
        LooksFor("governed by and construed in accordance with the laws of", "governing law", "choice of law"),
    ] = Field(description="from the clause on governing law")
    notice_period: Annotated[
        Fact | None,
        MUST_BE_GROUNDED,
        Mentions(en=("renew", "extend", "extension")),
        LooksFor(
            "written notice of its intention not to renew",
            "prior to the expiration of the then current term",
            "days notice of non-renewal",
        ),
    ] = Field(description="how long before a term ends notice must be given that it is not renewed")
    cap_on_liability: Annotated[
        Fact | None,
        MUST_BE_GROUNDED,
        Mentions(en=("liab", "damages", "lost profit", "loss of profit")),
        LooksFor(
            "limitation of liability",
            "in no event shall be liable",
            "aggregate liability shall not exceed",
            "consequential, incidental, indirect damages",
            "lost profits",
        ),
    ] = Field(description="what limits, caps or excludes liability or damages")


JOB = Job(
    name="cuad_contract",
    schema=CuadContract,
    instruction="Extract the facts of this contract.",
    sampling=Sampling("greedy", temperature=0.0),
    max_output_tokens=1000,
)
