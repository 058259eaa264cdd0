"""The plain way beside translate_document: all of a document in one prompt, and nothing checked."""

from pydantic import BaseModel, Field

from qwen_batch import DRAFTING, Job

TARGET = "zh"


class Whole(BaseModel):
    """One document in another language."""

    text: str = Field(max_length=9000, description="the whole document, its Markdown kept")


JOB = Job(
    name="translate_whole",
    schema=Whole,
    instruction="Translate this document.",
    sampling=DRAFTING,
    max_output_tokens=3000,
    language=TARGET,
)
