"""Product papers compared: aspect by aspect, what is shared, what differs, what contradicts, and what to make of it."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, MUST_BE_GROUNDED, Compared, FromMembers, Job, Quoted

VALUES = "facts[].value"


class Suggestion(Quoted):
    """An idea that rests on a difference."""

    product: str = Field(max_length=60, description="the product that it is for")
    text: str = Field(max_length=200, description="how it could stand out, in one sentence")


class Comparison(BaseModel):
    """What the papers of one folder say beside each other."""

    products: Annotated[list[str], FromMembers("union", "product")] = []
    aspects: Annotated[list[Compared], FromMembers("table", VALUES, by="aspect", about="product")] = []
    shared: Annotated[list[Compared], FromMembers("shared", VALUES, by="aspect", about="product")] = []
    differences: Annotated[list[Compared], FromMembers("differences", VALUES, by="aspect", about="product")] = []
    conflicts: Annotated[list[Compared], FromMembers("conflicts", VALUES, by="aspect", about="product")] = []
    suggestions: Annotated[list[Suggestion], MUST_BE_GROUNDED] = Field(
        max_length=6, description="each quotes the line of the difference that it rests on"
    )


JOB = Job(
    name="compare_documents",
    schema=Comparison,
    instruction="Say how each product could stand out, from the differences listed in the document.",
    sampling=EXTRACTION,
    max_output_tokens=900,
    of="product_facts",
    over="folder",
)
