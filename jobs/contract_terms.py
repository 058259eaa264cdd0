"""Contract terms: the dates, the law, the notice and the caps that a contract register keeps."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, MUST_BE_GROUNDED, Amount, Day, Job, LooksFor, Mentions, Party, Quoted


class Law(Quoted):
    """The governing law."""

    jurisdiction: str = Field(max_length=60, description="name of the state or country")


class Clause(Quoted):
    """A clause in a few words."""

    value: str = Field(max_length=80, description="in a few words, a period with its unit")


class ContractTerms(BaseModel):
    """What a contract register keeps of one contract."""

    parties: Annotated[
        list[Party],
        MUST_BE_GROUNDED,
        LooksFor("entered into by and between", "hereinafter referred to as", "甲方 乙方"),
    ] = Field(max_length=4, description="who signs the contract, not who is merely mentioned")
    agreement_date: Annotated[
        Day | None,
        MUST_BE_GROUNDED,
        LooksFor("dated as of", "made and entered into as of this day of", "date executed", "签订日期"),
    ] = Field(description="date of the contract itself")
    effective_date: Annotated[
        Day | None,
        MUST_BE_GROUNDED,
        LooksFor("effective date", "shall become effective", "commencement date", "生效日期 起"),
    ] = Field(description="when it takes effect")
    expiration: Annotated[
        Clause | None,
        MUST_BE_GROUNDED,
        LooksFor(
            "term of this agreement", "shall continue in effect until", "initial term of years", "expire", "期限 届满"
        ),
    ] = Field(description="last day or length of its first term")
    renewal: Annotated[
        Clause | None,
        MUST_BE_GROUNDED,
        LooksFor(
            "renew automatically", "successive additional terms", "extended for", "renewal term", "续期 续签 延长"
        ),
        Mentions(en=("renew", "extend", "extension", "successive", "perpetu"), zh=("续", "延长", "顺延")),
    ] = Field(description="for how long it is renewed after the first term")
    notice_period: Annotated[
        Clause | None,
        MUST_BE_GROUNDED,
        LooksFor(
            "written notice of its intention not to renew",
            "prior to the expiration of the then current term",
            "days notice of non-renewal",
            "书面通知 提前 日",
        ),
        Mentions(en=("renew", "extend", "extension"), zh=("续", "延长", "顺延")),
    ] = Field(description="how long before a term ends notice must be given that it is not renewed")
    governing_law: Annotated[
        Law | None,
        MUST_BE_GROUNDED,
        LooksFor("governed by and construed in accordance with the laws of", "governing law", "适用法律 管辖"),
    ] = Field(description="from the clause on governing law")
    price: Annotated[
        Amount | None,
        MUST_BE_GROUNDED,
        LooksFor("fee", "price", "purchase price", "shall pay", "monthly rent", "payment of", "价款 费用 元"),
    ] = Field(description="main fee")
    liability_cap: Annotated[
        Clause | None,
        MUST_BE_GROUNDED,
        LooksFor(
            "limitation of liability",
            "in no event shall be liable",
            "aggregate liability shall not exceed",
            "consequential incidental indirect damages",
            "赔偿责任 上限 不超过",
        ),
        Mentions(en=("liab", "damages", "lost profit", "loss of profit"), zh=("责任", "赔偿")),
    ] = Field(description="what limits, caps or excludes liability or damages")


JOB = Job(
    name="contract_terms",
    schema=ContractTerms,
    instruction="Extract the terms of this contract.",
    sampling=EXTRACTION,
    max_output_tokens=1200,
    fits="a contract between parties",
)
