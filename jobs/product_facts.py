"""Product facts: what a product paper states of each aspect, of its own product and of others."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, MUST_BE_GROUNDED, Job, Quoted


class Fact(Quoted):
    """One statement of a paper."""

    product: str = Field(max_length=40, description="the product that it is about")
    aspect: str = Field(max_length=40, description="what it is about, by its usual short name: weight, warranty, price")
    value: str = Field(max_length=60, description="as stated, with its unit")


class ProductFacts(BaseModel):
    """What one product paper states."""

    product: str | None = Field(max_length=60, description="the product that the paper presents")
    facts: Annotated[list[Fact], MUST_BE_GROUNDED] = Field(
        max_length=70, description="every feature, figure and property stated, from tables and sentences, each once"
    )


JOB = Job(
    name="product_facts",
    schema=ProductFacts,
    instruction="List all facts that this product paper states.",
    sampling=EXTRACTION,
    max_output_tokens=7500,
)
