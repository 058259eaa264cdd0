"""Localised copy: a post or an advert said for readers of another language, short, with every number and date."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import DRAFTING, REWORDED, Glossary, Job, Keeps, Limits

TARGET = "zh"
TERMS_EN = {"会员日": "Member Day", "以旧换新": "trade-in", "早鸟": "Early Bird"}
TERMS_ZH = {"Early Bird": "早鸟", "Click & Collect": "到店自提", "Member Day": "会员日", "trade-in": "以旧换新"}


class Params(BaseModel):
    """What a run may say: `--param language=de`."""

    language: str = Field(default=TARGET, max_length=8, description="the language to write in")


class LocalisedCopy(BaseModel):
    """One text, localised."""

    text: Annotated[
        str,
        Limits(characters=120, emoji=2),
        Keeps("numbers", "dates"),
        Glossary(en=TERMS_EN, zh=TERMS_ZH),
        REWORDED,
    ] = Field(max_length=400, description="what the text says, as readers there would say it, not word by word")


JOB = Job(
    name="localise_copy",
    schema=LocalisedCopy,
    instruction="Say this post for readers of the other language.",
    sampling=DRAFTING,
    max_output_tokens=300,
    language=TARGET,
    params=Params,
)
