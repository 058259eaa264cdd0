"""Polished copy: a draft of a post or an advert said better, short, with every fact that it states."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import DRAFTING, REWORDED, Glossary, Job, Keeps, Limits

TERMS = ("Early Bird", "Click & Collect", "会员日", "以旧换新")  # stay as written wherever a draft has them


class PolishedCopy(BaseModel):
    """One draft, polished."""

    text: Annotated[
        str,
        Limits(characters=120, emoji=2),
        Keeps("numbers", "dates", "names"),
        Glossary(*TERMS),
        REWORDED,
    ] = Field(max_length=400, description="the draft said better and shorter, in one or two sentences")


JOB = Job(
    name="polish_copy",
    schema=PolishedCopy,
    instruction="Polish this draft of a post: lively, clear, without filler.",
    sampling=DRAFTING,
    max_output_tokens=300,
)
