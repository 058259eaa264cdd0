"""Contract summary: who agreed on what, from when, for how long and under which law."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, MUST_BE_GROUNDED, Day, Job, LooksFor, Mentions, Party, Quoted


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

    parties: Annotated[
        list[Party],
        MUST_BE_GROUNDED,
        LooksFor("entered into by and between", "hereinafter referred to as", "甲方 乙方"),
    ] = Field(max_length=4, description="who signs")
    effective_date: Annotated[
        Day | None,
        MUST_BE_GROUNDED,
        LooksFor("effective date", "shall become effective", "commencement date", "生效日期 起"),
    ] = Field(description="when the contract takes effect")
    governing_law: Annotated[
        Law | None,
        MUST_BE_GROUNDED,
        LooksFor("governed by and construed in accordance with the laws of", "governing law", "适用法律 管辖"),
    ] = Field(description="whose law applies")
    term: Annotated[
        Fact | None,
        MUST_BE_GROUNDED,
        LooksFor("term of this agreement", "shall continue in effect until", "initial term of years", "期限 届满"),
    ] = Field(description="how long the contract runs")
    renewal: Annotated[
        Fact | None,
        MUST_BE_GROUNDED,
        LooksFor("renew automatically", "successive additional terms", "extended for", "续期 续签 延长"),
        Mentions(en=("renew", "extend", "extension", "successive", "perpetu"), zh=("续", "延长", "顺延")),
    ] = Field(description="how it is extended")
    payment: Annotated[
        Fact | None,
        MUST_BE_GROUNDED,
        LooksFor("shall pay", "fee", "price", "invoice due within days", "价款 费用 支付"),
    ] = Field(description="price and when it is due")
    termination: Annotated[
        Fact | None,
        MUST_BE_GROUNDED,
        LooksFor("terminate upon days written notice", "may end this agreement", "breach not cured", "解除 终止 通知"),
    ] = Field(description="who may end it, with what notice")
    liability: Annotated[
        Fact | None,
        MUST_BE_GROUNDED,
        LooksFor(
            "limitation of liability",
            "in no event shall be liable",
            "aggregate liability shall not exceed",
            "consequential incidental indirect damages",
            "赔偿责任 上限 不超过",
        ),
        Mentions(en=("liab", "damages", "lost profit", "loss of profit"), zh=("责任", "赔偿")),
    ] = Field(description="cap or exclusion")
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
