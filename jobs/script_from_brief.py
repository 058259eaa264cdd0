"""Script: a short video's scenes from a brief, with picture, spoken words and seconds, also in spoken Cantonese."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import DRAFTING, STATED_NUMBERS, Checks, Computed, Job, Limits

LANGUAGE = ""  # "yue" for spoken Cantonese, "en", "zh"; empty is the brief's own


class Params(BaseModel):
    """What a run may say: `--param language=de`."""

    language: str = Field(
        default=LANGUAGE, max_length=8, description="the language to write in; empty is the brief's own"
    )


class Scene(BaseModel):
    """One scene."""

    seconds: int = Field(ge=1, le=20, description="how long it is seen")
    picture: Annotated[str, Limits(characters=120), STATED_NUMBERS] = Field(max_length=300, description="what is seen")
    voice: Annotated[str, Limits(characters=120, emoji=0), STATED_NUMBERS] = Field(
        max_length=300, description="what is spoken, short enough for its seconds"
    )


class Script(BaseModel):
    """A video of at most a minute and a half."""

    title: Annotated[str, Limits(characters=40)] = Field(max_length=120, description="of the video")
    scenes: list[Scene] = Field(min_length=2, max_length=7, description="in order, the last one as the brief ends")
    call: Annotated[str, Limits(characters=60, emoji=1), STATED_NUMBERS] = Field(
        max_length=180, description="what the viewer should do, as the last words on the screen"
    )
    length: Annotated[int | None, Computed("sum(scenes[].seconds)")] = None


JOB = Job(
    name="script_from_brief",
    schema=Script,
    instruction="Write the script of the short video that this brief asks for.",
    sampling=DRAFTING,
    max_output_tokens=2000,
    checks=Checks(short="length <= 90"),
    language=LANGUAGE,
    params=Params,
)
