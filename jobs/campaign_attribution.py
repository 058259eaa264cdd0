"""Campaign attribution: what each channel cost and brought, and what share it has in the change of the result.

Numbers are computed from all rows of the workbook; the model writes what they mean and what to do about it.
"""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import DRAFTING, GroupedBy, Job, LooksFor, PerGroup, Rows


class Params(BaseModel):
    """Which rows of the workbook are looked at."""

    region: str | None = Field(default=None, max_length=60, description="a region of the table; all if left out")
    category: str | None = Field(default=None, max_length=60, description="a category of the table; all if left out")
    period: str | None = Field(default=None, max_length=40, description="as the table writes it, else the last")


class CampaignRow(BaseModel):
    """One row of the table."""

    channel: Annotated[str, LooksFor("channel", "medium", "source", "platform", "渠道", "媒体", "平台")] = Field(
        max_length=60, description="where it was advertised"
    )
    period: Annotated[str | None, LooksFor("month", "period", "week", "quarter", "月份", "期间", "季度", "周")] = Field(
        max_length=40, description="month, week or quarter"
    )
    region: Annotated[str | None, LooksFor("region", "market", "country", "area", "地区", "区域", "市场")] = Field(
        max_length=60, description="where it ran"
    )
    category: Annotated[str | None, LooksFor("category", "product line", "品类", "产品线", "类别")] = Field(
        max_length=60, description="what was advertised"
    )
    spend: Annotated[float | None, LooksFor("spend", "cost", "media spend", "花费", "费用", "消耗")] = Field(
        description="what it cost"
    )
    result: Annotated[
        float | None,
        LooksFor("conversions", "results", "orders", "leads", "sales", "转化数", "转化", "订单数", "成交数"),
    ] = Field(description="what it brought: orders, leads, conversions")
    previous_spend: Annotated[float | None, LooksFor("previous spend", "spend before", "上期花费", "上期费用")] = Field(
        description="what it cost in the period before, where a column says so"
    )
    previous_result: Annotated[
        float | None,
        LooksFor("previous conversions", "previous orders", "上期转化数", "上期订单数"),
    ] = Field(description="what it brought in the period before, where a column says so")


class Driver(BaseModel):
    """One channel with its part in the result."""

    channel: str = Field(max_length=60, description="a channel of the computed facts")
    finding: str | None = Field(max_length=160, description="what its numbers say, in one sentence, with numbers")
    action: str | None = Field(max_length=100, description="what to do about it, in one sentence")
    spend: Annotated[float | None, PerGroup("sum(now[].spend)")] = None
    result: Annotated[float | None, PerGroup("sum(now[].result)")] = None
    cost_per_result: Annotated[float | None, PerGroup("round(spend / result, 2)")] = None
    spend_change: Annotated[float | None, PerGroup("sum(now[].spend) - sum(before[].spend)")] = None
    change: Annotated[float | None, PerGroup("sum(now[].result) - sum(before[].result)")] = None
    share_of_change: Annotated[float | None, PerGroup("round(change / total.change, 4)")] = None


class CampaignAttribution(BaseModel):
    """What drove the result of a campaign."""

    lines: Annotated[list[CampaignRow], Rows(asked=8)] = Field(max_length=20_000, description="all rows of the table")
    drivers: Annotated[
        list[Driver],
        GroupedBy("lines", key="channel", period="period", where=("region", "category"), order="change"),
    ] = Field(max_length=16, description="each channel of the computed facts, once")
    summary: str = Field(max_length=300, description="what changed and which channel drove it, with numbers")


JOB = Job(
    name="campaign_attribution",
    schema=CampaignAttribution,
    instruction="Say what the computed facts mean: a finding and an action for each channel, then a summary.",
    sampling=DRAFTING,
    max_output_tokens=3400,
    fits="a table of what advertising cost and brought",
    workbook=True,
    params=Params,
)
