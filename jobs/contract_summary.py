"""Contract summary: who agreed on what, from when, for how long and under which law."""

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Day, Job, Party, Quoted


class Fact(Quoted):
    """A clause in a few words."""

    value: str = Field(max_length=100, description="the fact, short")


class Law(Quoted):
    """The governing law."""

    jurisdiction: str = Field(max_length=60, description="name of the state or country")


class Obligation(Quoted):
    """What one side must do."""

    party: str = Field(max_length=40, description="who is obliged")
    duty: str = Field(max_length=100, description="what it must do")


class Risk(Quoted):
    """A clause that a reviewer should look at."""

    risk: str = Field(max_length=100, description="what could go wrong, and for whom")


class ContractSummary(BaseModel):
    """Facts of one contract."""

    parties: list[Party] = Field(max_length=4, description="who signs")
    effective_date: Day | None = Field(description="when the contract takes effect")
    governing_law: Law | None = Field(description="whose law applies")
    term: Fact | None = Field(description="how long the contract runs")
    renewal: Fact | None = Field(description="how it is extended")
    payment: Fact | None = Field(description="price and when it is due")
    termination: Fact | None = Field(description="who may end it, with what notice")
    liability: Fact | None = Field(description="cap or exclusion")
    obligations: list[Obligation] = Field(max_length=3, description="main duties of each side")
    risks: list[Risk] = Field(max_length=2, description="clauses to review")
    summary: str = Field(max_length=240, description="two sentences on the whole contract")


JOB = Job(
    name="contract_summary",
    schema=ContractSummary,
    instruction="Extract the facts of this contract.",
    sampling=EXTRACTION,
    max_output_tokens=1600,
    fits="a contract between parties",
)
