"""Invoice or receipt: who was paid how much, when and where."""

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Amount, Day, Job, Quoted


class Company(Quoted):
    """The seller."""

    name: str = Field(max_length=80, description="as printed")


class Address(Quoted):
    """A postal address."""

    text: str = Field(max_length=150, description="as printed, on one line")


class InvoiceReceipt(BaseModel):
    """The facts of one invoice or receipt."""

    company: Company | None = Field(description="seller")
    date: Day | None = Field(description="day of issue")
    address: Address | None = Field(description="where the seller is")
    total: Amount | None = Field(description="sum to pay, tax included")


JOB = Job(
    name="invoice_receipt",
    schema=InvoiceReceipt,
    instruction="Extract the facts of this receipt.",
    sampling=EXTRACTION,
    max_output_tokens=400,
    fits="an invoice or a receipt",
)
