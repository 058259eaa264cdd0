"""The same eight facts without quotes: what quoting gives is the difference."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import Job, Sampling

Name = Annotated[str, Field(max_length=80, description="full legal name")]
Fact = Annotated[str, Field(max_length=80)]


class CuadPlain(BaseModel):
    """Facts of one contract."""

    parties: list[Name] = Field(max_length=6, description="who signs the contract, not who is merely mentioned")
    agreement_date: dt.date | None = Field(description="date of the contract itself, YYYY-MM-DD")
    effective_date: dt.date | None = Field(description="when it takes effect, YYYY-MM-DD")
    expiration_date: dt.date | None = Field(description="when its first term ends, YYYY-MM-DD")
    renewal_term: Fact | None = Field(description="for how long it is renewed after the first term, in a few words")
    governing_law: Fact | None = Field(description="state or country whose law governs the contract")
    notice_period: Fact | None = Field(description="how long before its end notice not to renew must be given")
    cap_on_liability: Fact | None = Field(description="what limits or excludes a party's liability, in a few words")


JOB = Job(
    name="cuad_plain",
    schema=CuadPlain,
    instruction="Extract the facts of this contract. A fact that it does not state is null.",
    sampling=Sampling("greedy", temperature=0.0),
    max_output_tokens=1000,
)
