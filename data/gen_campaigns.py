"""Write the samples of ``campaign_attribution`` and their gold: ``python data/gen_campaigns.py``.

Ten tables of campaigns, five in English and five in Chinese, as xlsx, csv, HTML
and Markdown: with periods in rows or in columns of their own, regions, totals
and titles. The numbers of the gold are added up here, in decimals. Needs
xlsxwriter for the workbooks.
"""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

DATA = Path(__file__).parent / "campaigns"
CREATED = dt.datetime(2026, 10, 1, tzinfo=dt.UTC).replace(tzinfo=None)
EN_CHANNELS = ("Search ads", "Social", "Email", "Video", "Display", "Affiliates", "Podcast")
ZH_CHANNELS = ("搜索广告", "信息流", "短视频", "邮件", "直播", "户外", "社群")
CENT, RATIO = Decimal("0.01"), Decimal("0.0001")
Cells = list[str | int | Decimal]


@dataclass(frozen=True)
class Table:
    """A table as it is written: its title, head and rows; ``total`` is a row at its end, or nothing."""

    title: str
    head: tuple[str, ...]
    rows: list[Cells]
    total: Cells | None
    drivers: list[dict[str, object]]


def long_table(
    seed: str, *, zh: bool, regions: tuple[str, ...], periods: tuple[str, ...], head: tuple[str, ...]
) -> Table:
    """A row for each period, region and channel; the change is from the last period but one to the last."""
    dice = random.Random(seed)
    channels = dice.sample(ZH_CHANNELS if zh else EN_CHANNELS, dice.randint(3, 5))
    rows: list[Cells] = []
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for period in periods:
        for region in regions or ("",):
            for channel in channels:
                spend, result = Decimal(dice.randint(20000, 900000)) / 100, Decimal(dice.randint(12, 480))
                rows.append([period, *([region] if regions else []), channel, spend, int(result)])
                kept = sums.setdefault((period, channel), [Decimal(0), Decimal(0)])
                kept[0] += spend
                kept[1] += result
    total: Cells = ["合计" if zh else "Total", *([""] if regions else []), ""]
    total += [sum((row[-2] for row in rows), Decimal(0)), sum(int(row[-1]) for row in rows)]  # type: ignore[misc]
    was, now = periods[-2:]
    drivers = driven({one: (sums[now, one], sums[was, one]) for one in channels})
    return Table("投放数据" if zh else "Campaign report", head, rows, total, drivers)


def wide_table(seed: str, *, zh: bool, head: tuple[str, ...]) -> Table:
    """A row for each channel, with what was before in columns of its own."""
    dice = random.Random(seed)
    channels = dice.sample(ZH_CHANNELS if zh else EN_CHANNELS, 5)
    rows: list[Cells] = []
    both = {}
    for channel in channels:
        now = [Decimal(dice.randint(20000, 900000)) / 100, Decimal(dice.randint(12, 480))]
        was = [Decimal(dice.randint(20000, 900000)) / 100, Decimal(dice.randint(12, 480))]
        rows.append([channel, was[0], int(was[1]), now[0], int(now[1])])
        both[channel] = (now, was)
    return Table("渠道对比" if zh else "Channels against last quarter", head, rows, None, driven(both))


def driven(both: dict[str, tuple[list[Decimal], list[Decimal]]]) -> list[dict[str, object]]:
    """What the gold says of each channel, the largest change first."""
    change = {name: now[1] - was[1] for name, (now, was) in both.items()}
    total = sum(change.values(), Decimal(0))
    order = sorted(both, key=lambda name: -abs(change[name]))
    return [
        {
            "channel": name,
            "spend": float(both[name][0][0]),
            "result": float(both[name][0][1]),
            "cost_per_result": float((both[name][0][0] / both[name][0][1]).quantize(CENT, ROUND_HALF_UP)),
            "spend_change": float(both[name][0][0] - both[name][1][0]),
            "change": float(change[name]),
            "share_of_change": float((change[name] / total).quantize(RATIO, ROUND_HALF_UP)) if total else None,
        }
        for name in order
    ]


def shown(cell: str | int | Decimal) -> str:
    """A cell as text formats have it."""
    return f"{cell:,.2f}" if isinstance(cell, Decimal) else str(cell)


def as_csv(table: Table) -> bytes:
    """The csv file: without a title."""
    out = io.StringIO()
    rows = [*table.rows, *([table.total] if table.total else [])]
    csv.writer(out).writerows([table.head, *([shown(cell) for cell in row] for row in rows)])
    return out.getvalue().encode()


def as_markdown(table: Table) -> bytes:
    """The Markdown file."""
    lines = [f"# {table.title}", "", "| " + " | ".join(table.head) + " |", "|" + " --- |" * len(table.head)]
    rows = [*table.rows, *([table.total] if table.total else [])]
    lines += ["| " + " | ".join(shown(cell) for cell in row) + " |" for row in rows]
    return ("\n".join(lines) + "\n").encode()


def as_html(table: Table) -> bytes:
    """The HTML page."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in table.head)
    rows = [*table.rows, *([table.total] if table.total else [])]
    body = "\n".join("<tr>" + "".join(f"<td>{html.escape(shown(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    title = f"<h1>{html.escape(table.title)}</h1>"
    return f"<!DOCTYPE html><html><body>{title}\n<table><tr>{head}</tr>\n{body}</table></body></html>\n".encode()


def as_xlsx(table: Table) -> bytes:
    """The workbook: its title above the table, sums of money in their format, the total as a formula."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": CREATED})
        sheet, money = book.add_worksheet("Data"), book.add_format({"num_format": "#,##0.00"})
        sheet.write(0, 0, table.title)
        sheet.write_row(2, 0, table.head)
        for at, row in enumerate(table.rows, 3):
            for column, cell in enumerate(row):
                is_money = isinstance(cell, Decimal)
                sheet.write(at, column, float(cell) if is_money else cell, money if is_money else None)
        last = 3 + len(table.rows)
        for column, cell in enumerate(table.total or ()):
            letter = chr(ord("A") + column)
            if isinstance(cell, str):
                sheet.write(last, column, cell)
            else:
                look = money if isinstance(cell, Decimal) else None
                sheet.write_formula(last, column, f"=SUM({letter}4:{letter}{last})", look, float(cell))
    return out.getvalue()


MONTHS, QUARTERS, ZH_MONTHS = ("2026-07", "2026-08", "2026-09"), ("Q2 2026", "Q3 2026"), ("7月", "8月", "9月")
EN_HEAD = ("Month", "Region", "Channel", "Spend", "Conversions")
ZH_HEAD = ("月份", "地区", "渠道", "花费", "转化数")
TABLES: tuple[tuple[str, Callable[[Table], bytes], Table], ...] = (
    ("shoes_en.xlsx", as_xlsx, long_table("a", zh=False, regions=("North", "South"), periods=MONTHS, head=EN_HEAD)),
    ("games_en.csv", as_csv, long_table("b", zh=False, regions=("East", "West"), periods=MONTHS, head=EN_HEAD)),
    (
        "courses_en.html",
        as_html,
        long_table("c", zh=False, regions=(), periods=QUARTERS, head=("Quarter", "Channel", "Cost", "Leads")),
    ),
    (
        "tea_en.md",
        as_markdown,
        wide_table("d", zh=False, head=("Channel", "Previous spend", "Previous orders", "Spend", "Orders")),
    ),
    (
        "travel_en.xlsx",
        as_xlsx,
        long_table(
            "e",
            zh=False,
            regions=("UK", "Ireland", "Malta"),
            periods=MONTHS[1:],
            head=("Period", "Market", "Channel", "Spend", "Orders"),
        ),
    ),
    ("kettle_zh.xlsx", as_xlsx, long_table("f", zh=True, regions=("华东", "华南"), periods=ZH_MONTHS, head=ZH_HEAD)),
    ("skincare_zh.csv", as_csv, long_table("g", zh=True, regions=("北京", "上海"), periods=MONTHS, head=ZH_HEAD)),
    (
        "snacks_zh.html",
        as_html,
        long_table("h", zh=True, regions=(), periods=ZH_MONTHS, head=("月份", "渠道", "费用", "订单数")),
    ),
    ("toys_zh.md", as_markdown, wide_table("i", zh=True, head=("渠道", "上期花费", "上期转化数", "花费", "转化数"))),
    (
        "phones_zh.xlsx",
        as_xlsx,
        long_table(
            "j",
            zh=True,
            regions=("一线", "二线"),
            periods=ZH_MONTHS[1:],
            head=("月份", "区域", "平台", "消耗", "成交数"),
        ),
    ),
)


def gold_line(name: str, drivers: Sequence[dict[str, object]]) -> str:
    """What the gold says of one document, as ``qwen-batch eval`` reads it."""
    keys = ("channel", "spend", "result", "cost_per_result", "spend_change", "change", "share_of_change")
    fields = {f"drivers[].{key}": [one[key] for one in drivers] for key in keys}
    return json.dumps({"source": f"samples/{name}", "fields": fields}, ensure_ascii=False)


def main() -> None:
    """Write all of them."""
    folder = DATA / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    for name, write, table in TABLES:
        (folder / name).write_bytes(write(table))
    lines = [gold_line(name, table.drivers) for name, _, table in sorted(TABLES, key=lambda one: one[0])]
    (DATA / "gold.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
