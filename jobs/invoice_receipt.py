"""Invoice or receipt: who was paid how much, for what, when and where; lines and sums are held against each other."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Amount, Checks, Computed, Day, Job, LooksFor, Quoted, Rows


class Company(Quoted):
    """The seller."""

    name: str = Field(max_length=80, description="as printed")


class Address(Quoted):
    """A postal address."""

    text: str = Field(max_length=150, description="as printed, on one line")


class Line(BaseModel):
    """One thing that was sold."""

    name: Annotated[str, LooksFor("description", "item", "品名", "项目名称")] = Field(
        max_length=80, description="what was sold"
    )
    quantity: Annotated[float | None, LooksFor("quantity", "数量")] = Field(description="how many")
    price: Annotated[float | None, LooksFor("unit price", "单价")] = Field(description="price of one")
    amount: Annotated[float | None, LooksFor("amount", "line total", "金额")] = Field(description="sum of the line")


class InvoiceReceipt(BaseModel):
    """The facts of one invoice or receipt."""

    company: Company | None = Field(description="seller")
    date: Day | None = Field(description="day of issue")
    address: Address | None = Field(description="where the seller is")
    total: Amount | None = Field(description="sum to pay, tax included")
    subtotal: Amount | None = Field(description="sum before tax, where it is printed")
    tax: Amount | None = Field(description="tax, where it is printed")
    lines: Annotated[list[Line], Rows(asked=16)] = Field(max_length=2000, description="what was sold, a line each")
    lines_sum: Annotated[float | None, Computed("sum(lines[].amount)")] = None


JOB = Job(
    name="invoice_receipt",
    schema=InvoiceReceipt,
    instruction="Extract the facts of this receipt.",
    sampling=EXTRACTION,
    max_output_tokens=1800,
    fits="an invoice or a receipt",
    checks=Checks(
        amounts="lines[].amount == round(lines[].quantity * lines[].price, 2)",
        subtotal="lines_sum == subtotal",
        total="subtotal + tax == total",
    ),
)
