"""Slides: the outline of a short talk from the row of another job, a title and a few points a slide."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import DRAFTING, STATED_NUMBERS, Job, Limits

OF = "campaign_attribution"  # whose rows become slides
Point = Annotated[str, Limits(characters=90), STATED_NUMBERS, Field(max_length=240)]


class Slide(BaseModel):
    """One slide."""

    title: Annotated[str, Limits(characters=50)] = Field(max_length=150, description="what the slide says")
    points: list[Point] = Field(max_length=4, description="in a few words each")


class SlideOutline(BaseModel):
    """A talk of a few minutes."""

    title: Annotated[str, Limits(characters=70)] = Field(max_length=180, description="of the whole talk")
    slides: list[Slide] = Field(max_length=6, description="in order: what was found, what it rests on, what to do")
    message: Annotated[str, Limits(characters=120), STATED_NUMBERS] = Field(
        max_length=300, description="the one sentence that people should remember"
    )


JOB = Job(
    name="slide_outline",
    schema=SlideOutline,
    instruction="Outline slides from these findings.",
    sampling=DRAFTING,
    max_output_tokens=3000,
    of=OF,
)
