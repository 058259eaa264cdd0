"""Report outline: the sections with their points, the key figures and what stays open."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import DRAFTING, WHOLE_DOCUMENT, Job, Quoted

Sentence = Annotated[str, Field(max_length=100)]


class Section(BaseModel):
    """One section of the document."""

    heading: str = Field(max_length=80, description="heading as printed")
    points: list[Sentence] = Field(max_length=2, description="main points, in a few words each")


class Figure(Quoted):
    """A number that matters."""

    label: str = Field(max_length=60, description="what is measured")
    value: str = Field(max_length=40, description="number with its unit")


class ReportOutline(BaseModel):
    """Outline of one document."""

    title: Annotated[str, WHOLE_DOCUMENT] = Field(max_length=120, description="title of the document")
    sections: Annotated[list[Section], WHOLE_DOCUMENT] = Field(
        max_length=16, description="main sections in order, each heading as printed, none left out"
    )
    key_figures: Annotated[list[Figure], WHOLE_DOCUMENT] = Field(max_length=3, description="numbers that matter most")
    open_questions: Annotated[list[Sentence], WHOLE_DOCUMENT] = Field(
        max_length=2, description="what the document leaves open"
    )


JOB = Job(
    name="report_outline",
    schema=ReportOutline,
    instruction="Outline this document.",
    sampling=DRAFTING,
    max_output_tokens=2200,
    fits="a report, a study or another text in sections",
)
