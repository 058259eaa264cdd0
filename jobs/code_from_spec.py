"""Code from a specification: one Python module with types and docstrings, compiled and checked by mypy, never run."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import DRAFTING, TYPED_PYTHON, Job

Assumption = Annotated[str, Field(max_length=160)]


class Code(BaseModel):
    """One module."""

    code: Annotated[str, TYPED_PYTHON] = Field(
        max_length=6000,
        description="one Python module: types everywhere, a docstring in each function and class, standard library",
    )
    assumptions: list[Assumption] = Field(max_length=3, description="what the specification leaves open, if anything")


JOB = Job(
    name="code_from_spec",
    schema=Code,
    instruction="Write the Python module that this specification asks for.",
    sampling=DRAFTING,
    max_output_tokens=2400,
)
