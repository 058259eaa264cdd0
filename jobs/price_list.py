"""Price list: every row of it, in order, with its number, name, unit, price and the day from which it holds."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Computed, Job, LooksFor, Rows


class PriceLine(BaseModel):
    """One thing that is sold."""

    item: Annotated[str | None, LooksFor("item number", "article", "货号", "编号")] = Field(
        max_length=40, description="item number"
    )
    name: Annotated[str, LooksFor("description", "product", "品名", "名称")] = Field(
        max_length=120, description="what is sold"
    )
    unit: Annotated[str | None, LooksFor("unit", "单位")] = Field(
        max_length=20, description="unit that the price is for"
    )
    price: Annotated[float, LooksFor("unit price", "price", "单价", "价格")] = Field(description="price of one unit")
    currency: Annotated[str | None, LooksFor("currency", "币种")] = Field(max_length=12, description="its code or sign")
    valid_from: Annotated[dt.date | None, LooksFor("valid from", "生效日期")] = Field(
        description="first day on which the price holds"
    )


class PriceList(BaseModel):
    """All prices of one document."""

    lines: Annotated[list[PriceLine], Rows(asked=24)] = Field(
        max_length=20_000, description="what is sold, with its price"
    )
    count: Annotated[int | None, Computed("count(lines)")] = None
    highest: Annotated[float | None, Computed("max(lines[].price)")] = None


JOB = Job(
    name="price_list",
    schema=PriceList,
    instruction="List all that is sold in this price list.",
    sampling=EXTRACTION,
    max_output_tokens=3000,
    fits="a price list or a catalogue with prices",
)
