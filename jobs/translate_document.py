"""Translated document: passage by passage and in order, as Markdown, with the document's numbers, dates and tables."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import DRAFTING, SAME_SHAPE, Glossary, Job, Keeps, Passages, Reduce

TARGET = "zh"
TERMS_EN = {"合同": "contract", "报告": "report"}
TERMS_ZH = {"Agreement": "协议", "Supplier": "供应商"}


class Params(BaseModel):
    """What a run may say: `--param language=de`."""

    language: str = Field(default=TARGET, max_length=8, description="the language to write in")


class Translation(BaseModel):
    """One document in another language."""

    text: Annotated[
        str,
        Reduce("in_order"),
        Keeps("numbers", "dates"),
        Glossary(en=TERMS_EN, zh=TERMS_ZH),
        SAME_SHAPE,
    ] = Field(max_length=2400, description="the whole document, every sentence and every row of it")


JOB = Job(
    name="translate_document",
    schema=Translation,
    instruction="Translate this part of a document.",
    sampling=DRAFTING,
    max_output_tokens=1000,
    language=TARGET,
    params=Params,
    passages=Passages(tokens=240, terms=12),
)
