"""Contract basics: who agreed, from when, for how long, for how much and under which law."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import MUST_BE_GROUNDED, Amount, Day, Job, LooksFor, Mentions, Party, Quote, Quoted, Sampling


class Term(BaseModel):
    """How long the contract runs."""

    value: str = Field(max_length=40, description="length of time as printed, such as five years")
    quote: Quote


class Law(Quoted):
    """The governing law."""

    jurisdiction: str = Field(max_length=60, description="name of the state or country")


class ContractBasics(BaseModel):
    """The five facts of a contract that are asked for first."""

    parties: Annotated[
        list[Party],
        MUST_BE_GROUNDED,
        LooksFor("entered into by and between", "hereinafter referred to as", "甲方 乙方"),
    ] = Field(max_length=2, description="the companies and persons between whom the contract is made")
    effective_date: Annotated[
        Day | None,
        MUST_BE_GROUNDED,
        LooksFor("effective date", "shall become effective", "takes effect on", "生效日期 起"),
        Mentions(en=("effect", "force", "commence", "begin"), zh=("生效",)),
    ] = Field(description="the day after words such as takes effect on, effective as of, in force from")
    term: Annotated[
        Term | None,
        LooksFor("term of this agreement", "shall continue for", "lasts from", "期限 有效期"),
        Mentions(en=("term", "last", "continue", "run", "in force"), zh=("期限", "有效期")),
    ] = Field(description="how long the contract runs")
    price: Annotated[
        Amount | None,
        MUST_BE_GROUNDED,
        LooksFor("fee", "price", "shall pay", "monthly rent", "价款 费用 元"),
        Mentions(en=("shall pay", "fee", "total price", "charge of", "monthly rent"), zh=("价", "费", "支付")),
    ] = Field(description="main fee or price")
    governing_law: Annotated[
        Law | None,
        MUST_BE_GROUNDED,
        LooksFor("governed by and construed in accordance with the laws of", "governing law", "适用法律 管辖"),
        Mentions(en=("governed", "construed", "law"), zh=("法律",)),
    ] = Field(description="whose law applies")


JOB = Job(
    name="contract_basics",
    schema=ContractBasics,
    instruction="Extract the facts of this contract.",
    sampling=Sampling("exact", temperature=0.0),
    max_output_tokens=600,
    fits="a contract between parties",
)
