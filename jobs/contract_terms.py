"""Contract terms: the dates, the law, the notice and the caps that a contract register keeps."""

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Amount, Day, Job, Party, Quoted


class Law(Quoted):
    """The governing law."""

    jurisdiction: str = Field(max_length=60, description="name of the state or country")


class Clause(Quoted):
    """A clause in a few words."""

    value: str = Field(max_length=80, description="the fact, short")


class ContractTerms(BaseModel):
    """What a contract register keeps of one contract."""

    parties: list[Party] = Field(max_length=4, description="who signs")
    agreement_date: Day | None = Field(description="when it was made or signed")
    effective_date: Day | None = Field(description="when it takes effect")
    expiration: Clause | None = Field(description="date or time span after which it ends")
    renewal: Clause | None = Field(description="how it is extended")
    notice_period: Clause | None = Field(description="notice needed to stop a renewal or to end it")
    governing_law: Law | None = Field(description="whose law applies")
    price: Amount | None = Field(description="main fee")
    liability_cap: Clause | None = Field(description="most that a party may owe")


JOB = Job(
    name="contract_terms",
    schema=ContractTerms,
    instruction="Extract the terms of this contract.",
    sampling=EXTRACTION,
    max_output_tokens=1200,
)
