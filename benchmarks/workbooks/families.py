"""What stands in the sixty workbooks, and what is asked of each: six families of ten, from seeds.

Knows nothing of reading. Two workbooks of each family have a wrong total.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from decimal import Decimal

from benchmarks.workbooks.made import Block, Question, Row, SheetSpec, Slots, Workbook, Wrong

A_FAMILY = 10
WITH_WRONG_TOTAL = (3, 7)
"""The workbooks of a family, by number, with a wrong total: the first as a number, the second behind a formula."""
MONTHS = ("2026-07", "2026-08", "2026-09")


def workbooks() -> Iterator[Workbook]:
    """All of them, the same each time."""
    for name, make in FAMILIES.items():
        for number in range(A_FAMILY):
            yield make(f"{name}_{number}", random.Random(f"{name} {number}"), number)  # noqa: S311


def _money(dice: random.Random, low: int, high: int) -> Decimal:
    return Decimal(dice.randint(low * 100, high * 100)) / 100


def _wrong(number: int, sheet: str, column: str, block: int | None, by: str) -> Wrong | None:
    if number not in WITH_WRONG_TOTAL:
        return None
    return Wrong(sheet, column, block, Decimal(by), is_formula=number == WITH_WRONG_TOTAL[1])


def _campaigns(name: str, dice: random.Random, number: int) -> Workbook:
    """A month, a region and a channel each row; a subtotal a region."""
    channels = dice.sample(("Search", "Social", "Video", "Email", "Display", "Affiliates"), 4)
    regions = dice.sample(("North", "South", "East", "West"), 3)
    blocks = tuple(
        Block(
            tuple(
                (month, region, channel, _money(dice, 200, 9000), dice.randint(80, 4000), dice.randint(3, 300))
                for month in MONTHS
                for channel in channels
            ),
            f"Subtotal {region}",
        )
        for region in regions
    )
    sheet = SheetSpec(
        "Campaigns",
        ("Month", "Region", "Channel", "Spend", "Clicks", "Conversions"),
        blocks,
        ("Spend", "Clicks", "Conversions"),
        "Grand total",
        f"Campaign results {2026}",
        {"Spend": '#,##0.00 "EUR"', "Clicks": "#,##0"},
    )
    one, other = channels[0], channels[1]
    asked = (
        ("What was spent in all?", Slots("sum", "Spend")),
        (f"What was spent on {one}?", Slots("sum", "Spend", (("Channel", "=", one),))),
        (f"How many conversions had {regions[0]}?", Slots("sum", "Conversions", (("Region", "=", regions[0]),))),
        (
            f"How many clicks had {other} in {MONTHS[1]}?",
            Slots("sum", "Clicks", (("Channel", "=", other), ("Month", "=", MONTHS[1]))),
        ),
        ("What was spent by channel?", Slots("sum", "Spend", (), "Channel")),
        ("What is the highest spend of a row?", Slots("max", "Spend")),
    )
    planted = _wrong(number, "Campaigns", "Spend", None if number == WITH_WRONG_TOTAL[0] else 1, "-270.00")
    return Workbook(name, (sheet,), _questions("Campaigns", asked), planted, ("Spend is net of tax.",))


def _sales_zh(name: str, dice: random.Random, number: int) -> Workbook:
    """Sales in Chinese: quantity times price, some rows hidden."""
    products = dice.sample(("保温杯", "电热水壶", "空气炸锅", "加湿器", "台灯", "电饭煲"), 4)
    cities = dice.sample(("上海", "北京", "广州", "深圳", "成都"), 3)
    rows: list[Row] = []
    for city in cities:
        for product in products:
            quantity, price = dice.randint(5, 400), _money(dice, 39, 899)
            rows.append((city, product, quantity, price, quantity * price))
    hidden = frozenset(dice.sample(range(len(rows)), 2)) if number % 2 else frozenset()
    sheet = SheetSpec(
        "销售明细",
        ("城市", "产品", "数量", "单价", "金额"),
        (Block(tuple(rows)),),
        ("数量", "金额"),
        "合计",
        "",
        {"单价": '"¥"#,##0.00', "金额": '"¥"#,##0.00'},
        {"金额": "{C}*{D}"},
        hidden,
    )
    targets = SheetSpec(
        "目标",
        ("城市", "目标金额"),
        (Block(tuple((city, dice.randint(100, 900) * 1000) for city in cities)),),
        ("目标金额",),
        "总计",
    )
    asked = (
        ("销售总金额是多少？", Slots("sum", "金额")),
        (f"{cities[0]}的销售金额是多少？", Slots("sum", "金额", (("城市", "=", cities[0]),))),
        (f"{products[0]}卖出多少件？", Slots("sum", "数量", (("产品", "=", products[0]),))),
        ("平均单价是多少？", Slots("average", "单价")),
        ("各城市的销售金额是多少？", Slots("sum", "金额", (), "城市")),
    )
    target = Question("目标金额合计是多少？", "目标", Slots("sum", "目标金额"))
    planted = _wrong(number, "销售明细", "金额", None, "1000")
    return Workbook(name, (sheet, targets), (*_questions("销售明细", asked), target), planted)


def _expenses(name: str, dice: random.Random, number: int) -> Workbook:
    """Days, departments and a column of currencies; a sheet for each of two months."""
    departments = dice.sample(("Finance", "Legal", "Research", "Support", "Sales"), 3)
    kinds = dice.sample(("Travel", "Software", "Training", "Hardware"), 3)
    sheets = []
    for month, label in ((8, "August"), (9, "September")):
        rows = tuple(
            (
                dt.date(2026, month, dice.randint(1, 28)),
                dice.choice(departments) if at >= len(departments) else departments[at],
                dice.choice(kinds) if at >= len(kinds) else kinds[at],
                "EUR" if at % 3 else "USD",
                _money(dice, 10, 3000),
            )
            for at in range(24)
        )
        euros = tuple(row for row in rows if row[3] == "EUR")
        dollars = tuple(row for row in rows if row[3] == "USD")
        sheets.append(
            SheetSpec(
                label,
                ("Date", "Department", "Kind", "Currency", "Amount"),
                (Block(euros, "Total EUR"), Block(dollars, "Total USD")),
                ("Amount",),
                "",
                f"Expenses of {label}",
                {"Amount": "#,##0.00"},
            )
        )
    euro = ("Currency", "=", "EUR")
    asked = (
        ("How much was spent in euros?", Slots("sum", "Amount", (euro,))),
        ("How much was spent in dollars?", Slots("sum", "Amount", (("Currency", "=", "USD"),))),
        (
            f"How much did {departments[0]} spend in euros?",
            Slots("sum", "Amount", (euro, ("Department", "=", departments[0]))),
        ),
        ("How many expenses of more than 1000 are there?", Slots("count", "Amount", (("Amount", ">", "1000"),))),
        ("What was spent in euros by kind?", Slots("sum", "Amount", (euro,), "Kind")),
    )
    later = Question("How much was spent in euros in August?", "August", Slots("sum", "Amount", (euro,)))
    planted = _wrong(number, "September", "Amount", 0, "90.00")
    return Workbook(name, tuple(sheets), (*_questions("September", asked), later), planted)


def _stock(name: str, dice: random.Random, number: int) -> Workbook:
    """Stock at a unit cost: the value is a formula, and some rows are hidden."""
    places = ("Leeds", "York", "Hull")
    rows: list[Row] = []
    for at in range(30):
        count, cost = dice.randint(0, 900), _money(dice, 1, 120)
        rows.append((f"A{1000 + at}", f"Part {at + 1}", places[at % 3], count, cost, count * cost))
    hidden = frozenset(dice.sample(range(30), 3)) if number % 2 == 0 else frozenset()
    sheet = SheetSpec(
        "Stock",
        ("Item", "Name", "Warehouse", "On hand", "Unit cost", "Value"),
        (Block(tuple(rows)),),
        ("On hand", "Value"),
        "Total",
        "Stock on 30 September 2026",
        {"Unit cost": '"$"#,##0.00', "Value": '"$"#,##0.00', "On hand": "#,##0"},
        {"Value": "{D}*{E}"},
        hidden,
    )
    asked = (
        ("What is all stock worth?", Slots("sum", "Value")),
        (f"What is the stock in {places[0]} worth?", Slots("sum", "Value", (("Warehouse", "=", places[0]),))),
        (f"How many pieces are in {places[1]}?", Slots("sum", "On hand", (("Warehouse", "=", places[1]),))),
        ("What does the most expensive part cost?", Slots("max", "Unit cost")),
        ("How many items have less than 50 pieces?", Slots("count", "Item", (("On hand", "<", "50"),))),
        ("What is the stock worth by warehouse?", Slots("sum", "Value", (), "Warehouse")),
    )
    return Workbook(name, (sheet,), _questions("Stock", asked), _wrong(number, "Stock", "Value", None, "-1800.00"))


def _budget(name: str, dice: random.Random, number: int) -> Workbook:
    """Budget against actual by department: a difference and a share in percent, both formulas."""
    sheets = []
    for quarter in ("Q2", "Q3"):
        rows: list[Row] = []
        for department in ("Marketing", "Research", "Operations", "Finance", "People", "Legal"):
            budget, actual = Decimal(dice.randint(20, 400) * 1000), _money(dice, 20000, 400000)
            rows.append((department, budget, actual, actual - budget, actual / budget))
        sheets.append(
            SheetSpec(
                quarter,
                ("Department", "Budget", "Actual", "Difference", "Used"),
                (Block(tuple(rows)),),
                ("Budget", "Actual", "Difference"),
                "Total",
                "",
                {"Budget": "#,##0", "Actual": "#,##0", "Difference": "#,##0;-#,##0", "Used": "0.0%"},
                {"Difference": "{C}-{B}", "Used": "{C}/{B}"},
            )
        )
    asked = (
        ("What is the budget of all departments in Q3?", Slots("sum", "Budget")),
        ("What was actually spent in Q3?", Slots("sum", "Actual")),
        ("What did Research actually spend in Q3?", Slots("sum", "Actual", (("Department", "=", "Research"),))),
        ("What is the highest share used in Q3?", Slots("max", "Used")),
        ("How many departments spent more than 100000 in Q3?", Slots("count", "Actual", (("Actual", ">", "100000"),))),
    )
    earlier = Question("What was actually spent in Q2?", "Q2", Slots("sum", "Actual"))
    planted = _wrong(number, "Q3", "Actual", None, "9900")
    return Workbook(name, tuple(sheets), (*_questions("Q3", asked), earlier), planted)


def _payroll(name: str, dice: random.Random, number: int) -> Workbook:
    """Three sites with a subtotal each, and hours beside pay."""
    sites = ("Oslo", "Bergen", "Tromsø")
    roles = ("Driver", "Loader", "Clerk")
    blocks = tuple(
        Block(
            tuple(
                (site, f"{site[:2].upper()}-{at + 1}", roles[at % 3], dice.randint(60, 190), _money(dice, 1500, 5200))
                for at in range(6)
            ),
            f"Sum {site}",
        )
        for site in sites
    )
    sheet = SheetSpec(
        "Payroll",
        ("Site", "Staff no.", "Role", "Hours", "Gross pay"),
        blocks,
        ("Hours", "Gross pay"),
        "Total",
        "Payroll for September 2026",
        {"Gross pay": '#,##0.00 "NOK"'},
    )
    asked = (
        ("What is the gross pay in all?", Slots("sum", "Gross pay")),
        ("What is the gross pay of Bergen?", Slots("sum", "Gross pay", (("Site", "=", "Bergen"),))),
        ("How many hours did drivers work?", Slots("sum", "Hours", (("Role", "=", "Driver"),))),
        ("What is the average gross pay of clerks?", Slots("average", "Gross pay", (("Role", "=", "Clerk"),))),
        ("How many people are paid?", Slots("count", "Staff no.")),
        ("How many hours were worked by site?", Slots("sum", "Hours", (), "Site")),
    )
    planted = _wrong(number, "Payroll", "Hours", 2 if number == WITH_WRONG_TOTAL[0] else None, "18")
    return Workbook(name, (sheet,), _questions("Payroll", asked), planted)


def _questions(sheet: str, asked: tuple[tuple[str, Slots], ...]) -> tuple[Question, ...]:
    return tuple(Question(words, sheet, slots) for words, slots in asked)


FAMILIES: dict[str, Callable[[str, random.Random, int], Workbook]] = {
    "campaigns": _campaigns,
    "sales_zh": _sales_zh,
    "expenses": _expenses,
    "stock": _stock,
    "budget": _budget,
    "payroll": _payroll,
}
