"""Social post: what a finding means to readers, from the row of another job, short, with its own numbers alone."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import DRAFTING, STATED_NUMBERS, Job, Limits

OF = "campaign_attribution"  # whose rows become posts
Tag = Annotated[str, Limits(characters=24, emoji=0), STATED_NUMBERS, Field(max_length=60)]


class SocialPost(BaseModel):
    """One post."""

    text: Annotated[str, Limits(characters=240, emoji=2), STATED_NUMBERS] = Field(
        max_length=600, description="the most surprising finding and what it means, without hashtags"
    )
    hashtags: list[Tag] = Field(max_length=3, description="one word each, without #")


JOB = Job(
    name="social_post",
    schema=SocialPost,
    instruction="Write a post on what matters most in these findings.",
    sampling=DRAFTING,
    max_output_tokens=400,
    of=OF,
)
