"""Policy or regulation: who must do what by when, with the clause that says so."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, MUST_BE_GROUNDED, Day, Job, LooksFor, Quoted


class Title(Quoted):
    """What the document calls itself."""

    value: str = Field(max_length=120, description="as printed")


class Obligation(Quoted):
    """A duty or a prohibition of somebody."""

    who: str = Field(max_length=50, description="who is bound")
    what: str = Field(max_length=110, description="what they must do or must not do, without when")
    deadline: str | None = Field(max_length=50, description="the words that say until when, how soon or how often")
    clause: str | None = Field(max_length=16, description="its number as printed, such as 4.2 or Article 5")


class PolicyObligations(BaseModel):
    """The duties that a policy lays down."""

    title: Annotated[
        Title | None, MUST_BE_GROUNDED, LooksFor("policy", "regulation on", "by-law", "办法 规定 制度 守则")
    ] = Field(description="name of the policy or regulation")
    effective_date: Annotated[
        Day | None,
        MUST_BE_GROUNDED,
        LooksFor("effective from", "enters into force on", "applies from", "valid from", "起施行 生效日期"),
    ] = Field(description="from when it applies, not when it was adopted")
    obligations: Annotated[
        list[Obligation],
        MUST_BE_GROUNDED,
        LooksFor("must", "shall", "is required to", "must not", "应当 必须 不得"),
    ] = Field(max_length=30, description="every duty and prohibition in order, not what somebody may do")


JOB = Job(
    name="policy_obligations",
    schema=PolicyObligations,
    instruction="Extract the obligations that this text lays down.",
    sampling=EXTRACTION,
    max_output_tokens=4600,
    fits="a policy, a regulation or other rules",
)
